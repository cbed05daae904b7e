#include "meter/selfcheck/self_check.hpp"

namespace ferraris::meter {
namespace {

/// All of the flash in 14.4 hours: what changes is found within a day.
constexpr int kFlashStepsAMinute = 2;

/// One second without samples is a hiccup.
constexpr std::uint8_t kDelay = 3;

constexpr std::int64_t kEarliest = utc_from_civil({2000, 1, 1}).seconds();
constexpr std::int64_t kLatest = utc_from_civil({2100, 1, 1}).seconds();
/// The journal has the second that ends a minute, a clock that loses some of it is none the worse.
constexpr std::int64_t kTolerance = 60;

void report_ram(RamState state, Occurrences& due) {
    if (state == RamState::whole) return;
    (void)due.push_back({Event::ram_error, state == RamState::mended ? 1 : 2, 0, 0});
}

}  // namespace

bool is_plausible(UtcTime now, std::uint32_t last) {
    const std::int64_t seconds = now.seconds();
    return seconds >= kEarliest && seconds < kLatest && (last == 0 || seconds + kTolerance >= std::int64_t{last});
}

void SelfCheck::begin(const EnergyRegisters& registers, Occurrences& due) {
    mirror.keep_all(registers);
    judge_program(program.begin(), due);
    if (tasks.restarted()) (void)due.push_back({Event::watchdog_error, 0, 0, 0});
}

void SelfCheck::before_second(EnergyRegisters& registers, Rate rate, Occurrences& due) {
    report_ram(mirror.check(registers, rate), due);
}

void SelfCheck::judge(const metrology::Measurement& measurement, std::uint32_t conditions, Occurrences& due) {
    const bool failed = (conditions & condition_bit(Event::measurement_error)) != 0;
    differs_s_ = measurement.failed == failed ? std::uint8_t{0} : static_cast<std::uint8_t>(differs_s_ + 1);
    if (differs_s_ < kDelay) return;
    differs_s_ = 0;
    (void)due.push_back({failed ? Event::measurement_restored : Event::measurement_error, 0, 0, 0});
}

void SelfCheck::enter_minute(EnergyRegisters& registers, WatchedFlash& flash, Occurrences& due) {
    report_ram(mirror.check_all(registers), due);
    bool whole = true;
    for (int i = 0; i < kFlashStepsAMinute; ++i) whole = flash.check_step() && whole;
    if (!whole) (void)due.push_back({Event::memory_error, 1, 0, 0});
    judge_program(program.step(), due);
}

void SelfCheck::judge_program(bool well, Occurrences& due) {
    if (well || !program_well_) return;
    program_well_ = false;
    (void)due.push_back({Event::program_memory_error, 0, 0, 0});
}

}  // namespace ferraris::meter
