/// Limits of error of the standards, in percent (percent a kelvin), for the classes A, B, C and reactive 2.
#pragma once

#include "twin/typetest.hpp"

namespace ferraris::twin {

/// EN 50470-3: by current and power factor. None below the minimum current.
[[nodiscard]] Limits load_limits(const Rating& rating, double amperes, double power_factor);
/// IEC 62053-23, class 2: by current and sin φ.
[[nodiscard]] Limits reactive_load_limits(const Rating& rating, double amperes, double sine);

/// Influence quantities. `is_unity`: PF 1 (sin φ 1), else 0.5. `is_far`: voltage beyond ±10 %, where three times the
/// limit holds.
[[nodiscard]] Limits voltage_limits(bool is_unity, bool is_far);
[[nodiscard]] Limits frequency_limits(bool is_unity);
[[nodiscard]] Limits temperature_limits(bool is_unity);
[[nodiscard]] Limits fifth_harmonic_limits();
[[nodiscard]] Limits half_wave_limits();
[[nodiscard]] Limits odd_harmonics_limits();
[[nodiscard]] Limits sub_harmonics_limits();
[[nodiscard]] Limits reactive_voltage_limits(bool is_unity, bool is_far);
[[nodiscard]] Limits reactive_frequency_limits();
[[nodiscard]] Limits reactive_temperature_limits(bool is_unity);

}  // namespace ferraris::twin
