// Class 7, Profile generic, version 1 (IEC 62056-6-2).
#include <array>
#include <bitset>

#include "dlms/apdu/selective_access.hpp"
#include "meter/objects/capture.hpp"
#include "meter/objects/classes.hpp"
#include "meter/objects/quantities.hpp"
#include "meter/profile/profile_status.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;

constexpr std::uint32_t kLeastPeriod = 60;
constexpr std::uint32_t kMostPeriod = 3600;
constexpr std::uint8_t kFirstInFirstOut = 1;
/// Clock and status come first in every row.
constexpr std::size_t kStandingColumns = 2;
/// Watt-hours up to 10^11 fit five octets.
constexpr std::uint8_t kEnergyOctets = 5;

constexpr dlms::LogicalName kClockName = obis(0, 0, 1, 0, 0);

constexpr std::array<dlms::LogicalName, 8> kColumns{{
    kClockName,
    obis(0, 0, 96, 10, 1),
    obis(1, 0, 1, 8, 0),
    obis(1, 0, 2, 8, 0),
    obis(1, 0, 5, 8, 0),
    obis(1, 0, 6, 8, 0),
    obis(1, 0, 7, 8, 0),
    obis(1, 0, 8, 8, 0),
}};
constexpr std::size_t kValueCount = kColumns.size() - kStandingColumns;

constexpr auto kOctets = [] {
    std::array<std::uint8_t, kValueCount> octets{};
    octets.fill(kEnergyOctets);
    return octets;
}();

dlms::CaptureObject capture_object(std::size_t column) {
    const ObjectRow* row = find_object(kColumns[column]);
    return {{row->object_class->class_id, row->name, 2}, 0};
}

using ColumnSet = std::bitset<kColumns.size()>;

/// What a selection means for this buffer.
struct Query {
    RowSpan rows{};
    std::uint32_t from{0};
    std::uint32_t to{UINT32_MAX};
    ColumnSet columns{};

    [[nodiscard]] bool matches(const ProfileRow& row) const { return row.stamp >= from && row.stamp <= to; }
};

/// A limit of a range, seconds since 1970; a wholly open one is `open`.
std::optional<std::int64_t> limit_of(const Instrument& meter, const dlms::DataElement& element, bool upper,
                                     std::int64_t open) {
    if (element.tag == dlms::DataTag::null_data) return open;
    if (element.tag != dlms::DataTag::octet_string && element.tag != dlms::DataTag::date_time) return std::nullopt;
    const auto date_time = dlms::decode_date_time(element.content);
    if (!date_time) return std::nullopt;
    if (date_time->date == dlms::Date{}) return open;
    const auto utc = meter.clock.rule.utc(*date_time, upper);
    if (!utc) return std::nullopt;
    return upper ? utc->seconds() : UtcTime{utc->milliseconds + 999}.seconds();
}

bool select_columns(const dlms::RangeDescriptor& range, ColumnSet& columns) {
    if (range.selected_values.count == 0) {
        columns.set();
        return true;
    }
    bool known = true;
    for (const dlms::CaptureObject& wanted : range.selected_values) {
        bool found = false;
        for (std::size_t i = 0; i < kColumns.size(); ++i) {
            if (capture_object(i) != wanted) continue;
            columns.set(i);
            found = true;
        }
        known = known && found;
    }
    return known;
}

DataAccessResult query_by_range(const Instrument& meter, ByteView parameters, Query& query) {
    const auto range = dlms::decode_range_descriptor(parameters);
    if (!range) return DataAccessResult::type_unmatched;
    // Only the clock sorts this profile, so only the clock can restrict it.
    if (range->restricting_object.attribute != capture_object(0).attribute) return DataAccessResult::other_reason;
    if (!select_columns(*range, query.columns)) return DataAccessResult::other_reason;
    const auto from = limit_of(meter, range->from, false, 0);
    const auto to = limit_of(meter, range->to, true, UINT32_MAX);
    if (!from || !to) return DataAccessResult::type_unmatched;
    if (*from > *to || *to < 0 || *from > UINT32_MAX) {
        query.rows = {meter.load_profile.next(), 0};
        return DataAccessResult::success;
    }
    query.from = static_cast<std::uint32_t>(std::max<std::int64_t>(*from, 0));
    query.to = static_cast<std::uint32_t>(std::min<std::int64_t>(*to, UINT32_MAX));
    query.rows = meter.load_profile.between(query.from, query.to);
    return DataAccessResult::success;
}

/// Sequence number of the `number`th good row on show (from 0), or the end. Torn rows do not count.
std::uint32_t sequence_of_entry(const Profile& profile, const RowSpan& rows, std::uint32_t number) {
    ProfileRow row;
    std::uint32_t left = number;
    for (std::uint32_t i = 0; i < rows.span; ++i) {
        if (!profile.read(rows.first + i, row)) continue;
        if (left == 0) return rows.first + i;
        --left;
    }
    return rows.first + rows.span;
}

DataAccessResult query_by_entry(const Instrument& meter, ByteView parameters, Query& query) {
    const auto entry = dlms::decode_entry_descriptor(parameters);
    if (!entry) return DataAccessResult::type_unmatched;
    const std::size_t last_column = entry->to_selected_value == 0 ? kColumns.size() : entry->to_selected_value;
    const std::size_t first_column = entry->from_selected_value;
    const bool rows_good = entry->from_entry >= 1 && (entry->to_entry == 0 || entry->from_entry <= entry->to_entry);
    if (!rows_good || first_column < 1 || first_column > last_column || first_column > kColumns.size()) {
        return DataAccessResult::other_reason;
    }
    for (std::size_t i = first_column; i <= std::min(last_column, kColumns.size()); ++i) query.columns.set(i - 1);
    const RowSpan all = meter.load_profile.all();
    const std::uint32_t first = sequence_of_entry(meter.load_profile, all, entry->from_entry - 1);
    const std::uint32_t end =
        entry->to_entry == 0 ? all.first + all.span : sequence_of_entry(meter.load_profile, all, entry->to_entry);
    query.rows = {first, end - first};
    return DataAccessResult::success;
}

DataAccessResult make_query(const Instrument& meter, const dlms::Selection* selection, Query& query) {
    if (selection == nullptr) {
        query.columns.set();
        query.rows = meter.load_profile.all();
        return DataAccessResult::success;
    }
    switch (selection->selector) {
        case dlms::kRangeSelector:
            return query_by_range(meter, selection->parameters, query);
        case dlms::kEntrySelector:
            return query_by_entry(meter, selection->parameters, query);
        default:
            return DataAccessResult::type_unmatched;
    }
}

void write_row(const Instrument& meter, const Query& query, const ProfileRow& row, dlms::DataWriter& data) {
    data.structure(query.columns.count());
    if (query.columns[0]) {
        const UtcTime stamp = UtcTime::from_seconds(row.stamp);
        const bool invalid = (row.status & profile_status::kClockInvalid) != 0;
        const auto status = static_cast<std::uint8_t>(
            (invalid ? dlms::clock_status::kInvalidClockStatus : 0) |
            (meter.clock.rule.daylight_saving_active(stamp) ? dlms::clock_status::kDaylightSavingActive : 0));
        data.octet_string(dlms::encode(meter.clock.rule.date_time(stamp, status)));
    }
    if (query.columns[1]) data.unsigned_(row.status);
    for (std::size_t i = 0; i < kValueCount; ++i) {
        if (!query.columns[kStandingColumns + i]) continue;
        const ObjectRow* object = find_object(kColumns[kStandingColumns + i]);
        write_scalar(data, object->object_class->number_type(object->address),
                     static_cast<std::int64_t>(row.values[i]));
    }
}

/// Element 0 is the head of the array, then one element for each sequence number of the span; those without a row that
/// matches are empty. The first call pins the span, so that rows captured meanwhile do not shift it.
dlms::ReadOutcome stream_buffer(const Context& context, const dlms::Selection* selection, dlms::ReadCursor& cursor,
                                ByteWriter& out) {
    const Instrument& meter = context.meter;
    Query query;
    const DataAccessResult result = make_query(meter, selection, query);
    if (result != DataAccessResult::success) return dlms::ReadOutcome::failed(result);
    if (cursor.at_start()) {
        cursor.first = query.rows.first;
        cursor.count = query.rows.span;
    } else if (cursor.element <= cursor.count && !meter.load_profile.still_has(cursor.first)) {
        return dlms::ReadOutcome::failed(DataAccessResult::long_get_aborted);
    }
    ProfileRow row;
    return write_elements(cursor, cursor.count + 1, out, [&](std::uint32_t index, dlms::DataWriter& data) {
        if (index != 0) {
            const bool good = meter.load_profile.read(cursor.first + index - 1, row);
            if (good && query.matches(row)) write_row(meter, query, row, data);
            return;
        }
        std::size_t matching = 0;
        for (std::uint32_t i = 0; i < cursor.count; ++i) {
            if (meter.load_profile.read(cursor.first + i, row) && query.matches(row)) ++matching;
        }
        data.array(matching);
    });
}

void write_capture_object(dlms::DataWriter& data, std::size_t column) { put(data.out(), capture_object(column)); }

void write_capture_objects(const Context&, dlms::DataWriter& data) {
    data.array(kColumns.size());
    for (std::size_t i = 0; i < kColumns.size(); ++i) write_capture_object(data, i);
}

void write_period(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.load_profile.period_s());
}

void write_sort_method(const Context&, dlms::DataWriter& data) { data.enum_(kFirstInFirstOut); }

void write_sort_object(const Context&, dlms::DataWriter& data) { write_capture_object(data, 0); }

void write_entries_in_use(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.load_profile.entries_in_use());
}

void write_entries(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.load_profile.entries());
}

/// Whole minutes from 1 to 60. A new period clears the buffer: rows of two periods would hide gaps.
DataAccessResult take_period(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t period = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (period < kLeastPeriod || period > kMostPeriod || period % 60 != 0) return DataAccessResult::other_reason;
    if (period == context.meter.load_profile.period_s()) return DataAccessResult::success;
    return context.meter.clear_load_profile(period) ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

ActionResult reset(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    if (!in.finished()) return ActionResult::type_unmatched;
    const bool cleared = context.meter.clear_load_profile(context.meter.load_profile.period_s());
    return cleared ? ActionResult::success : ActionResult::hardware_fault;
}

constexpr std::array<std::int8_t, 2> kSelectors{dlms::kRangeSelector, dlms::kEntrySelector};

constexpr std::array<AttributeRow, 7> kAttributes{{
    {nullptr, stream_buffer, nullptr, kSelectors},
    {write_capture_objects, nullptr, nullptr},
    {write_period, nullptr, take_period},
    {write_sort_method, nullptr, nullptr},
    {write_sort_object, nullptr, nullptr},
    {write_entries_in_use, nullptr, nullptr},
    {write_entries, nullptr, nullptr},
}};

constexpr std::array<Invoke, 1> kMethods{reset};

}  // namespace

std::span<const std::uint8_t> load_profile_octets() { return kOctets; }

void capture_load_profile(const Instrument& meter, ProfileRow& row) {
    for (std::size_t i = 0; i < kValueCount; ++i) {
        const ObjectRow* object = find_object(kColumns[kStandingColumns + i]);
        row.values[i] = static_cast<std::uint64_t>(object->object_class->number(meter, object->address));
    }
}

constexpr ClassTable kLoadProfileClass{7, 1, kAttributes, kMethods, nullptr, nullptr};

}  // namespace ferraris::meter
