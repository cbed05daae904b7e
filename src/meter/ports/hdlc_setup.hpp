/// What an HDLC port of the meter does: the settings behind an IEC HDLC setup object (class 23).
#pragma once

#include <array>
#include <cstdint>

#include "dlms/hdlc/parameters.hpp"
#include "meter/ports/port.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// Bits per second by the number that classes 19 and 23 have for them.
inline constexpr std::array<std::uint32_t, 10> kBaudRates{300,  600,   1200,  2400,  4800,
                                                          9600, 19200, 38400, 57600, 115200};

/// Lower addresses below are reserved, those above call a device or all of them (IEC 62056-46, 6.4.2.3).
inline constexpr std::uint16_t kLeastDeviceAddress = 0x10;
inline constexpr std::uint16_t kGreatestDeviceAddress = 0x3FFD;

/// A link that stands keeps what it was set up with; the next one has these.
struct HdlcSetup {
    std::uint8_t comm_speed{5};  ///< index of `kBaudRates`
    dlms::hdlc::LinkParameters link{dlms::hdlc::kMaxInformationField, dlms::hdlc::kMaxInformationField,
                                    dlms::hdlc::kMaxWindow, dlms::hdlc::kMaxWindow};
    std::uint16_t inter_octet_timeout_ms{25};  ///< 20 to 6000
    std::uint16_t inactivity_timeout_s{120};   ///< 0 to 120; 0: never
    std::uint16_t device_address{17};          ///< lower HDLC address, 16 to 0x3FFD

    /// What holds until somebody sets it: 115,200 Bd at the module port, whose cable is short.
    [[nodiscard]] static HdlcSetup of(Port port);
    /// Whether every value lies within its range.
    [[nodiscard]] bool possible() const;
    [[nodiscard]] std::uint32_t baud() const { return kBaudRates[comm_speed]; }
    void recover(const ParameterStore& store, Port port);
    /// Durable when true.
    [[nodiscard]] bool write(ParameterStore& store, Port port) const;

    friend bool operator==(const HdlcSetup&, const HdlcSetup&) = default;
};

}  // namespace ferraris::meter
