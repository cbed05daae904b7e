// Class 62, Compact data, version 1 (IEC 62056-6-2): values of several objects in one octet-string without types, which
// the template description has.
#include <algorithm>
#include <array>

#include "meter/objects/capture.hpp"
#include "meter/objects/classes.hpp"
#include "meter/profile/compact_data.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::CaptureObject;
using dlms::DataAccessResult;

constexpr std::uint8_t kNoRestriction = 0;
constexpr std::size_t kCaptureObjectElements = 5;

/// The template id is the first thing captured: whoever finds a buffer sees which template explains it.
CaptureObject template_id_of(const Context& context) {
    return {{context.row.object_class->class_id, context.row.name, 4}, 0};
}

/// Template id, clock and the energies, until the utility has another wish.
CompactDataSetup default_compact_setup(const Context& context) {
    CompactDataSetup setup;
    setup.template_id = static_cast<std::uint8_t>(context.row.address + 1);
    for (const CaptureObject& object :
         {template_id_of(context), kStampColumn, kStatusColumn, CaptureObject{{3, dlms::obis(1, 0, 1, 8, 0), 2}, 0},
          CaptureObject{{3, dlms::obis(1, 0, 2, 8, 0), 2}, 0}}) {
        const auto column = column_for(context.meter, object);
        if (column) (void)setup.columns.push_back(*column);
    }
    return setup;
}

/// The template id has its type before it has a place to be read from.
CompactDataSetup setup_for(const Context& context) {
    const auto setup = read_compact_setup(context.meter.parameters, context.row.address);
    return setup ? *setup : default_compact_setup(context);
}

CompactBuffer captured(const Context& context, const CompactDataSetup& setup) {
    CompactBuffer buffer;
    for (const ProfileColumn& column : setup.columns) {
        std::array<std::uint8_t, 1 + kMaxCapturedString> room{};
        ByteWriter out(room);
        write_present(context.meter, column, out);
        (void)buffer.append(out.written());
    }
    return buffer;
}

void write_buffer(const Context& context, dlms::DataWriter& data) {
    const CompactDataSetup setup = setup_for(context);
    const bool now = setup.method == CompactCaptureMethod::implicit;
    data.octet_string(
        (now ? captured(context, setup) : read_compact_buffer(context.meter.parameters, context.row.address)).view());
}

void write_objects(const Context& context, dlms::DataWriter& data) {
    const CompactDataSetup setup = setup_for(context);
    data.array(setup.columns.size());
    for (const ProfileColumn& column : setup.columns) {
        data.structure(kCaptureObjectElements);
        data.long_unsigned(column.object.attribute.class_id);
        data.octet_string(column.object.attribute.instance);
        data.integer(column.object.attribute.attribute);
        data.long_unsigned(column.object.data_index);
        data.structure(2);
        data.enum_(kNoRestriction);
        data.null_data();
    }
}

void write_template_id(const Context& context, dlms::DataWriter& data) {
    const auto setup = read_compact_setup(context.meter.parameters, context.row.address);
    data.unsigned_(setup ? setup->template_id : static_cast<std::uint8_t>(context.row.address + 1));
}

/// As the type description of a compact array: a structure of simple types.
void write_template(const Context& context, dlms::DataWriter& data) {
    const CompactDataSetup setup = setup_for(context);
    std::array<std::uint8_t, 2 + kMaxCompactColumns> octets{};
    ByteWriter out(octets);
    dlms::DataWriter(out).structure(setup.columns.size());
    for (const ProfileColumn& column : setup.columns) out.u8(static_cast<std::uint8_t>(column.tag));
    data.octet_string(out.written());
}

void write_method(const Context& context, dlms::DataWriter& data) {
    data.enum_(static_cast<std::uint8_t>(setup_for(context).method));
}

DataAccessResult store_setup(const Context& context, const CompactDataSetup& setup) {
    return write_compact_setup(context.meter.parameters, context.row.address, setup) ? DataAccessResult::success
                                                                                     : DataAccessResult::hardware_fault;
}

/// A capture object of version 1: four elements as in a profile, and a restriction, of which this meter has none.
DataAccessResult take_object(dlms::DataReader& in, CaptureObject& object) {
    if (in.structure() != kCaptureObjectElements) return DataAccessResult::type_unmatched;
    object.attribute.class_id = in.long_unsigned();
    object.attribute.instance = in.logical_name();
    object.attribute.attribute = in.integer();
    object.data_index = in.long_unsigned();
    if (in.structure() != 2) return DataAccessResult::type_unmatched;
    const std::uint8_t restriction = in.enum_();
    if (!in.any()) return DataAccessResult::type_unmatched;
    return restriction == kNoRestriction ? DataAccessResult::success : DataAccessResult::other_reason;
}

DataAccessResult take_objects(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::size_t count = in.array();
    CompactDataSetup setup = setup_for(context);
    setup.columns.clear();
    if (!in.ok()) return DataAccessResult::type_unmatched;
    if (count == 0 || count > kMaxCompactColumns) return DataAccessResult::other_reason;
    for (std::size_t i = 0; i < count; ++i) {
        CaptureObject object;
        const DataAccessResult result = take_object(in, object);
        if (result != DataAccessResult::success) return result;
        if (i == 0 && object != template_id_of(context)) return DataAccessResult::other_reason;
        // A buffer within a buffer could have no end.
        const bool is_buffer =
            object.attribute.class_id == kCompactDataClass.class_id && object.attribute.attribute == 2;
        if (is_buffer) return DataAccessResult::other_reason;
        const auto column = column_for(context.meter, object);
        if (!column) return column.error();
        (void)setup.columns.push_back(*column);
    }
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (setup.most_octets() > kMaxCompactBuffer) return DataAccessResult::other_reason;
    return store_setup(context, setup);
}

DataAccessResult take_template_id(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    CompactDataSetup setup = setup_for(context);
    setup.template_id = in.unsigned_();
    return in.finished() ? store_setup(context, setup) : DataAccessResult::type_unmatched;
}

DataAccessResult take_method(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint8_t method = in.enum_();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (method > static_cast<std::uint8_t>(CompactCaptureMethod::implicit)) return DataAccessResult::other_reason;
    CompactDataSetup setup = setup_for(context);
    setup.method = static_cast<CompactCaptureMethod>(method);
    return store_setup(context, setup);
}

ActionResult keep(const Context& context, ByteView parameters, ByteView buffer) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    if (!in.finished()) return ActionResult::type_unmatched;
    return write_compact_buffer(context.meter.parameters, context.row.address, buffer) ? ActionResult::success
                                                                                       : ActionResult::hardware_fault;
}

ActionResult reset_buffer(const Context& context, ByteView parameters, ByteWriter&) {
    return keep(context, parameters, {});
}

ActionResult capture_buffer(const Context& context, ByteView parameters, ByteWriter&) {
    return keep(context, parameters, captured(context, setup_for(context)).view());
}

constexpr std::array<AttributeRow, 5> kAttributes{{
    {write_buffer, nullptr, nullptr},
    {write_objects, nullptr, take_objects},
    {write_template_id, nullptr, take_template_id},
    {write_template, nullptr, nullptr},
    {write_method, nullptr, take_method},
}};

constexpr std::array<Invoke, 2> kMethods{reset_buffer, capture_buffer};

}  // namespace

constexpr ClassTable kCompactDataClass{62, 1, kAttributes, kMethods};

}  // namespace ferraris::meter
