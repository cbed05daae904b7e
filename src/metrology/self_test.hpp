/// The measuring core on samples that it makes itself, in integers: what a host and a firmware image must agree on to
/// the bit.
#pragma once

#include <cstdint>

#include "metrology/measurement.hpp"
#include "metrology/processor.hpp"

namespace ferraris::metrology {

/// A mains of 230 V and 50.3 Hz with 2 % of a third harmonic, and a load of 5 A that lags by 60 degrees with 10 % of a
/// third harmonic, sampled at 4 kHz with 24 bits.
class SyntheticSource {
public:
    struct Counts {
        std::int32_t voltage;
        std::int32_t current;
    };
    [[nodiscard]] Counts next();

    /// Of a meter for these samples.
    [[nodiscard]] static Configuration configuration() { return {}; }

private:
    std::uint32_t phase_{0};
};

struct SelfTestResult {
    Measurement measurement;  ///< means of the last second, energies of the whole run
    std::uint32_t active_pulses{0};
    std::uint32_t reactive_pulses{0};
    /// CRC-32 over the fields of each second's measurement in turn, as little-endian octets of 64 bits: one number
    /// for "the same bits".
    std::uint32_t check_sum{0};
};

/// `seconds` of the source through a processor, from its first sample on. About 4,000 samples a second.
[[nodiscard]] SelfTestResult run_self_test(std::uint32_t seconds);

/// Ten seconds of it, for a firmware image to print.
[[nodiscard]] Measurement measure_synthetic_sine();

}  // namespace ferraris::metrology
