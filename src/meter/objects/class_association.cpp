// Class 15, Association LN, version 1 (IEC 62056-6-2).
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

constexpr std::size_t kLeastSecret = 8;

std::size_t described_client(const Context& context) {
    if (context.row.address != kCurrentAssociationAddress) return context.row.address;
    return client_index(context.caller.association.client_sap).value_or(kLevelCount - 1);
}

bool is_current(const Context& context) {
    return kClients[described_client(context)].sap == context.caller.association.client_sap;
}

dlms::AuthenticationMechanism configured_mechanism(const Context& context) {
    switch (kClients[described_client(context)].level) {
        case Level::public_:
            return dlms::AuthenticationMechanism::none;
        case Level::reader:
            return dlms::AuthenticationMechanism::low;
        default:
            return context.meter.mechanism;
    }
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
    return write_object_list(kClients[described_client(context)].level, cursor, out);
}

void write_partners(const Context& context, dlms::DataWriter& data) {
    data.structure(2);
    data.integer(static_cast<std::int8_t>(kClients[described_client(context)].sap));
    data.long_unsigned(kManagementLogicalDeviceSap);
}

void write_application_context(const Context& context, dlms::DataWriter& data) {
    const bool ciphers = kClients[described_client(context)].ciphers;
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
    const Client& client = kClients[described_client(context)];
    const auto none = dlms::obis(0, 0, 0, 0, 0, 0);
    data.octet_string(client.ciphers ? dlms::obis(0, 0, 43, 0, static_cast<std::uint8_t>(client.sap)) : none);
}

template <class ResultCode>
ResultCode take_secret_of(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const ByteView secret = in.octet_string();
    if (!in.finished()) return ResultCode::type_unmatched;
    const std::size_t client = described_client(context);
    if (!kClients[client].has_secret) return ResultCode::read_write_denied;
    if (secret.size() < kLeastSecret || secret.size() > Secret::capacity()) return ResultCode::other_reason;
    return context.meter.store_secret(client, secret) ? ResultCode::success : ResultCode::hardware_fault;
}

DataAccessResult take_secret(const Context& context, ByteView value) {
    return take_secret_of<DataAccessResult>(context, value);
}

/// The session answers the high level authentication itself; here it comes only after it is over.
ActionResult reply_to_hls_authentication(const Context&, ByteView, ByteWriter&) {
    return ActionResult::read_write_denied;
}

ActionResult change_hls_secret(const Context& context, ByteView parameters, ByteWriter&) {
    return take_secret_of<ActionResult>(context, parameters);
}

constexpr std::array<AttributeRow, 8> kAttributes{{
    {nullptr, stream_object_list, nullptr},
    {write_partners, nullptr, nullptr},
    {write_application_context, nullptr, nullptr},
    {write_xdlms_context, nullptr, nullptr},
    {write_mechanism, nullptr, nullptr},
    {nullptr, nullptr, take_secret},
    {write_status, nullptr, nullptr},
    {write_security_setup, nullptr, nullptr},
}};

constexpr std::array<Invoke, 2> kMethods{reply_to_hls_authentication, change_hls_secret};

}  // namespace

constexpr ClassTable kAssociationClass{15, 1, kAttributes, kMethods, nullptr, nullptr};

}  // namespace ferraris::meter
