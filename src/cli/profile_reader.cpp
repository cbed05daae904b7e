#include "cli/profile_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "cli/error.hpp"
#include "cli/obis.hpp"
#include "cli/results.hpp"

namespace ferraris::cli {
namespace {

using dlms::DataAccessResult;

constexpr std::uint16_t kProfileGeneric = 7;
constexpr std::int8_t kBuffer = 2;
constexpr std::uint8_t kLastInFirstOut = 2;
/// Octets of a row with all its types; a longer one is refused.
constexpr std::size_t kMaxRow = 0x10000;
/// capture_objects, capture_period, sort_method, entries_in_use
constexpr std::int8_t kLayoutAttributes[] = {3, 4, 5, 7};

std::optional<ProfileColumn> column_of(const Value& definition) {
    if (definition.items.size() < 4) return std::nullopt;
    const auto class_id = definition.items[0].integer();
    const auto name = definition.items[1].logical_name();
    const auto attribute = definition.items[2].integer();
    const auto index = definition.items[3].integer();
    if (!class_id || !name || !attribute || !index) return std::nullopt;
    ProfileColumn column;
    column.object.attribute = {static_cast<std::uint16_t>(*class_id), *name, static_cast<std::int8_t>(*attribute)};
    column.object.data_index = static_cast<std::uint16_t>(*index);
    return column;
}

/// Attribute with scaler and unit of what the column captures; 0 for none.
std::int8_t scaler_attribute(const dlms::AttributeDescriptor& captured) {
    if ((captured.class_id == 3 || captured.class_id == 4) && captured.attribute == 2) return 3;
    if (captured.class_id == 5 && (captured.attribute == 2 || captured.attribute == 3)) return 4;
    return 0;
}

void read_scalers(Client& client, std::vector<ProfileColumn>& columns) {
    std::vector<dlms::AttributeDescriptor> attributes;
    std::vector<ProfileColumn*> owners;
    for (ProfileColumn& column : columns) {
        dlms::AttributeDescriptor attribute = column.object.attribute;
        attribute.attribute = scaler_attribute(attribute);
        if (attribute.attribute == 0) continue;
        attributes.push_back(attribute);
        owners.push_back(&column);
    }
    const std::vector<GetAnswer> answers = client.get_all(attributes, nullptr);
    for (std::size_t i = 0; i < owners.size(); ++i) {
        const auto value =
            answers[i].result == DataAccessResult::success ? decode_value(answers[i].value) : std::nullopt;
        if (value) owners[i]->scaler_unit = scaler_unit_of(*value);
    }
}

std::uint32_t number_of(const GetAnswer& answer, std::uint32_t otherwise) {
    const auto value = answer.result == DataAccessResult::success ? decode_value(answer.value) : std::nullopt;
    const auto number = value ? value->integer() : std::nullopt;
    return number && *number >= 0 ? static_cast<std::uint32_t>(*number) : otherwise;
}

template <class Descriptor>
OwnedSelection selection_of(std::uint8_t selector, const Descriptor& descriptor) {
    OwnedSelection selection{selector, std::vector<std::uint8_t>(256)};
    ByteWriter out(selection.parameters);
    encode(out, descriptor);
    selection.parameters.resize(out.size());
    return selection;
}

constexpr UserTime kBeginning{{1970, 1, 1, 0, 0, 0, 0}, std::nullopt};
constexpr UserTime kEnd{{2099, 12, 31, 23, 59, 59, 0}, std::nullopt};

OwnedSelection range_selection(const ProfileLayout& layout, const ProfileQuery& query, const TimeForm& form) {
    dlms::RangeDescriptor range;
    const auto clock = layout.clock_column();
    range.restricting_object =
        clock ? layout.columns[*clock].object : dlms::CaptureObject{{8, dlms::obis(0, 0, 1, 0, 0), 2}, 0};
    const auto from = time_element(to_date_time(query.from.value_or(kBeginning)), form);
    const auto to = time_element(to_date_time(query.to.value_or(kEnd)), form);
    range.from.encoded = from;
    range.to.encoded = to;
    return selection_of(dlms::kRangeSelector, range);
}

OwnedSelection entry_selection(const ProfileLayout& layout, const ProfileQuery& query) {
    dlms::EntryDescriptor entries;
    if (!query.last) {
        entries.from_entry = query.first_entry.value_or(1);
        entries.to_entry = query.last_entry;
    } else if (layout.newest_first) {
        entries.to_entry = *query.last;
    } else {
        entries.from_entry = layout.entries_in_use > *query.last ? layout.entries_in_use - *query.last + 1 : 1;
    }
    return selection_of(dlms::kEntrySelector, entries);
}

/// Compares in UTC where both know it, else in local time.
bool within(const dlms::DateTime& time, const ProfileQuery& query) {
    const auto local = local_seconds(time);
    if (!local) return true;
    const auto compare = [&](const UserTime& limit) {
        std::int64_t seconds = utc_from_civil(limit.civil).seconds();
        std::int64_t own = *local;
        if (limit.offset_minutes && time.deviation != dlms::kDeviationNotSpecified) {
            seconds -= std::int64_t{*limit.offset_minutes} * 60;
            own += std::int64_t{time.deviation} * 60;
        }
        return own < seconds ? -1 : (own > seconds ? 1 : 0);
    };
    return (!query.from || compare(*query.from) >= 0) && (!query.to || compare(*query.to) <= 0);
}

/// Leaves out what was not asked for, where the meter gave everything.
class Filter {
public:
    Filter(const ProfileQuery& query, bool newest_first, const std::function<void(const ProfileRow&)>& row)
        : query_(query), newest_first_(newest_first), row_(row) {}

    void take(const ProfileRow& row) {
        ++number_;
        if (query_.first_entry &&
            (number_ < *query_.first_entry || (query_.last_entry != 0 && number_ > query_.last_entry)))
            return;
        if (row.time && !within(*row.time, query_)) return;
        if (!query_.last) return row_(row);
        if (newest_first_) {
            if (number_ <= *query_.last) row_(row);
            return;
        }
        kept_.push_back(row);
        if (kept_.size() > *query_.last) kept_.pop_front();
    }
    void finish() {
        for (const ProfileRow& row : kept_) row_(row);
    }

private:
    const ProfileQuery& query_;
    bool newest_first_;
    const std::function<void(const ProfileRow&)>& row_;
    std::deque<ProfileRow> kept_{};
    std::uint32_t number_{0};
};

}  // namespace

std::optional<std::size_t> ProfileLayout::clock_column() const {
    const auto found = std::ranges::find_if(columns, &ProfileColumn::is_clock);
    if (found == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
}

ProfileLayout read_profile_layout(Client& client, const dlms::LogicalName& name) {
    std::vector<dlms::AttributeDescriptor> attributes;
    for (const std::int8_t attribute : kLayoutAttributes) attributes.push_back({kProfileGeneric, name, attribute});
    const std::vector<GetAnswer> answers = client.get_all(attributes, nullptr);
    if (answers[0].result != DataAccessResult::success) {
        throw CliError(fmt::format("the profile {} cannot be read: {}", obis_text(name), explain(answers[0].result)));
    }
    ProfileLayout layout;
    layout.name = name;
    const auto objects = decode_value(answers[0].value);
    for (const Value& definition : objects ? objects->items : std::vector<Value>{}) {
        auto column = column_of(definition);
        if (!column)
            throw CliError(fmt::format("the capture objects of profile {} are not understood", obis_text(name)));
        layout.columns.push_back(*column);
    }
    layout.capture_period_s = number_of(answers[1], 0);
    layout.newest_first = number_of(answers[2], 1) == kLastInFirstOut;
    layout.entries_in_use = number_of(answers[3], 0);
    read_scalers(client, layout.columns);
    return layout;
}

ProfileRows::ProfileRows(const ProfileLayout& layout, std::function<void(const ProfileRow&)> row)
    : clock_column_(layout.clock_column()),
      row_(std::move(row)),
      memory_(kMaxRow),
      row_memory_(kMaxRow),
      expanded_memory_(kMaxRow),
      before_memory_(kMaxRow),
      buffer_(memory_),
      expander_({clock_column_, layout.newest_first ? -std::int64_t{layout.capture_period_s} : layout.capture_period_s},
                before_memory_) {}

bool ProfileRows::push(ByteView octets) {
    do {
        octets = buffer_.push(octets);
        while (const auto row = buffer_.next(row_memory_)) {
            if (!take(*row)) return false;
        }
        if (buffer_.error() != dlms::BufferError::none) return false;
    } while (!octets.empty());
    return true;
}

bool ProfileRows::take(ByteView row) {
    const auto expanded = expander_.expand(row, expanded_memory_);
    auto value = expanded ? decode_value(*expanded) : std::nullopt;
    if (!value) return false;
    ProfileRow resolved;
    resolved.values = std::move(value->items);
    if (clock_column_ && *clock_column_ < resolved.values.size())
        resolved.time = plausible_date_time(resolved.values[*clock_column_].octets);
    row_(resolved);
    return true;
}

void read_profile_rows(Client& client, const ProfileLayout& layout, const ProfileQuery& query, const TimeForm& form,
                       const std::function<void(const ProfileRow&)>& row,
                       const std::function<void(const std::string&)>& note,
                       const std::function<void(std::uint64_t)>& progress) {
    std::vector<OwnedSelection> attempts;
    const bool range = query.from || query.to;
    const bool entries = query.first_entry || query.last;
    if (client.selects()) {
        // Meters want one type or the other.
        if (range) {
            attempts = {range_selection(layout, query, form),
                        range_selection(layout, query, {form.deviation, !form.tagged})};
        }
        if (entries) attempts = {entry_selection(layout, query)};
    }
    const auto read = [&](const OwnedSelection* selection, Filter* filter) {
        std::uint64_t count = 0;
        ProfileRows rows(layout, [&](const ProfileRow& resolved) {
            if (filter != nullptr) {
                filter->take(resolved);
            } else {
                row(resolved);
            }
            if (progress) progress(++count);
        });
        bool good = true;
        const DataAccessResult result = client.get_streamed({kProfileGeneric, layout.name, kBuffer}, selection,
                                                            [&](ByteView octets) { return good = rows.push(octets); });
        if (result == DataAccessResult::success && (!good || !rows.complete())) {
            throw CliError(fmt::format("the buffer of profile {} is not understood", obis_text(layout.name)));
        }
        return result;
    };
    for (const OwnedSelection& selection : attempts) {
        if (read(&selection, nullptr) == DataAccessResult::success) return;
    }
    if ((range || entries) && note) note("the meter cannot select rows; reading all of them");
    Filter filter(query, layout.newest_first, row);
    const DataAccessResult result = read(nullptr, &filter);
    if (result != DataAccessResult::success) {
        throw CliError(fmt::format("the profile {} cannot be read: {}", obis_text(layout.name), explain(result)));
    }
    filter.finish();
}

}  // namespace ferraris::cli
