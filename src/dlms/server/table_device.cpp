#include "dlms/server/table_device.hpp"

namespace ferraris::dlms {
namespace {

constexpr std::uint16_t kAssociationClass = 15;
constexpr std::uint8_t kAssociationVersion = 1;
constexpr LogicalName kCurrentAssociation = obis(0, 0, 40, 0, 0);
constexpr std::int8_t kLogicalNameAttribute = 1;
constexpr std::int8_t kObjectListAttribute = 2;

/// Attribute-access-item: number, mode (1 read, 2 write, 3 both), no selectors.
void write_right(DataWriter& out, std::int8_t attribute, bool readable, bool writable) {
    out.structure(3);
    out.integer(attribute);
    out.enum_(static_cast<std::uint8_t>((readable ? 1U : 0U) + (writable ? 2U : 0U)));
    out.null_data();
}

void write_object_head(DataWriter& out, const AttributeTable::Entry& object, std::size_t attributes) {
    out.structure(4);
    out.long_unsigned(object.class_id);
    out.unsigned_(object.version);
    out.octet_string(object.name);
    out.structure(2);
    out.array(attributes);
    write_right(out, kLogicalNameAttribute, true, false);
}

void write_association(DataWriter& out) {
    write_object_head(out, {kAssociationClass, kAssociationVersion, kCurrentAssociation}, 2);
    write_right(out, kObjectListAttribute, true, false);
    out.array(0);
}

bool may_write(const Caller& caller) { return caller.association.mechanism != AuthenticationMechanism::none; }

bool begins_object(const AttributeTable& table, std::size_t index) {
    if (index == 0) return true;
    const AttributeTable::Entry before = table.row(index - 1);
    const AttributeTable::Entry row = table.row(index);
    return row.class_id != before.class_id || row.name != before.name;
}

void write_object(const AttributeTable& table, std::size_t first, bool writable, DataWriter& out) {
    std::size_t end = first + 1;
    while (end < table.row_count() && !begins_object(table, end)) ++end;
    write_object_head(out, table.row(first), end - first + 1);
    for (std::size_t i = first; i < end; ++i) {
        const AttributeTable::Entry row = table.row(i);
        write_right(out, row.attribute, row.readable, row.writable && writable);
    }
    out.array(0);
}

ReadOutcome read_object_list(const AttributeTable& table, bool writable, ReadCursor& cursor, ByteWriter& out) {
    std::size_t objects = 1;
    for (std::size_t i = 0; i < table.row_count(); ++i) objects += begins_object(table, i) ? 1U : 0U;
    // The head, the association itself, then an element for each row; empty where the row's object has one already.
    return write_elements(cursor, static_cast<std::uint32_t>(table.row_count()) + 2, out,
                          [&table, objects, writable](std::uint32_t element, DataWriter& list) {
                              if (element == 0) return list.array(objects);
                              if (element == 1) return write_association(list);
                              if (begins_object(table, element - 2)) write_object(table, element - 2, writable, list);
                          });
}

/// Success with `index` beyond the table: the logical name of an object that is there.
DataAccessResult find(const AttributeTable& table, const AttributeDescriptor& attribute, std::size_t& index) {
    bool name_is_known = false;
    bool object_is_known = false;
    for (index = 0; index < table.row_count(); ++index) {
        const AttributeTable::Entry row = table.row(index);
        if (row.name != attribute.instance) continue;
        name_is_known = true;
        if (row.class_id != attribute.class_id) continue;
        object_is_known = true;
        if (row.attribute == attribute.attribute) return DataAccessResult::success;
    }
    if (!object_is_known) {
        return name_is_known ? DataAccessResult::object_class_inconsistent : DataAccessResult::object_undefined;
    }
    return attribute.attribute == kLogicalNameAttribute ? DataAccessResult::success
                                                        : DataAccessResult::read_write_denied;
}

}  // namespace

ReadOutcome read_table(const AttributeTable& table, const Caller& caller, const AttributeDescriptor& attribute,
                       const Selection* selection, ReadCursor& cursor, ByteWriter& out) {
    if (selection != nullptr) return ReadOutcome::failed(DataAccessResult::type_unmatched);
    const auto write_name = [&attribute](DataWriter& data) { data.octet_string(attribute.instance); };
    if (attribute.class_id == kAssociationClass && attribute.instance == kCurrentAssociation) {
        if (attribute.attribute == kObjectListAttribute) return read_object_list(table, may_write(caller), cursor, out);
        if (attribute.attribute == kLogicalNameAttribute) return write_whole(cursor, out, write_name);
    }
    std::size_t index = 0;
    const DataAccessResult found = find(table, attribute, index);
    if (found != DataAccessResult::success) return ReadOutcome::failed(found);
    if (index == table.row_count()) return write_whole(cursor, out, write_name);
    if (!table.row(index).readable) return ReadOutcome::failed(DataAccessResult::read_write_denied);
    return write_whole(cursor, out, [&table, index](DataWriter& data) { table.read_row(index, data); });
}

DataAccessResult write_table(AttributeTable& table, const Caller& caller, const AttributeDescriptor& attribute,
                             const Selection* selection, ByteView value) {
    if (selection != nullptr) return DataAccessResult::type_unmatched;
    std::size_t index = 0;
    const DataAccessResult found = find(table, attribute, index);
    if (found != DataAccessResult::success) return found;
    if (index == table.row_count() || !table.row(index).writable || !may_write(caller)) {
        return DataAccessResult::read_write_denied;
    }
    return table.write_row(index, value);
}

}  // namespace ferraris::dlms
