/// The boot loader's part that is the same on every board: which program runs is a record in the flash, written whole
/// or not at all (`SafeValue`). It is the first to run when power comes.
#pragma once

#include <cstdint>

#include "board/boot.hpp"
#include "board/flash.hpp"
#include "crypto/crypto.hpp"
#include "meter/image/image_area.hpp"
#include "meter/store/safe_value.hpp"

namespace ferraris::meter {

/// A program as it tells of itself.
struct Program {
    FirmwareVersion version{kFirmwareVersion};
    std::uint32_t check_sum{0};  ///< of its legally relevant part
};

class BootLoader final : public board::Boot {
public:
    /// So often a program on trial is started until the one before runs again: power may go meanwhile.
    static constexpr std::uint8_t kMostTrials = 3;

    BootLoader(board::Flash& flash, Crypto& crypto);

    /// Power has come, or the meter starts anew: chooses what runs, and counts its trial. An image that is not whole
    /// is not run. `factory` is the program that the factory put in.
    [[nodiscard]] Program start(const Program& factory);
    /// A restart was asked for; the next answer is false.
    [[nodiscard]] bool take_restart();
    /// The first octets of the program that runs; false: there are less, or it is the factory's.
    [[nodiscard]] bool read_program(ByteSpan out) const;

    [[nodiscard]] board::BootState state() const override { return {record_.running, record_.trials != 0}; }
    [[nodiscard]] bool try_slot(board::Slot slot) override;
    [[nodiscard]] bool confirm() override;
    void restart() override { restart_ = true; }

private:
    struct Record {
        board::Slot running{board::Slot::factory};
        board::Slot before{board::Slot::factory};
        std::uint8_t trials{0};  ///< starts that are left to a program on trial, and one; 0: it is confirmed
    };

    [[nodiscard]] bool store(const Record& record);
    void fall_back();
    [[nodiscard]] bool load(Program& program);

    ImageArea area_;
    Crypto& crypto_;
    SafeValue value_;
    Record record_{};
    Record next_{};  ///< what the next start finds
    bool restart_{false};
};

}  // namespace ferraris::meter
