// Class 18, Image transfer, version 0, and what activates an image at a given time: class 9, Script table, and class
// 22, Single action schedule (IEC 62056-6-2).
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/schedule/execution_times.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

/// The one script: image_activate.
constexpr std::uint16_t kActivateScript = 1;
constexpr std::int8_t kActivateMethod = 4;
constexpr std::uint8_t kExecute = 2;
/// Entries whose times and dates may differ and may have wild cards.
constexpr std::uint8_t kScheduleOfAnyTimes = 5;

std::uint8_t sap_of(const Context& context) { return static_cast<std::uint8_t>(context.caller.association.client_sap); }

void write_block_size(const Context&, dlms::DataWriter& data) { data.double_long_unsigned(ImageArea::kBlockSize); }

void write_transferred(const Context& context, dlms::DataWriter& data) {
    const std::uint32_t count = context.meter.images.block_count();
    const ImageArea::Marks marks = context.meter.images.marks();
    data.bit_string(ByteView(marks).first((count + 7) / 8), count);
}

void write_first_missing(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.images.first_missing());
}

void write_enabled(const Context& context, dlms::DataWriter& data) { data.boolean(context.meter.images.enabled()); }

DataAccessResult take_enabled(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const bool enabled = in.boolean();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    const bool stored = context.meter.images.enable(context.meter.parameters, enabled);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

void write_status(const Context& context, dlms::DataWriter& data) {
    data.enum_(static_cast<std::uint8_t>(context.meter.images.status()));
}

void write_to_activate(const Context& context, dlms::DataWriter& data) {
    const auto header = context.meter.images.to_activate();
    data.array(header ? 1 : 0);
    if (!header) return;
    data.structure(3);
    data.double_long_unsigned(context.meter.images.size());
    data.octet_string(ImageTransfer::identifier(context.meter.parameters).view());
    data.octet_string(header->signature);
}

ActionResult initiate(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const bool pair = in.structure() == 2;
    const ByteView identifier = in.octet_string();
    const std::uint32_t size = in.double_long_unsigned();
    if (!pair || !in.finished()) return ActionResult::type_unmatched;
    Occurrences due;
    const ActionResult result = context.meter.images.initiate(context.meter.parameters, identifier, size, due);
    context.meter.report(due);
    return result;
}

ActionResult transfer_block(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const bool pair = in.structure() == 2;
    const std::uint32_t number = in.double_long_unsigned();
    const ByteView octets = in.octet_string();
    if (!pair || !in.finished()) return ActionResult::type_unmatched;
    return context.meter.images.transfer(number, octets);
}

bool is_integer(ByteView parameters) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    return in.finished();
}

ActionResult verify(const Context& context, ByteView parameters, ByteWriter&) {
    return is_integer(parameters) ? context.meter.images.verify() : ActionResult::type_unmatched;
}

ActionResult activate(const Context& context, ByteView parameters, ByteWriter&) {
    return is_integer(parameters) ? context.meter.activate_image(sap_of(context)) : ActionResult::type_unmatched;
}

constexpr std::array<AttributeRow, 6> kTransferAttributes{{
    {write_block_size, nullptr, nullptr},
    {write_transferred, nullptr, nullptr},
    {write_first_missing, nullptr, nullptr},
    {write_enabled, nullptr, take_enabled},
    {write_status, nullptr, nullptr},
    {write_to_activate, nullptr, nullptr},
}};
constexpr std::array<Invoke, 4> kTransferMethods{initiate, transfer_block, verify, activate};

void write_scripts(const Context&, dlms::DataWriter& data) {
    data.array(1);
    data.structure(2);
    data.long_unsigned(kActivateScript);
    data.array(1);
    data.structure(5);
    data.enum_(kExecute);
    data.long_unsigned(kImageTransferClass.class_id);
    data.octet_string(kImageTransfer);
    data.integer(kActivateMethod);
    data.integer(0);
}

ActionResult execute(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const std::uint16_t script = in.long_unsigned();
    if (!in.finished()) return ActionResult::type_unmatched;
    if (script != kActivateScript) return ActionResult::object_undefined;
    return context.meter.activate_image(sap_of(context));
}

void write_executed_script(const Context&, dlms::DataWriter& data) {
    data.structure(2);
    data.octet_string(kImageScriptTable);
    data.long_unsigned(kActivateScript);
}

void write_schedule_type(const Context&, dlms::DataWriter& data) { data.enum_(kScheduleOfAnyTimes); }

void write_times(const Context& context, dlms::DataWriter& data) {
    ActivationSchedule::Times buffer;
    data.out().put(ActivationSchedule::times(context.meter.parameters, buffer));
}

DataAccessResult take_times(const Context& context, ByteView value) {
    const DataAccessResult checked =
        check_execution_times(value, ActivationSchedule::kMostEntries, std::tuple_size_v<ActivationSchedule::Times>);
    if (checked != DataAccessResult::success) return checked;
    Instrument& meter = context.meter;
    const bool stored = meter.image_schedule.write(meter.parameters, value, sap_of(context), meter.clock);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 1> kScriptAttributes{{{write_scripts, nullptr, nullptr}}};
constexpr std::array<Invoke, 1> kScriptMethods{execute};
constexpr std::array<AttributeRow, 3> kScheduleAttributes{{
    {write_executed_script, nullptr, nullptr},
    {write_schedule_type, nullptr, nullptr},
    {write_times, nullptr, take_times},
}};

}  // namespace

constexpr ClassTable kImageTransferClass{18, 0, kTransferAttributes, kTransferMethods};
constexpr ClassTable kImageScriptClass{9, 0, kScriptAttributes, kScriptMethods};
constexpr ClassTable kImageScheduleClass{22, 0, kScheduleAttributes, {}};

}  // namespace ferraris::meter
