/// A port of a virtual meter that speaks IEC 62056-21: the optical port, and RS485.
///
/// The optical port begins with the sign-on at 300 Bd (mode C; mode E leads to HDLC on the same line), or with HDLC at
/// once where its setup says so. RS485 rests at the speed of its setup and listens to both: the first octet of a reader
/// says which it is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "dlms/iec62056_21/server.hpp"
#include "meter/local_port.hpp"
#include "twin/hdlc_line.hpp"
#include "twin/line_end.hpp"
#include "twin/reader_parity.hpp"

namespace ferraris::twin {

class LocalLine final : public LineEnd {
public:
    /// `serial_number` is what a request may name where the port's setup has no address. `hdlc.port` says which port it
    /// is; `hdlc.baud` overrules the speed at which it rests.
    LocalLine(const MeterService& meter, const HdlcLineSettings& hdlc, std::string serial_number, std::string peer);

    void receive(ByteView& in, std::int64_t now_ms) override;
    [[nodiscard]] ByteView pull(std::int64_t now_ms) override;
    void poll(std::int64_t now_ms) override;
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const override;
    [[nodiscard]] std::uint32_t baud() const override;

    /// Nobody is being talked to.
    [[nodiscard]] bool idle() const;

private:
    /// A reader that signed on in mode E and sets no link up has gone.
    static constexpr std::int64_t kLinkWait_ms = 30'000;
    /// An idle line looks this often whether its setup has changed.
    static constexpr std::int64_t kSetupLook_ms = 1000;

    [[nodiscard]] meter::LocalPortSetup setup() const;
    [[nodiscard]] std::uint32_t rest_baud() const;
    [[nodiscard]] dlms::iec62056_21::ServerConfig sign_on_config() const;
    /// Takes over a changed setup, where nobody is being talked to.
    void follow_setup();
    [[nodiscard]] bool speaks_hdlc() const { return hdlc_at_once_ || sign_on_->is_hdlc(); }
    /// Which of the two protocols of RS485 a reader begins.
    void listen(std::uint8_t first, std::int64_t now_ms);
    void receive_characters(ByteView& in, std::int64_t now_ms);
    void take(const dlms::iec62056_21::ServerEvent& event, std::int64_t now_ms);
    void end_hdlc();
    /// The display shows whether somebody is there.
    void tell_activity();

    const MeterService& meter_;
    std::string serial_number_;
    std::string peer_;
    HdlcLineSettings settings_;
    PowerWatch power_;
    meter::LocalPortSetup setup_;
    meter::LocalPort device_;
    ReaderParity parity_{};
    std::array<std::uint8_t, 256> received_{};
    std::array<std::uint8_t, 256> transmit_{};
    /// As much as is on its way when a reader breaks off.
    std::array<std::uint8_t, 32> out_{};
    std::optional<dlms::iec62056_21::Server> sign_on_{};
    HdlcLine hdlc_;
    std::optional<std::int64_t> link_wanted_by_ms_{};
    std::int64_t now_ms_{0};  ///< of the last call
    std::int64_t last_octet_ms_{0};
    bool hdlc_at_once_{false};
    bool was_connected_{false};
    bool told_active_{false};
    std::uint32_t told_dropped_{0};
};

}  // namespace ferraris::twin
