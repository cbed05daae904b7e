/// The optical port of a virtual meter: IEC 62056-21 at 300 Bd, mode C, and mode E into HDLC on the same line.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "dlms/iec62056_21/server.hpp"
#include "meter/local_port.hpp"
#include "twin/hdlc_line.hpp"
#include "twin/line_end.hpp"

namespace ferraris::twin {

class OpticalLine final : public LineEnd {
public:
    /// `device_address` is what a request may name: the meter's serial number.
    OpticalLine(const MeterService& meter, const HdlcLineSettings& hdlc, std::string device_address, std::string peer);

    void receive(ByteView& in, std::int64_t now_ms) override;
    [[nodiscard]] ByteView pull(std::int64_t now_ms) override;
    void poll(std::int64_t now_ms) override;
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const override;
    [[nodiscard]] std::uint32_t baud() const override { return sign_on_.line().baud; }

private:
    /// A reader that signed on in mode E and sets no link up has gone.
    static constexpr std::int64_t kLinkWait_ms = 30'000;

    void take(const dlms::iec62056_21::ServerEvent& event, std::int64_t now_ms);
    void end_hdlc();

    const MeterService& meter_;
    std::string device_address_;
    std::string peer_;
    PowerWatch power_;
    meter::LocalPort device_;
    std::array<std::uint8_t, 256> received_{};
    std::array<std::uint8_t, 256> transmit_{};
    std::array<std::uint8_t, 512> out_{};
    dlms::iec62056_21::Server sign_on_;
    HdlcLine hdlc_;
    std::optional<std::int64_t> link_wanted_by_ms_{};
    bool was_connected_{false};
    std::uint32_t told_dropped_{0};
};

}  // namespace ferraris::twin
