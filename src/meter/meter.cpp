#include "meter/meter.hpp"

#include "meter/objects/object_table.hpp"

namespace ferraris::meter {
namespace {

using dlms::Conformance;

constexpr Conformance kReadingConformance = Conformance::get | Conformance::block_transfer_with_get |
                                            Conformance::selective_access | Conformance::multiple_references |
                                            Conformance::priority_management | Conformance::access;
constexpr Conformance kFullConformance = kReadingConformance | Conformance::set | Conformance::action |
                                         Conformance::block_transfer_with_set |
                                         Conformance::block_transfer_with_action | Conformance::general_protection;

constexpr std::uint8_t kPolicyAuthenticated = 0x01;
constexpr std::uint8_t kPolicyEncrypted = 0x02;

Level level_of(const dlms::Caller& caller) {
    const auto index = client_index(caller.association.client_sap);
    return index ? kClients[*index].level : Level::public_;
}

}  // namespace

std::optional<dlms::ClientAccess> Meter::client(std::uint16_t client_sap) const {
    const auto index = client_index(client_sap);
    if (!index) return std::nullopt;
    const Client& client = kClients[*index];
    dlms::ClientAccess access;
    access.client_sap = client.sap;
    access.conformance = client.ciphers ? kFullConformance : kReadingConformance;
    if (!client.has_secret) return access;
    access.secret = instrument_.secrets[*index].view();
    access.mechanism = client.ciphers ? instrument_.mechanism : dlms::AuthenticationMechanism::low;
    if (!client.ciphers) return access;
    const SecuritySettings& security = instrument_.security[*index];
    const std::size_t size = security.suite == 2 ? 32 : 16;
    access.security_suite = security.suite;
    access.policy = {(security.policy & kPolicyAuthenticated) != 0, (security.policy & kPolicyEncrypted) != 0};
    access.keys = {ByteView(security.unicast_encryption).first(size),
                   ByteView(security.broadcast_encryption).first(size), ByteView(security.authentication).first(size)};
    return access;
}

bool Meter::accept_invocation_counter(std::uint16_t client_sap, dlms::KeySet key, std::uint32_t counter) {
    const auto index = client_index(client_sap);
    return index && instrument_.counters.accept(instrument_.parameters, *index, key, counter);
}

std::uint32_t Meter::expected_invocation_counter(std::uint16_t client_sap, dlms::KeySet key) const {
    const auto index = client_index(client_sap);
    return index ? instrument_.counters.expected(*index, key) : 0;
}

std::optional<std::uint32_t> Meter::next_invocation_counter(std::uint16_t client_sap, dlms::KeySet key) {
    const auto index = client_index(client_sap);
    if (!index || key != dlms::KeySet::global_unicast) return std::nullopt;
    return instrument_.counters.next(instrument_.parameters, *index);
}

dlms::ReadOutcome Meter::read(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                              const dlms::Selection* selection, dlms::ReadCursor& cursor, ByteWriter& out) {
    const ObjectRow* row = find_object(attribute.instance);
    if (row == nullptr) return dlms::ReadOutcome::failed(dlms::DataAccessResult::object_undefined);
    if (row->object_class->class_id != attribute.class_id) {
        return dlms::ReadOutcome::failed(dlms::DataAccessResult::object_class_inconsistent);
    }
    const Context context{instrument_, caller, level_of(caller), *row};
    return read_attribute(context, attribute.attribute, selection, cursor, out);
}

dlms::DataAccessResult Meter::write(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                                    const dlms::Selection* selection, ByteView value) {
    const ObjectRow* row = find_object(attribute.instance);
    if (row == nullptr) return dlms::DataAccessResult::object_undefined;
    if (row->object_class->class_id != attribute.class_id) return dlms::DataAccessResult::object_class_inconsistent;
    // No attribute that can be written takes a selection.
    if (selection != nullptr) return dlms::DataAccessResult::type_unmatched;
    const Context context{instrument_, caller, level_of(caller), *row};
    return write_attribute(context, attribute.attribute, value);
}

dlms::ActionResult Meter::invoke(const dlms::Caller& caller, const dlms::MethodDescriptor& method, ByteView parameters,
                                 ByteWriter& out) {
    const ObjectRow* row = find_object(method.instance);
    if (row == nullptr) return dlms::ActionResult::object_undefined;
    if (row->object_class->class_id != method.class_id) return dlms::ActionResult::object_class_inconsistent;
    const Context context{instrument_, caller, level_of(caller), *row};
    return invoke_method(context, method.method, parameters, out);
}

void Meter::security_event(std::uint16_t, dlms::SecurityEvent event) {
    ++security_events_[static_cast<std::size_t>(event)];
}

}  // namespace ferraris::meter
