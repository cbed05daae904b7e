// Class 15, Association LN, version 3, and the older ones that are parts of it (IEC 62056-6-2).
#include <array>

#include "meter/objects/association_methods.hpp"
#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

bool is_current(const Context& context) {
    return kClients[association_index(context)].sap == context.caller.association.client_sap;
}

dlms::AuthenticationMechanism configured_mechanism(const Context& context) {
    const std::size_t index = association_index(context);
    return kClients[index].has_secret ? context.meter.mechanisms[index] : dlms::AuthenticationMechanism::none;
}

/// 2.16.756.5.8.<group>.<last>, as the structure that the standard offers beside the octet-string.
void write_name(dlms::DataWriter& data, std::uint8_t group, std::uint8_t last) {
    data.structure(7);
    data.unsigned_(2);
    data.unsigned_(16);
    data.long_unsigned(756);
    data.unsigned_(5);
    data.unsigned_(8);
    data.unsigned_(group);
    data.unsigned_(last);
}

dlms::ReadOutcome stream_object_list(const Context& context, const dlms::Selection* selection, dlms::ReadCursor& cursor,
                                     ByteWriter& out) {
    if (selection != nullptr) return dlms::ReadOutcome::failed(DataAccessResult::type_unmatched);
    return write_object_list(context.meter, association_index(context), cursor, out);
}

void write_partners(const Context& context, dlms::DataWriter& data) {
    data.structure(2);
    data.integer(static_cast<std::int8_t>(kClients[association_index(context)].sap));
    data.long_unsigned(kManagementLogicalDeviceSap);
}

void write_application_context(const Context& context, dlms::DataWriter& data) {
    const bool ciphers = kClients[association_index(context)].ciphers;
    const auto configured =
        ciphers ? dlms::ApplicationContext::logical_names_ciphered : dlms::ApplicationContext::logical_names;
    const auto name = is_current(context) ? context.caller.association.context : configured;
    write_name(data, 1, static_cast<std::uint8_t>(name));
}

void write_xdlms_context(const Context& context, dlms::DataWriter& data) {
    const dlms::Association none{};
    const dlms::Association& association = is_current(context) ? context.caller.association : none;
    std::array<std::uint8_t, 3> conformance{};
    ByteWriter(conformance).unsigned_of(static_cast<std::uint32_t>(association.conformance), conformance.size());
    data.structure(6);
    data.bit_string(conformance, 24);
    data.long_unsigned(association.max_receive_pdu_size);
    data.long_unsigned(association.max_send_pdu_size);
    data.unsigned_(association.dlms_version);
    data.integer(0);
    data.octet_string(ByteView{});
}

void write_mechanism(const Context& context, dlms::DataWriter& data) {
    const auto mechanism = is_current(context) ? context.caller.association.mechanism : configured_mechanism(context);
    write_name(data, 2, static_cast<std::uint8_t>(mechanism));
}

void write_status(const Context& context, dlms::DataWriter& data) {
    const auto status =
        is_current(context) ? context.caller.association.status : dlms::AssociationStatus::non_associated;
    data.enum_(static_cast<std::uint8_t>(status));
}

void write_security_setup(const Context& context, dlms::DataWriter& data) {
    const Client& client = kClients[association_index(context)];
    const auto none = dlms::obis(0, 0, 0, 0, 0, 0);
    data.octet_string(client.ciphers ? dlms::obis(0, 0, 43, 0, static_cast<std::uint8_t>(client.sap)) : none);
}

void write_user(dlms::DataWriter& data, std::uint8_t id, ByteView name) {
    data.structure(2);
    data.unsigned_(id);
    data.visible_string(name);
}

void write_users(const Context& context, dlms::DataWriter& data) {
    const UserList& users = context.meter.associations[association_index(context)].users;
    data.array(users.ids.size());
    for (std::size_t i = 0; i < users.ids.size(); ++i) write_user(data, users.ids[i], users.names[i].view());
}

/// Who has said to be what user; user 0 without a name where nobody was asked.
void write_current_user(const Context& context, dlms::DataWriter& data) {
    const UserList& users = context.meter.associations[association_index(context)].users;
    const auto user = is_current(context) ? context.caller.association.user_id : std::nullopt;
    const auto known = user ? users.find(*user) : std::nullopt;
    write_user(data, user.value_or(0), known ? users.names[*known].view() : ByteView{});
}

constexpr std::array<AttributeRow, 10> kAttributes{{
    {nullptr, stream_object_list, nullptr},
    {write_partners, nullptr, nullptr},
    {write_application_context, nullptr, nullptr},
    {write_xdlms_context, nullptr, nullptr},
    {write_mechanism, nullptr, nullptr},
    {nullptr, nullptr, take_association_secret},
    {write_status, nullptr, nullptr},
    {write_security_setup, nullptr, nullptr},
    {write_users, nullptr, nullptr},
    {write_current_user, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kAssociationClass{15, 3, kAttributes, kAssociationMethods};

}  // namespace ferraris::meter
