/// The way from other ports to the devices on RS485 behind the meter: HDLC as a client, one exchange at a time, without
/// a line of its own. Whoever asks goes on with his own affairs until the answer comes.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "dlms/hdlc/client.hpp"
#include "twin/client_link.hpp"

namespace ferraris::twin {

class PassThrough {
public:
    /// `meter` says how HDLC is set up on RS485.
    explicit PassThrough(const MeterService& meter) : meter_(meter) {}
    PassThrough(const PassThrough&) = delete;
    PassThrough& operator=(const PassThrough&) = delete;

    /// The answer; nothing: the device is silent, refuses, or too many are waiting already.
    using Done = std::function<void(std::optional<ByteView>)>;

    /// Asks the device with the lower HDLC address `address` as `client_sap`. A link to it is set up for `owner`, where
    /// there is none, and kept: its association outlives the exchange.
    void request(const void* owner, std::uint16_t address, std::uint16_t client_sap, ByteView apdu, Done done);
    /// `owner` is gone: nothing is told to it any more, and its links end.
    void forget(const void* owner);
    /// Called when there is something new to be done.
    void on_request(std::function<void()> wake) { wake_ = std::move(wake); }

    // As a line has it (line_end.hpp).
    /// An exchange is under way: what comes on the line is for this end.
    [[nodiscard]] bool active() const { return current_ != nullptr; }
    /// Somebody was heard on the line: nothing is begun before it is quiet.
    void heard(std::int64_t now_ms) { last_heard_ms_ = now_ms; }
    void receive(ByteView& in, std::int64_t now_ms);
    [[nodiscard]] ByteView pull(std::int64_t now_ms);
    /// Begins what waits, if `free` says that the meter itself is talking to nobody.
    void poll(std::int64_t now_ms, bool free);
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const;

private:
    /// Beyond these, whoever asks is told at once that it cannot be.
    static constexpr std::size_t kMaxJobs = 16;
    static constexpr std::size_t kMaxLinks = 4;
    /// The bus is free when it has been quiet for so long.
    static constexpr std::int64_t kQuiet_ms = 50;
    /// Whoever asks is told that it cannot be when others have held the bus for so long.
    static constexpr std::int64_t kPatience_ms = 10'000;

    struct Link {
        Link(const dlms::HdlcClientConfig& config, const void* who);
        const void* owner;
        std::uint16_t address;
        std::uint16_t client_sap;
        std::vector<std::uint8_t> frame;
        std::vector<std::uint8_t> apdu;
        dlms::HdlcClient client;
    };
    /// Without an APDU: the end of a link.
    struct Job {
        const void* owner;
        std::uint16_t address;
        std::uint16_t client_sap;
        std::vector<std::uint8_t> apdu;
        Done done;
        std::optional<std::int64_t> waits_since_ms{};
    };

    [[nodiscard]] Link* find(std::uint16_t address, std::uint16_t client_sap);
    void begin(std::int64_t now_ms);
    void take(const dlms::HdlcClientEvent& event, std::int64_t now_ms);
    /// The first job is over; with `drop` its link is gone.
    void finish(std::optional<ByteView> answer, bool drop);
    [[nodiscard]] dlms::HdlcClientConfig configuration(const Job& job) const;

    const MeterService& meter_;
    std::function<void()> wake_{};
    std::deque<Job> jobs_{};
    std::vector<std::unique_ptr<Link>> links_{};  ///< the one used last at the end
    Link* current_{nullptr};                      ///< of the first job
    std::int64_t last_heard_ms_{0};
    std::int64_t now_ms_{0};
    std::array<std::uint8_t, 4096> out_{};
};

}  // namespace ferraris::twin
