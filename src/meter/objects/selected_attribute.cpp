#include "meter/objects/selected_attribute.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dlms/apdu/selective_access.hpp"
#include "meter/objects/object_table.hpp"

namespace ferraris::meter {
namespace {

constexpr std::uint16_t kProfileGenericId = 7;
constexpr std::uint16_t kClockId = 8;
constexpr std::uint8_t kUnrestricted = 0;
constexpr std::uint8_t kByEntry = 2;
/// Room for the limits and columns of a selection.
constexpr std::size_t kMaxSelection = 256;

/// The restriction and the columns as the selective access that means the same.
bool write_selection(const SelectedAttribute& selected, ByteWriter& out, dlms::Selection& selection) {
    dlms::DataWriter data(out);
    if (selected.restriction == kByEntry) {
        selection.selector = dlms::kEntrySelector;
        data.structure(4);
        for (const ByteView limit : {selected.from, selected.to}) {
            dlms::DataReader in(limit);
            const auto number =
                in.peek() == dlms::DataTag::long_unsigned ? in.long_unsigned() : in.double_long_unsigned();
            if (!in.finished()) return false;
            data.double_long_unsigned(number);
        }
        data.long_unsigned(1);
        data.long_unsigned(0);
    } else {
        selection.selector = dlms::kRangeSelector;
        data.structure(4);
        data.structure(4);
        data.long_unsigned(kClockId);
        data.octet_string(dlms::obis(0, 0, 1, 0, 0));
        data.integer(2);
        data.long_unsigned(0);
        for (const ByteView limit : {selected.from, selected.to}) {
            if (limit.empty()) {
                data.null_data();
            } else {
                out.put(limit);
            }
        }
        data.array(selected.column_count);
        out.put(selected.columns);
    }
    selection.parameters = out.written();
    return !out.overflowed();
}

/// Keeps of the value of `size` octets its nth element.
bool keep_element(ByteSpan value, std::size_t index, std::size_t& size) {
    dlms::DataReader in(value.first(size));
    const std::size_t count = in.peek() == dlms::DataTag::array ? in.array() : in.structure();
    if (!in.ok() || index > count) return false;
    for (std::size_t i = 1; i < index; ++i) (void)in.any();
    const auto element = in.any();
    if (!element) return false;
    size = element->encoded.size();
    std::copy_n(element->encoded.begin(), size, value.begin());
    return true;
}

bool exists(const dlms::AttributeDescriptor& attribute) {
    const ObjectRow* row = find_object(attribute.instance);
    return row != nullptr && row->object_class->class_id == attribute.class_id && attribute.attribute >= 1 &&
           std::cmp_less_equal(attribute.attribute, row->object_class->attributes.size() + 1);
}

}  // namespace

std::optional<SelectedAttribute> take_selected_attribute(dlms::DataReader& in, Columns columns) {
    SelectedAttribute selected;
    if (in.structure() != (columns == Columns::listed ? 6U : 5U)) return std::nullopt;
    selected.attribute.class_id = in.long_unsigned();
    selected.attribute.instance = in.logical_name();
    selected.attribute.attribute = in.integer();
    selected.data_index = in.long_unsigned();
    if (in.structure() != 2) return std::nullopt;
    selected.restriction = in.enum_();
    if (selected.restriction > kByEntry) return std::nullopt;
    if (selected.restriction == kUnrestricted) {
        in.null_data();
    } else {
        if (in.structure() != 2) return std::nullopt;
        for (ByteView* limit : {&selected.from, &selected.to}) {
            if (const auto element = in.any()) *limit = element->encoded;
        }
    }
    if (columns == Columns::none) return in.ok() ? std::optional(selected) : std::nullopt;
    const auto listed = in.any();
    if (!listed || listed->tag != dlms::DataTag::array) return std::nullopt;
    selected.column_count = listed->count;
    selected.columns = listed->content;
    return selected;
}

bool attributes_exist(ByteView list, Columns columns) {
    dlms::DataReader in(list);
    const std::size_t count = in.array();
    for (std::size_t i = 0; i < count; ++i) {
        const auto selected = take_selected_attribute(in, columns);
        if (!selected || !exists(selected->attribute)) return false;
    }
    return true;
}

dlms::ReadOutcome read_selected(Instrument& meter, const dlms::Caller& caller, Level level,
                                const SelectedAttribute& selected, ByteWriter& out) {
    using dlms::DataAccessResult;
    if (!exists(selected.attribute)) return dlms::ReadOutcome::failed(DataAccessResult::object_undefined);
    std::array<std::uint8_t, kMaxSelection> selection_octets{};
    ByteWriter selection_out(selection_octets);
    dlms::Selection selection;
    const bool selects = selected.attribute.class_id == kProfileGenericId && selected.attribute.attribute == 2 &&
                         (selected.restriction != kUnrestricted || selected.column_count != 0);
    if (selects && !write_selection(selected, selection_out, selection)) {
        return dlms::ReadOutcome::failed(DataAccessResult::type_unmatched);
    }
    dlms::ReadCursor cursor;
    const ByteSpan room = out.unused();
    ByteWriter value(room);
    const Context context{meter, caller, level, *find_object(selected.attribute.instance)};
    dlms::ReadOutcome outcome =
        read_attribute(context, selected.attribute.attribute, selects ? &selection : nullptr, cursor, value);
    if (outcome.result != DataAccessResult::success) return dlms::ReadOutcome::failed(outcome.result);
    outcome.complete = outcome.complete && !value.overflowed();
    if (!outcome.complete) return outcome;
    std::size_t size = value.size();
    if (selected.data_index != 0 && !keep_element(room, selected.data_index, size)) {
        return dlms::ReadOutcome::failed(DataAccessResult::type_unmatched);
    }
    out.advance(size);
    return outcome;
}

}  // namespace ferraris::meter
