#include "metrology/cycle_sums.hpp"

#include "metrology/magnitude.hpp"

namespace ferraris::metrology {

namespace {

/// A product of two phasor sums, as the sum over the cycle of what their fundamentals contribute. With N samples the
/// amplitude is 2/N of a phasor sum, half the product of two amplitudes is the power, N times that the sum:
/// 2/N of the product; the rotor's 2^-24 twice and the 2^-12 of the length besides.
std::int64_t fundamental(const Int128& product, std::uint32_t length) {
    const Magnitude quotient = Magnitude::of(product.absolute(), 1 + 12 - 48) / Magnitude::of(std::uint64_t{length});
    const auto magnitude = static_cast<std::int64_t>(quotient.rounded());
    return product.is_negative() ? -magnitude : magnitude;
}

}  // namespace

CycleSums CycleSums::divide(const SamplePair& s, Rotor& rotor, std::uint32_t fraction) {
    CycleSums rest;
    const auto part = [fraction](std::int64_t value) { return (value * fraction) >> 12U; };
    const auto share = [&part](std::int64_t value, std::int64_t& before, std::int64_t& after) {
        before += part(value);
        after += value - part(value);
    };
    share(s.voltage, voltage, rest.voltage);
    share(s.current, current, rest.current);
    share(std::int64_t{s.voltage} * s.voltage, voltage_squared, rest.voltage_squared);
    share(std::int64_t{s.current} * s.current, current_squared, rest.current_squared);
    share(std::int64_t{s.voltage} * s.current, active, rest.active);
    share(std::int64_t{s.shifted_voltage} * s.shifted_current, shifted, rest.shifted);
    const auto share_phasors = [&s, &rotor](CycleSums& sums, std::uint32_t weight) {
        sums.voltage_phasor.add(s.voltage, rotor, weight);
        sums.current_phasor.add(s.current, rotor, weight);
        sums.shifted_voltage_phasor.add(s.shifted_voltage, rotor, weight);
        sums.shifted_current_phasor.add(s.shifted_current, rotor, weight);
    };
    share_phasors(*this, fraction);
    rotor.restart();
    share_phasors(rest, 4096 - fraction);
    return rest;
}

CyclePowers powers(const CycleSums& sums, std::uint32_t length) {
    using Phasor = CycleSums::Phasor;
    const auto in_phase = [](const Phasor& a, const Phasor& b) {
        return Int128::product(a.cosine, b.cosine) + Int128::product(a.sine, b.sine);
    };
    const Phasor& v = sums.voltage_phasor;
    const Phasor& i = sums.current_phasor;

    CyclePowers result;
    result.active = sums.active;
    result.voltage_squared = sums.voltage_squared;
    result.current_squared = sums.current_squared;
    result.reactive = fundamental(Int128::product(v.cosine, i.sine) - Int128::product(v.sine, i.cosine), length);
    // The filters turn harmonics by 90 degrees well enough for reactive power, but active power of the fundamental
    // would leak: so their fundamental is taken out and the exact one put in.
    result.classical = sums.shifted -
                       fundamental(in_phase(sums.shifted_voltage_phasor, sums.shifted_current_phasor), length) +
                       result.reactive;
    result.voltage_fundamental = fundamental(in_phase(v, v), length);
    result.current_fundamental = fundamental(in_phase(i, i), length);
    return result;
}

CyclePowers powers_without_cycle(const CycleSums& sums) {
    CyclePowers result;
    result.active = sums.active;
    result.voltage_squared = result.voltage_fundamental = sums.voltage_squared;
    result.current_squared = result.current_fundamental = sums.current_squared;
    return result;
}

}  // namespace ferraris::metrology
