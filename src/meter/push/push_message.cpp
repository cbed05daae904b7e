#include "meter/push/push_message.hpp"

#include "dlms/apdu/data_notification.hpp"
#include "dlms/apdu/event_notification.hpp"
#include "dlms/apdu/selective_access.hpp"
#include "meter/objects/object_table.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataReader;
using dlms::DataWriter;

constexpr std::uint16_t kProfileGeneric = 7;
constexpr std::uint16_t kClock = 8;
constexpr std::uint16_t kPushSetupClassId = 40;
constexpr dlms::LogicalName kLogicalDeviceName = dlms::obis(0, 0, 42, 0, 0);
constexpr dlms::LogicalName kAlarmDescriptor = dlms::obis(0, 0, 97, 98, 20);
constexpr std::uint8_t kByEntry = 2;
constexpr std::uint32_t kConfirmedBit = 0x40000000;
constexpr std::uint32_t kHighPriorityBit = 0x80000000;
/// Room for the limits and columns of a selection.
constexpr std::size_t kMaxSelection = 256;

/// The restriction and the columns of a list element as the selective access that means the same.
bool write_selection(const PushObject& object, ByteWriter& out, dlms::Selection& selection) {
    DataWriter data(out);
    if (object.restriction == kByEntry) {
        selection.selector = dlms::kEntrySelector;
        data.structure(4);
        for (const ByteView limit : {object.from, object.to}) {
            DataReader in(limit);
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
        data.long_unsigned(kClock);
        data.octet_string(dlms::obis(0, 0, 1, 0, 0));
        data.integer(2);
        data.long_unsigned(0);
        for (const ByteView limit : {object.from, object.to}) {
            if (limit.empty()) {
                data.null_data();
            } else {
                out.put(limit);
            }
        }
        data.array(object.column_count);
        out.put(object.columns);
    }
    selection.parameters = out.written();
    return !out.overflowed();
}

/// Keeps of the value at the end of `out`, which began at `start`, its nth element.
bool keep_element(ByteSpan value, std::size_t index, std::size_t& size) {
    DataReader in(value.first(size));
    const std::size_t count = in.peek() == dlms::DataTag::array ? in.array() : in.structure();
    if (!in.ok() || index > count) return false;
    for (std::size_t i = 1; i < index; ++i) (void)in.any();
    const auto element = in.any();
    if (!element) return false;
    size = element->encoded.size();
    std::copy_n(element->encoded.begin(), size, value.begin());
    return true;
}

enum class ValueResult : std::uint8_t { good, not_there, no_room };

ValueResult write_value(Instrument& meter, const dlms::Caller& caller, Level level, const PushObject& object,
                        ByteWriter& out) {
    const ObjectRow* row = find_object(object.attribute.instance);
    if (row == nullptr || row->object_class->class_id != object.attribute.class_id) return ValueResult::not_there;
    std::array<std::uint8_t, kMaxSelection> selection_octets{};
    ByteWriter selection_out(selection_octets);
    dlms::Selection selection;
    const bool selects = object.attribute.class_id == kProfileGeneric && object.attribute.attribute == 2 &&
                         (object.restriction != 0 || object.column_count != 0);
    if (selects && !write_selection(object, selection_out, selection)) return ValueResult::not_there;
    dlms::ReadCursor cursor;
    const ByteSpan room = out.unused();
    ByteWriter value(room);
    const Context context{meter, caller, level, *row};
    const dlms::ReadOutcome outcome =
        read_attribute(context, object.attribute.attribute, selects ? &selection : nullptr, cursor, value);
    if (outcome.result != dlms::DataAccessResult::success) return ValueResult::not_there;
    if (!outcome.complete || value.overflowed()) return ValueResult::no_room;
    std::size_t size = value.size();
    if (object.data_index != 0 && !keep_element(room, object.data_index, size)) return ValueResult::not_there;
    out.advance(size);
    return ValueResult::good;
}

/// What an event-notification is about: of an alarm its descriptor, else the first object of the list that does more
/// than to say who sends.
std::optional<PushObject> event_object(DataReader list, std::size_t count, PushCause cause) {
    std::optional<PushObject> first;
    for (std::size_t i = 0; i < count; ++i) {
        const auto object = take_push_object(list);
        if (!object) break;
        const dlms::LogicalName& name = object->attribute.instance;
        if (cause == PushCause::alarm && name == kAlarmDescriptor) return object;
        const bool names = name == kLogicalDeviceName || object->attribute.class_id == kPushSetupClassId;
        if (!first && !names) first = object;
    }
    return first;
}

Level level_of(std::uint16_t client_sap) {
    const auto index = client_index(client_sap);
    return index ? kClients[*index].level : Level::public_;
}

}  // namespace

std::optional<std::size_t> write_push(Instrument& meter, PushCause cause, const PushSettings& settings,
                                      bool confirmation_wanted, ByteSpan buffer, std::size_t offset) {
    if (offset >= buffer.size()) return std::nullopt;
    ByteWriter out(buffer.subspan(offset));
    dlms::Association association;
    association.client_sap = settings.client_sap;
    association.server_sap = kManagementLogicalDeviceSap;
    const dlms::Caller caller{association, {}};
    const Level level = level_of(settings.client_sap);

    PushAttribute list_octets;
    DataReader list(read_push_attribute(meter.parameters, cause, kFirstPushAttribute, list_octets));
    std::size_t count = list.array();
    const UtcTime now = meter.clock.utc();
    const auto time = dlms::encode(meter.clock.rule.date_time(now, meter.clock.status(now)));
    const auto put = [&](const std::optional<PushObject>& object) {
        const ValueResult result = object ? write_value(meter, caller, level, *object, out) : ValueResult::not_there;
        if (result == ValueResult::not_there) DataWriter(out).null_data();
        return result != ValueResult::no_room;
    };
    if (settings.message == PushMessageType::event_notification) {
        // One object, told with its name, so that the value follows what names it.
        const auto object = event_object(list, count, cause);
        dlms::EventNotification notification;
        notification.time = time;
        if (object) notification.attribute = object->attribute;
        dlms::encode(out, notification);
        count = 0;
        if (!put(object)) return std::nullopt;
    } else {
        dlms::DataNotification notification;
        notification.invoke.bits = meter.push.invoke_id(cause) | (confirmation_wanted ? kConfirmedBit : 0) |
                                   (cause == PushCause::alarm ? kHighPriorityBit : 0);
        notification.date_time = time;
        dlms::encode(out, notification);
        DataWriter(out).structure(count);
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (!put(take_push_object(list))) return std::nullopt;
    }
    if (out.overflowed()) return std::nullopt;
    return out.size();
}

}  // namespace ferraris::meter
