/// execution_time of a Single action schedule (class 22): an array of structures of time and date, octet-strings with
/// wild cards.
#pragma once

#include <cstdint>
#include <optional>

#include "dlms/data.hpp"
#include "dlms/enumerations.hpp"
#include "meter/clock/daylight_saving.hpp"
#include "meter/schedule/date_pattern.hpp"

namespace ferraris::meter {

/// One element; false: not of this form, or impossible.
[[nodiscard]] bool take_execution_time(dlms::DataReader& in, DatePattern& pattern);
/// Whether `value`, as a client writes it, is an array of up to `most` of them in up to `room` octets: success,
/// type_unmatched, or other_reason for times that cannot be.
[[nodiscard]] dlms::DataAccessResult check_execution_times(ByteView value, std::size_t most, std::size_t room);
/// The first of `times` after `local`. `times` are well formed.
[[nodiscard]] std::optional<CivilTime> next_execution(ByteView times, const CivilTime& local);
/// The same in seconds since 1970 after `after_s`, INT64_MAX for none. The hour that comes twice brings its times
/// twice.
[[nodiscard]] std::int64_t next_execution_s(ByteView times, const LocalTimeRule& rule, std::int64_t after_s);

}  // namespace ferraris::meter
