/// Whether the program is what the factory made: all of it when the board starts, then piece by piece, round and round
/// (WELMEC 7.2, OIML R 46).
#pragma once

#include <cstdint>

#include "board/program.hpp"

namespace ferraris::meter {

class ProgramCheck {
public:
    /// Octets of one step: an image of 256 KiB is gone through in 256 steps.
    static constexpr std::uint32_t kStep = 1024;

    /// It outlives the check. Without one nothing is checked.
    void attach(const board::Program& program) { program_ = &program; }
    /// What the board found when it started. False: something is wrong.
    [[nodiscard]] bool begin() const { return program_ == nullptr || program_->found() == program_->expected(); }
    /// Goes on by `kStep` octets. False: a round ends here, and something is wrong.
    [[nodiscard]] bool step();

private:
    const board::Program* program_{nullptr};
    std::uint32_t offset_{0};
    std::uint32_t sum_{0};
};

}  // namespace ferraris::meter
