#include "meter/registers/energy_registers.hpp"

#include <numeric>

namespace ferraris::meter {

void EnergyRegisters::add(const metrology::EnergyIncrements& increments, Rate rate) {
    RateCounts& counts = counts_[rate - 1U];
    for (std::size_t i = 0; i < metrology::kEnergyCount; ++i) {
        if (increments.microjoules[i] == 0) continue;
        const std::uint64_t whole = increments.microjoules[i] / kMicrojoulesPerMilliwatthour;
        std::uint64_t rest = increments.microjoules[i] % kMicrojoulesPerMilliwatthour + remainders_[i];
        std::uint64_t count = counts[i] + whole % kRollOverMilliwatthours;
        if (rest >= kMicrojoulesPerMilliwatthour) {
            rest -= kMicrojoulesPerMilliwatthour;
            ++count;
        }
        remainders_[i] = static_cast<std::uint32_t>(rest);
        counts[i] = count >= kRollOverMilliwatthours ? count - kRollOverMilliwatthours : count;
    }
}

std::uint32_t EnergyRegisters::seconds(Rate rate) const {
    return rate == 0 ? std::accumulate(seconds_.begin(), seconds_.end(), std::uint32_t{0}) : seconds_[rate - 1U];
}

std::uint64_t EnergyRegisters::milliwatthours(EnergyMask energies, Rate rate) const {
    std::uint64_t sum = 0;
    for (std::size_t r = 0; r < kRateCount; ++r) {
        if (rate != 0 && r + 1U != rate) continue;
        for (std::size_t i = 0; i < metrology::kEnergyCount; ++i) {
            if (((unsigned{energies} >> i) & 1U) != 0) sum += counts_[r][i];
        }
    }
    return sum % kRollOverMilliwatthours;
}

}  // namespace ferraris::meter
