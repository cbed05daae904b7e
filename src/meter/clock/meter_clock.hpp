/// The meter's clock: UTC, derived from the board's, with a correction of its own.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/civil_time.hpp"
#include "meter/clock/daylight_saving.hpp"

namespace ferraris::meter {

/// A time to be taken over on command, while its validity interval lasts (Clock, methods 4 and 5).
struct PresetTime {
    UtcTime time{};
    UtcTime valid_from{};
    UtcTime valid_until{};
};

class MeterClock {
public:
    /// The board's clock runs on through a loss of power; it is never set, the correction is.
    void observe(UtcTime board) { board_ = board; }
    [[nodiscard]] UtcTime board() const { return board_; }
    [[nodiscard]] UtcTime utc() const { return {board_.milliseconds + correction_milliseconds()}; }
    [[nodiscard]] std::int64_t seconds() const { return utc().seconds(); }
    void set(UtcTime utc) {
        correction_milliseconds_ = utc.milliseconds - board_.milliseconds;
        slew_milliseconds_ = 0;
        valid_ = true;
    }
    /// Goes to the time that is `utc` now by running faster or slower for a while: no second comes twice, none is left
    /// out.
    void adjust(UtcTime utc) {
        const std::int64_t correction = correction_milliseconds();
        slew_milliseconds_ = utc.milliseconds - board_.milliseconds - correction;
        slew_from_ = board_;
        correction_milliseconds_ = correction;
    }
    [[nodiscard]] bool adjusting() const { return slewed() != slew_milliseconds_; }

    [[nodiscard]] std::int64_t correction_milliseconds() const { return correction_milliseconds_ + slewed(); }
    void restore_correction(std::int64_t milliseconds) {
        correction_milliseconds_ = milliseconds;
        slew_milliseconds_ = 0;
    }

    /// Not valid after the board's clock stood still, until somebody sets it.
    [[nodiscard]] bool valid() const { return valid_; }
    void set_valid(bool valid) { valid_ = valid; }

    [[nodiscard]] std::uint8_t status(UtcTime at) const {
        return static_cast<std::uint8_t>(
            (valid_ ? 0 : dlms::clock_status::kInvalidClockStatus) |
            (rule.daylight_saving_active(at) ? dlms::clock_status::kDaylightSavingActive : 0));
    }

    /// Whether going to `utc` is an adjustment, which nobody has to hear of, or a new time (Clock time shift limit,
    /// 1-0:0.9.11). To a clock that is not valid every time is new.
    [[nodiscard]] bool adjusts(UtcTime utc) const {
        const std::int64_t shift = utc.milliseconds - this->utc().milliseconds;
        const std::int64_t limit = std::int64_t{shift_limit_s} * 1000;
        return valid_ && shift >= -limit && shift <= limit;
    }

    LocalTimeRule rule{};
    std::uint16_t shift_limit_s{0};  ///< 0: every change is a new time
    PresetTime preset{};

private:
    /// Of an adjustment, milliseconds in a second: an average over a window is wrong by half a percent at most.
    static constexpr std::int64_t kSlewPerSecond = 5;

    /// How much of an adjustment is done.
    [[nodiscard]] std::int64_t slewed() const {
        const std::int64_t most = (board_.milliseconds - slew_from_.milliseconds) * kSlewPerSecond / 1000;
        return slew_milliseconds_ < 0 ? std::max(slew_milliseconds_, -most) : std::min(slew_milliseconds_, most);
    }

    UtcTime board_{};
    UtcTime slew_from_{};                ///< by the board's clock
    std::int64_t slew_milliseconds_{0};  ///< of the adjustment in all
    std::int64_t correction_milliseconds_{0};
    bool valid_{true};
};

}  // namespace ferraris::meter
