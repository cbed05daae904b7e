#include "meter/objects/capture.hpp"

#include <algorithm>

#include "meter/objects/object_table.hpp"
#include "meter/profile/profile_status.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::DataElement;
using dlms::DataTag;

/// Strings may grow up to this, also where the present one is shorter: a date-time that is not there yet, a code.
constexpr std::size_t kLeastStringRoom = 12;
using AttributeOctets = std::array<std::uint8_t, kMaxPresentValue>;

bool is_string(DataTag tag) {
    return tag == DataTag::octet_string || tag == DataTag::visible_string || tag == DataTag::utf8_string;
}

/// The octets that a value like `element` takes in a row; 0: it cannot be captured.
std::uint8_t room_for(const DataElement& element) {
    if (is_string(element.tag)) {
        if (element.content.size() > kMaxCapturedString) return 0;
        return static_cast<std::uint8_t>(1 + std::max(element.content.size(), kLeastStringRoom));
    }
    return static_cast<std::uint8_t>(dlms::fixed_width(element.tag).value_or(0));
}

/// Whether `element` went into its place as the column has it.
bool store(const DataElement& element, const ProfileColumn& column, ByteSpan place) {
    const bool prefixed = column.kind() == ColumnKind::string;
    if (element.tag != column.tag || element.content.size() + (prefixed ? 1 : 0) > place.size()) return false;
    ByteWriter out(place);
    if (prefixed) out.u8(static_cast<std::uint8_t>(element.content.size()));
    out.put(element.content);
    return true;
}

}  // namespace

Result<DataElement, DataAccessResult> present_value(Instrument& meter, const dlms::CaptureObject& object,
                                                    ByteSpan buffer) {
    const ObjectRow* row = find_object(object.attribute.instance);
    if (row == nullptr) return Error(DataAccessResult::object_undefined);
    if (row->object_class->class_id != object.attribute.class_id) {
        return Error(DataAccessResult::object_class_inconsistent);
    }
    // Nobody asks: it is the meter itself, with the rights of who made the list, but for what wants protection.
    const dlms::Association association;
    const dlms::Caller caller{association, {}};
    dlms::ReadCursor cursor;
    ByteWriter out(buffer);
    const dlms::ReadOutcome outcome =
        read_attribute({meter, caller, Level::utility, *row}, object.attribute.attribute, nullptr, cursor, out);
    if (outcome.result != DataAccessResult::success) return Error(outcome.result);
    dlms::DataReader in(out.written());
    if (object.data_index != 0) {
        const std::size_t count = in.peek() == DataTag::array ? in.array() : in.structure();
        if (object.data_index > count) return Error(DataAccessResult::type_unmatched);
        for (std::size_t i = 1; i < object.data_index; ++i) (void)in.any();
    }
    const auto element = in.any();
    if (!element) return Error(DataAccessResult::type_unmatched);
    return *element;
}

Result<ProfileColumn, DataAccessResult> column_for(Instrument& meter, const dlms::CaptureObject& object) {
    AttributeOctets buffer{};
    const auto element = present_value(meter, object, buffer);
    if (!element) return Error(element.error());
    const ProfileColumn column{object, element->tag, room_for(*element)};
    if (column.octets == 0) return Error(DataAccessResult::type_unmatched);
    return column;
}

DataAccessResult add_column(Instrument& meter, const dlms::CaptureObject& object, ProfileSetup& setup) {
    ProfileColumn column{object, DataTag::octet_string, 0};
    if (object == kStatusColumn) column.tag = DataTag::unsigned_;
    if (object != kStampColumn && object != kStatusColumn) {
        const auto found = column_for(meter, object);
        if (!found) return found.error();
        column = *found;
    }
    if (!setup.columns.push_back(column)) return DataAccessResult::other_reason;
    if (setup.row_octets() <= RecordRing::kMaxPayload) return DataAccessResult::success;
    setup.columns.pop_back();
    return DataAccessResult::other_reason;
}

ProfileSetup default_setup(Instrument& meter, ProfileIndex index) {
    const ProfileDefinition& definition = profile_definition(index);
    ProfileSetup setup;
    setup.period_s = definition.period_s;
    for (const dlms::CaptureObject& object : definition.columns) (void)add_column(meter, object, setup);
    return setup;
}

void capture_values(Instrument& meter, const ProfileSetup& setup, ProfileRow& row) {
    std::size_t offset = 0;
    AttributeOctets buffer{};
    for (const ProfileColumn& column : setup.columns) {
        if (column.octets == 0) continue;
        const auto element = present_value(meter, column.object, buffer);
        if (!element || !store(*element, column, ByteSpan(row.octets).subspan(offset, column.octets))) {
            row.status = static_cast<std::uint8_t>(row.status | profile_status::kDataNotValid);
        }
        offset += column.octets;
    }
}

void write_present(Instrument& meter, const ProfileColumn& column, ByteWriter& out) {
    AttributeOctets buffer{};
    std::array<std::uint8_t, 1 + kMaxCapturedString> place{};
    const auto element = present_value(meter, column.object, buffer);
    if (element) (void)store(*element, column, ByteSpan(place).first(column.octets));
    out.put(ByteView(place).first(column.kind() == ColumnKind::string ? 1U + place[0] : column.octets));
}

}  // namespace ferraris::meter
