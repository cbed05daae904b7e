/// The HDLC end of a virtual meter on one line: link, associations and log, whatever carries the octets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "dlms/hdlc/server.hpp"
#include "twin/client_link.hpp"
#include "twin/counted_log.hpp"
#include "twin/line_end.hpp"

namespace ferraris::twin {

/// What the host knows better for one line than the meter's HDLC setup, which counts for what is not said here.
struct HdlcLineSettings {
    meter::Port port{meter::Port::optical};  ///< whose setup counts
    std::optional<std::uint32_t> inter_octet_timeout_ms{};
    std::optional<std::uint32_t> inactivity_timeout_s{};
    std::optional<std::uint32_t> baud{};            ///< for a serial line
    std::optional<std::uint32_t> device_address{};  ///< lower HDLC address: of several meters on one line
    bool pseudo_terminal{false};                    ///< no port makes parity there
    bool fast{false};                               ///< of a pseudo-terminal: do not keep to its speed
};

class HdlcLine final : public LineEnd {
public:
    /// `peer` is for the log.
    HdlcLine(const MeterService& meter, const HdlcLineSettings& settings, std::string peer);
    ~HdlcLine() override { lost(); }
    HdlcLine(const HdlcLine&) = delete;
    HdlcLine& operator=(const HdlcLine&) = delete;

    void receive(ByteView& in, std::int64_t now_ms) override;
    [[nodiscard]] ByteView pull(std::int64_t now_ms) override;
    void poll(std::int64_t now_ms) override;
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const override;
    [[nodiscard]] std::uint32_t baud() const override { return settings_.baud.value_or(setup_.baud()); }
    /// The speed that the octets come with, where it is not `baud()`: within a frame, an octet of silence is none.
    void at_baud(std::uint32_t baud);
    /// The line is gone, and link and associations with it.
    void lost();

    [[nodiscard]] bool connected() const { return server_->connected(); }
    /// A frame has begun and is not whole.
    [[nodiscard]] bool in_frame() const { return server_->line().in_frame(); }
    [[nodiscard]] bool authenticated() const { return link_.authenticated(); }

private:
    /// A line without a link looks this often whether the meter wants another speed.
    static constexpr std::int64_t kSetupLook_ms = 1000;

    /// Takes over a changed setup, where no link stands.
    void follow_setup();
    [[nodiscard]] dlms::HdlcServerConfig server_config() const;
    void tell_of_refusals();
    /// Gives the client what a device behind the meter has answered meanwhile.
    void answer_late();

    const MeterService& meter_;
    ClientLink link_;
    PowerWatch power_;
    CountedLog& log_;
    std::string peer_;
    HdlcLineSettings settings_;
    meter::HdlcSetup setup_{};
    std::optional<std::uint32_t> line_baud_{};
    std::int64_t now_ms_{0};  ///< of the last call
    std::array<std::uint8_t, dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField)> frame_buffer_{};
    std::array<std::uint8_t, kMaxCarried> apdu_buffer_{};
    /// A whole window and what may go before it.
    std::array<std::uint8_t, 8 * dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField)> out_{};
    std::optional<dlms::HdlcServer> server_{};
    std::uint32_t told_dropped_{0};
    std::uint32_t told_noise_{0};
    std::array<std::uint32_t, dlms::kHdlcRefusalCount> told_refused_{};
};

}  // namespace ferraris::twin
