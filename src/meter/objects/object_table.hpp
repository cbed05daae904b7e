/// The object model: one constant table of every COSEM object of the meter (IEC 62056-6-2). DLMS, read-outs, display
/// and the capture lists of the profiles address all values through it. A new register is a new row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "dlms/server/logical_device.hpp"
#include "meter/instrument.hpp"
#include "meter/objects/access.hpp"

namespace ferraris::meter {

struct ClassTable;

struct ObjectRow {
    dlms::LogicalName name{};
    const ClassTable* object_class{nullptr};
    std::uint16_t address{0};  ///< which of its kind: what it means is up to the class table
    const Access* access{nullptr};
};

/// A request on its way to the row that it is for.
struct Context {
    Instrument& meter;
    const dlms::Caller& caller;
    Level level;
    const ObjectRow& row;
};

using WriteValue = void (*)(const Context&, dlms::DataWriter&);
using Stream = dlms::ReadOutcome (*)(const Context&, const dlms::Selection*, dlms::ReadCursor&, ByteWriter&);
using Take = dlms::DataAccessResult (*)(const Context&, ByteView);
using Invoke = dlms::ActionResult (*)(const Context&, ByteView, ByteWriter&);

/// One attribute: `value` for a value of one element, `stream` for a long one or one with selective access.
struct AttributeRow {
    WriteValue value{nullptr};
    Stream stream{nullptr};
    Take take{nullptr};                        ///< null: never writable
    std::span<const std::int8_t> selectors{};  ///< of selective access
};

/// A class as this meter has it: attributes from 2 on (1 is the logical name of every class) and methods from 1 on.
struct ClassTable {
    std::uint16_t class_id{0};
    std::uint8_t version{0};
    std::span<const AttributeRow> attributes{};
    std::span<const Invoke> methods{};
    /// Whether values of ended billing periods can be read, by value group F.
    bool by_billing_period{false};
};

/// All objects, sorted by logical name, each name once.
[[nodiscard]] std::span<const ObjectRow> object_table();
[[nodiscard]] const ObjectRow* find_object(const dlms::LogicalName& name);

[[nodiscard]] dlms::ReadOutcome read_attribute(const Context& context, int attribute, const dlms::Selection* selection,
                                               dlms::ReadCursor& cursor, ByteWriter& out);
[[nodiscard]] dlms::DataAccessResult write_attribute(const Context& context, int attribute, ByteView value);
[[nodiscard]] dlms::ActionResult invoke_method(const Context& context, int method, ByteView parameters,
                                               ByteWriter& out);

/// Writes `object_list` of association `client`, an element for each object on which it has any right.
[[nodiscard]] dlms::ReadOutcome write_object_list(const Instrument& meter, std::size_t client, dlms::ReadCursor& cursor,
                                                  ByteWriter& out);
/// Whether `element` is what the object list of `level` has for `row` where associations are of that version.
[[nodiscard]] bool is_list_element(const ObjectRow& row, Level level, AssociationVersion associations,
                                   ByteView element);

}  // namespace ferraris::meter
