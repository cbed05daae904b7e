#include "meter/objects/association_methods.hpp"

#include <algorithm>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

constexpr std::size_t kLeastSecret = 8;

template <class ResultCode>
ResultCode take_secret_of(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const ByteView secret = in.octet_string();
    if (!in.finished()) return ResultCode::type_unmatched;
    const std::size_t client = association_index(context);
    if (!kClients[client].has_secret) return ResultCode::read_write_denied;
    if (secret.size() < kLeastSecret || secret.size() > Secret::capacity()) return ResultCode::other_reason;
    return context.meter.store_secret(client, secret) ? ResultCode::success : ResultCode::hardware_fault;
}

/// The session answers the high level authentication itself; here it comes only after it is over.
ActionResult reply_to_hls_authentication(const Context&, ByteView, ByteWriter&) {
    return ActionResult::read_write_denied;
}

ActionResult change_hls_secret(const Context& context, ByteView parameters, ByteWriter&) {
    return take_secret_of<ActionResult>(context, parameters);
}

/// Changes a copy of the settings, then stores it. `change(settings)` says whether it is possible.
template <class Change>
ActionResult change_settings(const Context& context, Change&& change) {
    const std::size_t client = association_index(context);
    AssociationSettings settings = context.meter.associations[client];
    if (!change(settings)) return ActionResult::other_reason;
    return context.meter.store_association(client, settings) ? ActionResult::success : ActionResult::hardware_fault;
}

/// Without these nobody finds his way, or back: associations and their security, the list and the name of the device.
bool is_indispensable(const ObjectRow& row) {
    constexpr std::array<std::uint16_t, 3> kClasses{15, 17, 64};
    return std::ranges::find(kClasses, row.object_class->class_id) != kClasses.end() ||
           row.name == dlms::obis(0, 0, 42, 0, 0);
}

/// The row that an element of an object list is about, and nothing when this level has no such object.
const ObjectRow* listed_row(ByteView element, Level level, AssociationVersion associations) {
    dlms::DataReader in(element);
    if (in.structure() != 4) return nullptr;
    const std::uint16_t class_id = in.long_unsigned();
    const std::uint8_t version = in.unsigned_();
    const dlms::LogicalName name = in.logical_name();
    if (!in.ok()) return nullptr;
    const ObjectRow* row = find_object(name);
    if (row == nullptr || row->object_class->class_id != class_id || !row->access->of(level).any() ||
        version != (class_id == AssociationVersion::kClassId ? associations.number : row->object_class->version)) {
        return nullptr;
    }
    return row;
}

bool is_object_list_element(ByteView element) {
    dlms::DataReader in(element);
    return in.structure() == 4 && (in.long_unsigned(), in.unsigned_(), in.logical_name(), in.any().has_value()) &&
           in.finished();
}

/// The element must be as the object list would have it: rights that the level has not are not given out here.
ActionResult add_object(const Context& context, ByteView parameters, ByteWriter&) {
    if (!is_object_list_element(parameters)) return ActionResult::type_unmatched;
    const Level level = kClients[association_index(context)].level;
    const ObjectRow* row = listed_row(parameters, level, context.meter.association_version);
    if (row == nullptr) return ActionResult::object_undefined;
    if (!is_list_element(*row, level, context.meter.association_version, parameters)) return ActionResult::other_reason;
    return change_settings(context, [&](AssociationSettings& settings) {
        auto& removed = settings.removed_objects;
        const auto* const found = std::find(removed.begin(), removed.end(), row->name);
        if (found != removed.end()) removed.erase(static_cast<std::size_t>(found - removed.begin()));
        return true;
    });
}

ActionResult remove_object(const Context& context, ByteView parameters, ByteWriter&) {
    if (!is_object_list_element(parameters)) return ActionResult::type_unmatched;
    const ObjectRow* row =
        listed_row(parameters, kClients[association_index(context)].level, context.meter.association_version);
    if (row == nullptr) return ActionResult::object_undefined;
    if (is_indispensable(*row)) return ActionResult::other_reason;
    return change_settings(context, [&](AssociationSettings& settings) {
        return !settings.has_removed(row->name) && settings.removed_objects.push_back(row->name);
    });
}

/// `change(users, id, name)` with the fields of a user_list_entry.
template <class Change>
ActionResult change_users(const Context& context, ByteView parameters, Change&& change) {
    dlms::DataReader in(parameters);
    if (in.structure() != 2) return ActionResult::type_unmatched;
    const std::uint8_t id = in.unsigned_();
    const ByteView name = in.visible_string();
    if (!in.finished()) return ActionResult::type_unmatched;
    return change_settings(context, [&](AssociationSettings& settings) { return change(settings.users, id, name); });
}

ActionResult add_user(const Context& context, ByteView parameters, ByteWriter&) {
    return change_users(context, parameters,
                        [](UserList& users, std::uint8_t id, ByteView name) { return users.add(id, name); });
}

ActionResult remove_user(const Context& context, ByteView parameters, ByteWriter&) {
    return change_users(context, parameters,
                        [](UserList& users, std::uint8_t id, ByteView name) { return users.remove(id, name); });
}

}  // namespace

constexpr std::array<Invoke, 6> kAssociationMethods{
    reply_to_hls_authentication, change_hls_secret, add_object, remove_object, add_user, remove_user};

std::size_t association_index(const Context& context) {
    if (context.row.address != kCurrentAssociationAddress) return context.row.address;
    return client_index(context.caller.association.client_sap).value_or(kLevelCount - 1);
}

DataAccessResult take_association_secret(const Context& context, ByteView value) {
    return take_secret_of<DataAccessResult>(context, value);
}

}  // namespace ferraris::meter
