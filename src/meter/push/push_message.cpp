#include "meter/push/push_message.hpp"

#include "dlms/apdu/data_notification.hpp"
#include "dlms/apdu/event_notification.hpp"
#include "meter/objects/object_table.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataReader;
using dlms::DataWriter;

constexpr std::uint16_t kPushSetupClassId = 40;
constexpr dlms::LogicalName kLogicalDeviceName = dlms::obis(0, 0, 42, 0, 0);
constexpr dlms::LogicalName kAlarmDescriptor = dlms::obis(0, 0, 97, 98, 20);
constexpr std::uint32_t kConfirmedBit = 0x40000000;
constexpr std::uint32_t kHighPriorityBit = 0x80000000;

/// What an event-notification is about: of an alarm its descriptor, else the first object of the list that does more
/// than to say who sends.
std::optional<SelectedAttribute> event_object(DataReader list, std::size_t count, PushCause cause) {
    std::optional<SelectedAttribute> first;
    for (std::size_t i = 0; i < count; ++i) {
        const auto object = take_selected_attribute(list, Columns::listed);
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
    const auto put = [&](const std::optional<SelectedAttribute>& object) {
        const auto value = object ? read_selected(meter, caller, level, *object, out)
                                  : dlms::ReadOutcome::failed(dlms::DataAccessResult::object_undefined);
        if (value.result != dlms::DataAccessResult::success) DataWriter(out).null_data();
        return value.complete;
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
        if (!put(take_selected_attribute(list, Columns::listed))) return std::nullopt;
    }
    if (out.overflowed()) return std::nullopt;
    return out.size();
}

}  // namespace ferraris::meter
