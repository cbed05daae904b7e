/// When clocks go forward and back: the rules of COSEM class 8 (IEC 62056-6-2, Clock, attributes 3 and 5 to 8).
#pragma once

#include <cstdint>
#include <optional>

#include "base/civil_time.hpp"
#include "dlms/date_time.hpp"

namespace ferraris::meter {

/// Local time as the utility wants it. The default is Central Europe.
struct LocalTimeRule {
    std::int16_t time_zone_minutes{-60};  ///< to add to local normal time to get UTC
    bool daylight_saving_enabled{true};
    std::int8_t daylight_saving_minutes{60};  ///< how far clocks go forward
    /// Last Sunday of March at 2:00 normal time; last Sunday of October at 3:00 daylight time. Each is told in the time
    /// that the clock shows just before.
    dlms::DateTime begin{
        {dlms::kYearNotSpecified, 3, dlms::kLastDay, 7}, {2, 0, 0, 0}, dlms::kDeviationNotSpecified, 0};
    dlms::DateTime end{{dlms::kYearNotSpecified, 10, dlms::kLastDay, 7}, {3, 0, 0, 0}, dlms::kDeviationNotSpecified, 0};

    /// Whether daylight saving is on at `utc`.
    [[nodiscard]] bool daylight_saving_active(UtcTime utc) const;
    /// The first change of the clocks after `utc`; nothing when they never change.
    [[nodiscard]] std::optional<UtcTime> next_change(UtcTime utc) const;
    /// Minutes to add to local time to get UTC, daylight saving included: the deviation of a date-time.
    [[nodiscard]] std::int16_t deviation_minutes(UtcTime utc) const;
    /// What clocks on the wall show.
    [[nodiscard]] CivilTime local(UtcTime utc) const;
    /// An hour that comes twice has two instants, of which `later` picks; an hour that is skipped counts as if clocks
    /// had not gone forward.
    [[nodiscard]] UtcTime utc(const CivilTime& local, bool later = false) const;
    /// A full date and time with its own deviation, or without one by this rule. Nothing when it has wild cards.
    [[nodiscard]] std::optional<UtcTime> utc(const dlms::DateTime& date_time, bool later = false) const;
    /// The COSEM form, status included.
    [[nodiscard]] dlms::DateTime date_time(UtcTime utc, std::uint8_t status) const {
        return dlms::from_utc(utc, deviation_minutes(utc), status);
    }

private:
    [[nodiscard]] std::optional<UtcTime> begins_in(std::int32_t year) const;
    [[nodiscard]] std::optional<UtcTime> ends_in(std::int32_t year) const;
};

/// The date and time that a pattern means in `year`: "last Sunday", "second last day", "the first Monday from the 8th".
/// Nothing for a pattern of another year or without a month, or a date that the year does not have.
[[nodiscard]] std::optional<CivilTime> occurrence(const dlms::DateTime& pattern, std::int32_t year);

/// Whether `pattern` is good as begin or end of daylight saving.
[[nodiscard]] bool is_yearly_pattern(const dlms::DateTime& pattern);

}  // namespace ferraris::meter
