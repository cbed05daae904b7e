/// A second copy of the energy registers in RAM, with sums: what they hold between two savings is nowhere else. A bit
/// that RAM loses is found before anything is added to it, and mended.
#pragma once

#include <array>
#include <cstdint>

#include "meter/registers/energy_registers.hpp"

namespace ferraris::meter {

enum class RamState : std::uint8_t {
    whole,
    mended,  ///< one of both was wrong; both are right again
    lost,    ///< both are wrong, or nobody can tell which one is
};

class RegisterMirror {
public:
    /// What `rate` has now is right.
    void keep(const EnergyRegisters& registers, Rate rate);
    void keep_all(const EnergyRegisters& registers);
    /// Compares what `rate` has with its copy, and mends what is wrong.
    [[nodiscard]] RamState check(EnergyRegisters& registers, Rate rate);
    /// The worst of all tariffs.
    [[nodiscard]] RamState check_all(EnergyRegisters& registers);

private:
    struct Copy {
        RateCounts counts{};
        std::uint32_t seconds{0};
        std::uint64_t sum{0};
    };

    std::array<Copy, kRateCount> copies_{};
};

}  // namespace ferraris::meter
