#include "meter/selfcheck/register_mirror.hpp"

#include <algorithm>

namespace ferraris::meter {
namespace {

std::uint64_t sum_of(const RateCounts& counts, std::uint32_t seconds) {
    std::uint64_t sum = seconds;
    for (const std::uint64_t count : counts) sum = sum * 3 + count;
    return sum;
}

}  // namespace

void RegisterMirror::keep(const EnergyRegisters& registers, Rate rate) {
    Copy& copy = copies_[rate - 1U];
    copy.counts = registers.counts(rate);
    copy.seconds = registers.seconds(rate);
    copy.sum = sum_of(copy.counts, copy.seconds);
}

void RegisterMirror::keep_all(const EnergyRegisters& registers) {
    for (Rate rate = 1; rate <= kRateCount; ++rate) keep(registers, rate);
}

RamState RegisterMirror::check(EnergyRegisters& registers, Rate rate) {
    const Copy& copy = copies_[rate - 1U];
    const std::uint64_t sum = sum_of(copy.counts, copy.seconds);
    const bool same = copy.seconds == registers.seconds(rate) && copy.counts == registers.counts(rate);
    if (same && sum == copy.sum) return RamState::whole;
    if (sum == copy.sum) {
        registers.restore(rate, copy.counts, copy.seconds);
        return RamState::mended;
    }
    const bool right = sum_of(registers.counts(rate), registers.seconds(rate)) == copy.sum;
    keep(registers, rate);
    return same || right ? RamState::mended : RamState::lost;
}

RamState RegisterMirror::check_all(EnergyRegisters& registers) {
    RamState worst = RamState::whole;
    for (Rate rate = 1; rate <= kRateCount; ++rate) worst = std::max(worst, check(registers, rate));
    return worst;
}

}  // namespace ferraris::meter
