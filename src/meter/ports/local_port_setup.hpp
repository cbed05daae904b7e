/// What a port that speaks IEC 62056-21 does: the settings behind the IEC local port setup object (class 19).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/fixed_vector.hpp"
#include "meter/ports/hdlc_setup.hpp"
#include "meter/ports/port.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// What a port speaks before anybody has spoken.
enum class LocalPortMode : std::uint8_t {
    iec62056_21 = 0,  ///< sign-on at the default speed, then mode C or E
    hdlc = 1,         ///< HDLC at the default speed
};

/// The passwords of class 19, in its order.
enum class LocalPassword : std::uint8_t { p1, p2, w5 };
inline constexpr std::size_t kLocalPasswordCount = 3;
/// As long as secrets of clients may be entered on a hand-held unit.
inline constexpr std::size_t kMaxLocalPassword = 32;

/// Takes effect on the next session; the one that stands keeps what it began with.
struct LocalPortSetup {
    LocalPortMode default_mode{LocalPortMode::iec62056_21};
    std::uint8_t default_baud{0};   ///< index of `kBaudRates` up to 19,200 Bd; where a port rests
    std::uint8_t proposed_baud{6};  ///< likewise; what the identification offers
    bool fast_response{false};      ///< 20 ms instead of 200 ms
    /// What a request may name; empty: the serial number.
    FixedVector<std::uint8_t, 32> device_address{};
    /// One that was never written is the secret of its client; one that was written empty opens nothing.
    std::array<std::optional<FixedVector<std::uint8_t, kMaxLocalPassword>>, kLocalPasswordCount> passwords{};

    /// RS485 rests at 9,600 Bd and stays there: other devices listen too.
    [[nodiscard]] static LocalPortSetup of(Port port);
    /// Whether every value lies within its range; 32 characters that a request may hold.
    [[nodiscard]] bool possible() const;
    [[nodiscard]] std::uint32_t baud() const { return kBaudRates[default_baud]; }

    void recover(const ParameterStore& store, Port port);
    /// Durable when true.
    [[nodiscard]] bool write(ParameterStore& store, Port port) const;
};

/// The client whose rights a password gives: reader, technician, utility. Without one there are those of the public.
[[nodiscard]] std::uint16_t client_of(LocalPassword password);

}  // namespace ferraris::meter
