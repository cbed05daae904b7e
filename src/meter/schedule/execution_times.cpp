#include "meter/schedule/execution_times.hpp"

#include <algorithm>

namespace ferraris::meter {

bool take_execution_time(dlms::DataReader& in, DatePattern& pattern) {
    if (in.structure() != 2) return false;
    const auto time = dlms::decode_time(in.octet_string());
    const auto date = dlms::decode_date(in.octet_string());
    if (!time || !date) return false;
    pattern = {*date, *time};
    return possible(pattern);
}

dlms::DataAccessResult check_execution_times(ByteView value, std::size_t most, std::size_t room) {
    using dlms::DataAccessResult;
    dlms::DataReader whole(value);
    const auto element = whole.any();
    if (!element || !whole.finished() || element->tag != dlms::DataTag::array) return DataAccessResult::type_unmatched;
    if (value.size() > room) return DataAccessResult::other_reason;
    dlms::DataReader in(value);
    const std::size_t count = in.array();
    DatePattern pattern;
    for (std::size_t i = 0; i < count; ++i) {
        if (count > most || !take_execution_time(in, pattern)) return DataAccessResult::other_reason;
    }
    return in.finished() ? DataAccessResult::success : DataAccessResult::other_reason;
}

std::optional<CivilTime> next_execution(ByteView times, const CivilTime& local) {
    dlms::DataReader in(times);
    std::optional<CivilTime> next;
    const std::size_t count = in.array();
    for (std::size_t i = 0; i < count; ++i) {
        DatePattern pattern;
        if (!take_execution_time(in, pattern)) break;
        const auto time = next_occurrence(pattern, local);
        if (time && (!next || utc_from_civil(*time) < utc_from_civil(*next))) next = time;
    }
    return next;
}

std::int64_t next_execution_s(ByteView times, const LocalTimeRule& rule, std::int64_t after_s) {
    const CivilTime after = rule.local(UtcTime::from_seconds(after_s));
    std::int64_t next_s = INT64_MAX;
    for (const std::int64_t back_minutes : {std::int64_t{0}, std::int64_t{rule.daylight_saving_minutes}}) {
        const CivilTime from = civil_from_utc({utc_from_civil(after).milliseconds - back_minutes * 60'000});
        const auto next = next_execution(times, from);
        if (!next) continue;
        for (const bool later : {false, true}) {
            const std::int64_t candidate_s = rule.utc(*next, later).seconds();
            if (candidate_s > after_s) next_s = std::min(next_s, candidate_s);
        }
    }
    return next_s;
}

}  // namespace ferraris::meter
