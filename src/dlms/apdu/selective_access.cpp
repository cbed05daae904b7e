#include "dlms/apdu/selective_access.hpp"

namespace ferraris::dlms {
namespace {

/// The only thing that a well-read element can still be is one of another shape.
DataError reason(const DataReader& in) { return in.ok() ? DataError::type_unmatched : in.error(); }

}  // namespace

std::optional<CaptureObject> take_capture_object(DataReader& in) {
    CaptureObject object;
    if (in.structure() != 4) return std::nullopt;
    object.attribute.class_id = in.long_unsigned();
    object.attribute.instance = in.logical_name();
    object.attribute.attribute = in.integer();
    object.data_index = in.long_unsigned();
    if (!in.ok()) return std::nullopt;
    return object;
}

void take(ApduReader& in, CaptureObject& item) {
    DataReader data(in.data());
    const auto object = take_capture_object(data);
    if (!object || !data.finished()) in.refuse(ApduError::malformed);
    item = object.value_or(CaptureObject{});
}

void put(ByteWriter& out, const CaptureObject& item) {
    DataWriter data(out);
    data.structure(4);
    data.long_unsigned(item.attribute.class_id);
    data.octet_string(item.attribute.instance);
    data.integer(item.attribute.attribute);
    data.long_unsigned(item.data_index);
}

Result<RangeDescriptor, DataError> decode_range_descriptor(ByteView parameters) {
    DataReader in(parameters);
    RangeDescriptor range;
    if (in.structure() != 4) return Error(reason(in));
    const auto restricting = take_capture_object(in);
    if (!restricting) return Error(reason(in));
    range.restricting_object = *restricting;
    const auto from = in.any();
    const auto to = in.any();
    if (!from || !to) return Error(reason(in));
    range.from = *from;
    range.to = *to;
    const std::size_t columns = in.array();
    range.selected_values = {columns, in.rest()};
    for (std::size_t i = 0; i < columns; ++i) {
        if (!take_capture_object(in)) return Error(reason(in));
    }
    if (!in.finished()) return Error(reason(in));
    return range;
}

Result<EntryDescriptor, DataError> decode_entry_descriptor(ByteView parameters) {
    DataReader in(parameters);
    EntryDescriptor entry;
    if (in.structure() != 4) return Error(reason(in));
    entry.from_entry = in.double_long_unsigned();
    entry.to_entry = in.double_long_unsigned();
    entry.from_selected_value = in.long_unsigned();
    entry.to_selected_value = in.long_unsigned();
    if (!in.finished()) return Error(reason(in));
    return entry;
}

void encode(ByteWriter& out, const RangeDescriptor& range) {
    DataWriter data(out);
    data.structure(4);
    put(out, range.restricting_object);
    out.put(range.from.encoded);
    out.put(range.to.encoded);
    data.array(range.selected_values.count);
    out.put(range.selected_values.octets);
}

void encode(ByteWriter& out, const EntryDescriptor& entry) {
    DataWriter data(out);
    data.structure(4);
    data.double_long_unsigned(entry.from_entry);
    data.double_long_unsigned(entry.to_entry);
    data.long_unsigned(entry.from_selected_value);
    data.long_unsigned(entry.to_selected_value);
}

}  // namespace ferraris::dlms
