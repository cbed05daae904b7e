/// When a step of a scenario happens: at a time, some time after the beginning, or again and again.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/civil_time.hpp"

namespace ferraris::twin::scenario {

struct Moment {
    enum class Kind : std::uint8_t {
        after_start,  ///< `seconds` after the beginning, then each `period_s` if that is not 0
        absolute,     ///< `seconds` since 1970 UTC
        of_day,       ///< each day, `seconds` after midnight UTC
    };
    Kind kind{Kind::after_start};
    std::int64_t seconds{0};
    std::int64_t period_s{0};

    [[nodiscard]] bool repeats() const { return kind == Kind::of_day || period_s != 0; }
    /// The first time not before `start`, where the scenario began; nothing for an absolute one that is over by then.
    [[nodiscard]] std::optional<UtcTime> first(UtcTime start) const;
    /// The one behind `time`, which is one.
    [[nodiscard]] std::optional<UtcTime> next(UtcTime time) const;
};

/// "+2d", "+1d 02:00:15", "+00:30", "2026-03-29T00:59:30Z", "every day at 18:00", "every 06:00", "every 2d". Nothing
/// when it is something else.
[[nodiscard]] std::optional<Moment> parse_moment(std::string_view text);
/// "2026-03-29T00:59Z" or with seconds; UTC, and a day that exists.
[[nodiscard]] std::optional<UtcTime> parse_utc(std::string_view text);

}  // namespace ferraris::twin::scenario
