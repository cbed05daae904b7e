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

struct HdlcLineSettings {
    std::uint16_t physical_device{17};
    std::uint32_t inter_octet_timeout_ms{25};
    std::uint32_t inactivity_timeout_s{120};
    std::uint32_t baud{9600};  ///< for a serial line
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
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const override { return server_.next_timeout(); }
    [[nodiscard]] std::uint32_t baud() const override { return baud_; }
    /// The line is gone, and link and associations with it.
    void lost();

    [[nodiscard]] bool connected() const { return server_.connected(); }

private:
    void tell_of_refusals();

    ClientLink link_;
    CountedLog& log_;
    std::string peer_;
    std::uint32_t baud_;
    std::array<std::uint8_t, dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField)> frame_buffer_{};
    std::array<std::uint8_t, kMaxCarried> apdu_buffer_{};
    /// A whole window and what may go before it.
    std::array<std::uint8_t, 8 * dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField)> out_{};
    dlms::HdlcServer server_;
    std::uint32_t told_dropped_{0};
    std::array<std::uint32_t, dlms::kHdlcRefusalCount> told_refused_{};
};

}  // namespace ferraris::twin
