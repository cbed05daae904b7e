// Class 7, Profile generic, version 1 (IEC 62056-6-2).
#include <algorithm>
#include <array>

#include "dlms/apdu/selective_access.hpp"
#include "meter/objects/capture.hpp"
#include "meter/objects/classes.hpp"
#include "meter/objects/row_encoder.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

constexpr std::uint32_t kLeastPeriod = 60;
constexpr std::uint32_t kMostPeriod = 3600;
constexpr std::uint8_t kFirstInFirstOut = 1;

ProfileIndex index_of(const Context& context) { return static_cast<ProfileIndex>(context.row.address); }
Profile& profile_of(const Context& context) { return context.meter.profiles[index_of(context)]; }

/// What is captured. A setup that cannot be read has no columns.
ProfileSetup setup_of(const Context& context) {
    ProfileSetup setup;
    if (!profile_of(context).setup(setup)) setup.columns.clear();
    return setup;
}

/// What a selection means for this buffer.
struct Query {
    RowSpan rows{};
    std::uint32_t from{0};
    std::uint32_t to{UINT32_MAX};
    ColumnSet columns{};

    [[nodiscard]] bool matches(const ProfileRow& row) const { return row.stamp >= from && row.stamp <= to; }
};

void select_all(const ProfileSetup& setup, ColumnSet& columns) {
    for (std::size_t i = 0; i < setup.columns.size(); ++i) columns.set(i);
}

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

bool select_columns(const dlms::RangeDescriptor& range, const ProfileSetup& setup, ColumnSet& columns) {
    if (range.selected_values.count == 0) {
        select_all(setup, columns);
        return true;
    }
    bool known = true;
    for (const dlms::CaptureObject& wanted : range.selected_values) {
        bool found = false;
        for (std::size_t i = 0; i < setup.columns.size(); ++i) {
            if (setup.columns[i].object != wanted) continue;
            columns.set(i);
            found = true;
        }
        known = known && found;
    }
    return known;
}

DataAccessResult query_by_range(const Context& context, const ProfileSetup& setup, ByteView parameters, Query& query) {
    const auto range = dlms::decode_range_descriptor(parameters);
    if (!range) return DataAccessResult::type_unmatched;
    // Only the clock sorts profiles, so only the clock can restrict them.
    if (range->restricting_object.attribute != kStampColumn.attribute) return DataAccessResult::other_reason;
    if (!select_columns(*range, setup, query.columns)) return DataAccessResult::other_reason;
    const auto from = limit_of(context.meter, range->from, false, 0);
    const auto to = limit_of(context.meter, range->to, true, UINT32_MAX);
    if (!from || !to) return DataAccessResult::type_unmatched;
    const Profile& profile = profile_of(context);
    if (*from > *to || *to < 0 || *from > UINT32_MAX) {
        query.rows = {profile.next(), 0};
        return DataAccessResult::success;
    }
    query.from = static_cast<std::uint32_t>(std::max<std::int64_t>(*from, 0));
    query.to = static_cast<std::uint32_t>(std::min<std::int64_t>(*to, UINT32_MAX));
    query.rows = profile.between(query.from, query.to);
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

DataAccessResult query_by_entry(const Profile& profile, const ProfileSetup& setup, ByteView parameters, Query& query) {
    const auto entry = dlms::decode_entry_descriptor(parameters);
    if (!entry) return DataAccessResult::type_unmatched;
    const std::size_t column_count = setup.columns.size();
    const std::size_t last_column = entry->to_selected_value == 0 ? column_count : entry->to_selected_value;
    const std::size_t first_column = entry->from_selected_value;
    const bool rows_good = entry->from_entry >= 1 && (entry->to_entry == 0 || entry->from_entry <= entry->to_entry);
    if (!rows_good || first_column < 1 || first_column > last_column || first_column > column_count) {
        return DataAccessResult::other_reason;
    }
    for (std::size_t i = first_column; i <= std::min(last_column, column_count); ++i) query.columns.set(i - 1);
    const RowSpan all = profile.all();
    const std::uint32_t first = sequence_of_entry(profile, all, entry->from_entry - 1);
    const std::uint32_t end =
        entry->to_entry == 0 ? all.first + all.span : sequence_of_entry(profile, all, entry->to_entry);
    query.rows = {first, end - first};
    return DataAccessResult::success;
}

DataAccessResult make_query(const Context& context, const ProfileSetup& setup, const dlms::Selection* selection,
                            Query& query) {
    if (selection == nullptr) {
        select_all(setup, query.columns);
        query.rows = profile_of(context).all();
        return DataAccessResult::success;
    }
    switch (selection->selector) {
        case dlms::kRangeSelector:
            return query_by_range(context, setup, selection->parameters, query);
        case dlms::kEntrySelector:
            return query_by_entry(profile_of(context), setup, selection->parameters, query);
        default:
            return DataAccessResult::type_unmatched;
    }
}

/// What the utility has chosen, as far as the client can read it.
BufferEncoding encoding_for(const Context& context) {
    const BufferEncoding chosen = context.meter.buffer_encoding;
    const bool deltas = dlms::has(context.caller.association.conformance, dlms::Conformance::delta_value_encoding);
    return chosen == BufferEncoding::null_data_and_deltas && !deltas ? BufferEncoding::null_data : chosen;
}

/// The row of the same answer before `sequence`; false: there is none.
bool read_previous(const Profile& profile, const Query& query, std::uint32_t first, std::uint32_t sequence,
                   ProfileRow& row) {
    while (sequence != first) {
        if (profile.read(--sequence, row) && query.matches(row)) return true;
    }
    return false;
}

/// Element 0 is the head of the array, then one element for each sequence number of the span; those without a row that
/// matches are empty. The first call pins the span, so that rows captured meanwhile do not shift it.
dlms::ReadOutcome stream_buffer(const Context& context, const dlms::Selection* selection, dlms::ReadCursor& cursor,
                                ByteWriter& out) {
    const Profile& profile = profile_of(context);
    const ProfileSetup setup = setup_of(context);
    Query query;
    const DataAccessResult result = make_query(context, setup, selection, query);
    if (result != DataAccessResult::success) return dlms::ReadOutcome::failed(result);
    if (cursor.at_start()) {
        cursor.first = query.rows.first;
        cursor.count = query.rows.span;
    } else if (cursor.element <= cursor.count && !profile.still_has({cursor.first, cursor.count})) {
        return dlms::ReadOutcome::failed(DataAccessResult::long_get_aborted);
    }
    const RowEncoder encoder(context.meter, setup, query.columns, encoding_for(context));
    ProfileRow row;
    ProfileRow previous;
    return write_elements(cursor, cursor.count + 1, out, [&](std::uint32_t index, dlms::DataWriter& data) {
        if (index != 0) {
            const std::uint32_t sequence = cursor.first + index - 1;
            if (!profile.read(sequence, row) || !query.matches(row)) return;
            const bool compared = encoder.compares() && read_previous(profile, query, cursor.first, sequence, previous);
            return encoder.write(row, compared ? &previous : nullptr, data);
        }
        std::size_t matching = 0;
        std::size_t content_octets = 0;
        for (std::uint32_t i = 0; i < cursor.count; ++i) {
            if (!profile.read(cursor.first + i, row) || !query.matches(row)) continue;
            ++matching;
            if (encoder.is_compact()) content_octets += encoder.content_octets(row);
        }
        encoder.write_head(matching, content_octets, data);
    });
}

void write_capture_objects(const Context& context, dlms::DataWriter& data) {
    const ProfileSetup setup = setup_of(context);
    data.array(setup.columns.size());
    for (const ProfileColumn& column : setup.columns) put(data.out(), column.object);
}

void write_period(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(profile_of(context).period_s());
}

void write_sort_method(const Context&, dlms::DataWriter& data) { data.enum_(kFirstInFirstOut); }

void write_sort_object(const Context&, dlms::DataWriter& data) { put(data.out(), kStampColumn); }

void write_entries_in_use(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(profile_of(context).entries_in_use());
}

void write_entries(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(profile_of(context).entries());
}

DataAccessResult configure(const Context& context, const ProfileSetup& setup) {
    return context.meter.configure_profile(index_of(context), setup) ? DataAccessResult::success
                                                                     : DataAccessResult::hardware_fault;
}

/// A new list begins an empty buffer, since rows of two lists have no columns in common. The list that stands already
/// changes nothing.
DataAccessResult take_capture_objects(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::size_t count = in.array();
    const ProfileSetup old = setup_of(context);
    ProfileSetup setup;
    setup.period_s = old.period_s;
    if (!in.ok()) return DataAccessResult::type_unmatched;
    if (count == 0 || count > kMaxProfileColumns) return DataAccessResult::other_reason;
    for (std::size_t i = 0; i < count; ++i) {
        const auto object = dlms::take_capture_object(in);
        if (!object) return DataAccessResult::type_unmatched;
        const DataAccessResult result = add_column(context.meter, *object, setup);
        if (result != DataAccessResult::success) return result;
    }
    if (!in.finished()) return DataAccessResult::type_unmatched;
    const bool same =
        std::ranges::equal(setup.columns, old.columns, {}, &ProfileColumn::object, &ProfileColumn::object);
    return same ? DataAccessResult::success : configure(context, setup);
}

/// Whole minutes from 1 to 60, where the period is not of the profile's nature. A new period clears the buffer: rows of
/// two periods would hide gaps.
DataAccessResult take_period(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t period = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    ProfileSetup setup = setup_of(context);
    if (period == setup.period_s) return DataAccessResult::success;
    const bool settable = profile_definition(index_of(context)).trigger == ProfileTrigger::period;
    if (!settable || period < kLeastPeriod || period > kMostPeriod || period % 60 != 0) {
        return DataAccessResult::other_reason;
    }
    setup.period_s = period;
    return configure(context, setup);
}

/// Methods take integer (0).
bool has_parameter(ByteView parameters) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    return in.finished();
}

ActionResult reset(const Context& context, ByteView parameters, ByteWriter&) {
    if (!has_parameter(parameters)) return ActionResult::type_unmatched;
    return configure(context, setup_of(context)) == DataAccessResult::success ? ActionResult::success
                                                                              : ActionResult::hardware_fault;
}

/// A row at the present second, besides those that are due.
ActionResult capture(const Context& context, ByteView parameters, ByteWriter&) {
    if (!has_parameter(parameters)) return ActionResult::type_unmatched;
    const auto now = static_cast<std::uint32_t>(context.meter.clock.seconds());
    // A time stamp is captured once.
    if (profile_of(context).contains(now)) return ActionResult::temporary_failure;
    return context.meter.capture_profile(index_of(context), now) ? ActionResult::success : ActionResult::hardware_fault;
}

constexpr std::array<std::int8_t, 2> kSelectors{dlms::kRangeSelector, dlms::kEntrySelector};

constexpr std::array<AttributeRow, 7> kAttributes{{
    {nullptr, stream_buffer, nullptr, kSelectors},
    {write_capture_objects, nullptr, take_capture_objects},
    {write_period, nullptr, take_period},
    {write_sort_method, nullptr, nullptr},
    {write_sort_object, nullptr, nullptr},
    {write_entries_in_use, nullptr, nullptr},
    {write_entries, nullptr, nullptr},
}};

constexpr std::array<Invoke, 2> kMethods{reset, capture};

}  // namespace

constexpr ClassTable kProfileGenericClass{7, 1, kAttributes, kMethods};

}  // namespace ferraris::meter
