#include "meter/meter.hpp"

#include "dlms/apdu/data_notification.hpp"
#include "dlms/security/ciphering.hpp"
#include "meter/objects/billing_period.hpp"
#include "meter/objects/lcd_content.hpp"
#include "meter/objects/object_table.hpp"
#include "meter/push/push_protection.hpp"
#include "meter/security/security_policy.hpp"

namespace ferraris::meter {
namespace {

using dlms::Conformance;

constexpr Conformance kReadingConformance = Conformance::get | Conformance::block_transfer_with_get |
                                            Conformance::selective_access | Conformance::multiple_references |
                                            Conformance::priority_management | Conformance::access |
                                            Conformance::general_block_transfer | Conformance::delta_value_encoding;
constexpr Conformance kFullConformance = kReadingConformance | Conformance::set | Conformance::action |
                                         Conformance::block_transfer_with_set |
                                         Conformance::block_transfer_with_action | Conformance::general_protection;

Level level_of(const dlms::Caller& caller) {
    const auto index = client_index(caller.association.client_sap);
    return index ? kClients[*index].level : Level::public_;
}

}  // namespace

void Meter::sub_meter_answered(std::size_t index, bool did) {
    SubMeters& behind = instrument_.sub_meters;
    behind.answered(index, did);
    instrument_.display.show_sub_meter(SubMeter::electricity, behind.shown(SubMeterKind::electricity));
    instrument_.display.show_sub_meter(SubMeter::gas, behind.shown(SubMeterKind::gas));
    instrument_.display.show_sub_meter(SubMeter::heat, behind.shown(SubMeterKind::heat));
    instrument_.display.show_sub_meter(SubMeter::water, behind.shown(SubMeterKind::water));
}

std::optional<dlms::ClientAccess> Meter::client(std::uint16_t client_sap) const {
    const auto index = client_index(client_sap);
    if (!index) return std::nullopt;
    const Client& client = kClients[*index];
    dlms::ClientAccess access;
    access.client_sap = client.sap;
    access.conformance = client.ciphers ? kFullConformance : kReadingConformance;
    access.user_ids = instrument_.associations[*index].users.ids.view();
    if (!client.has_secret) return access;
    access.locked = instrument_.logins.is_locked(*index, instrument_.clock.board());
    access.secret = instrument_.secrets[*index].view();
    access.mechanism = instrument_.mechanisms[*index];
    if (!client.ciphers) return access;
    const SecuritySettings& security = instrument_.security[*index];
    const std::size_t size = security.suite == 2 ? 32 : 16;
    access.security_suite = security.suite;
    access.policy = policy::of_requests(security.policy);
    access.answer_policy = policy::of_answers(security.policy);
    access.legacy_digests = instrument_.legacy_digests;
    access.keys = {ByteView(security.unicast_encryption).first(size),
                   ByteView(security.broadcast_encryption).first(size), ByteView(security.authentication).first(size),
                   ByteView(security.master).first(size)};
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

std::optional<dlms::PrivateKey> Meter::private_key(std::uint16_t client_sap, dlms::KeyUse use) const {
    const auto index = client_index(client_sap);
    if (!index || !kClients[*index].ciphers) return std::nullopt;
    return instrument_.key_pairs.private_key(use, KeyPairStage::in_use);
}

std::optional<dlms::PublicKey> Meter::public_key(std::uint16_t client_sap, ByteView system_title,
                                                 dlms::KeyUse use) const {
    const auto index = client_index(client_sap);
    if (!index || !kClients[*index].ciphers) return std::nullopt;
    const auto now = instrument_.clock.valid() ? std::optional(instrument_.clock.utc()) : std::nullopt;
    return instrument_.key_pairs.public_key(system_title, use, now);
}

dlms::ReadOutcome Meter::read(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                              const dlms::Selection* selection, dlms::ReadCursor& cursor, ByteWriter& out) {
    const ObjectRow* row = find(caller, attribute.instance);
    if (row == nullptr) row = find_of_ended_period(caller, attribute.instance);
    if (row == nullptr) return dlms::ReadOutcome::failed(dlms::DataAccessResult::object_undefined);
    if (row->object_class->class_id != attribute.class_id) {
        return dlms::ReadOutcome::failed(dlms::DataAccessResult::object_class_inconsistent);
    }
    ObjectRow asked = *row;
    asked.name = attribute.instance;
    const Context context{instrument_, caller, level_of(caller), asked};
    if (asked.name != row->name && !ended_period(context)) {
        return dlms::ReadOutcome::failed(dlms::DataAccessResult::object_undefined);
    }
    return read_attribute(context, attribute.attribute, selection, cursor, out);
}

dlms::DataAccessResult Meter::write(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                                    const dlms::Selection* selection, ByteView value) {
    const ObjectRow* row = find(caller, attribute.instance);
    if (row == nullptr) return dlms::DataAccessResult::object_undefined;
    if (row->object_class->class_id != attribute.class_id) return dlms::DataAccessResult::object_class_inconsistent;
    // No attribute that can be written takes a selection.
    if (selection != nullptr) return dlms::DataAccessResult::type_unmatched;
    const Context context{instrument_, caller, level_of(caller), *row};
    return write_attribute(context, attribute.attribute, value);
}

dlms::ActionResult Meter::invoke(const dlms::Caller& caller, const dlms::MethodDescriptor& method, ByteView parameters,
                                 ByteWriter& out) {
    const ObjectRow* row = find(caller, method.instance);
    if (row == nullptr) return dlms::ActionResult::object_undefined;
    if (row->object_class->class_id != method.class_id) return dlms::ActionResult::object_class_inconsistent;
    const Context context{instrument_, caller, level_of(caller), *row};
    return invoke_method(context, method.method, parameters, out);
}

board::Lcd Meter::lcd() { return lcd_content(instrument_); }

std::optional<PushMessage> Meter::next_push(ByteSpan buffer) {
    const auto cause = instrument_.push.take_due();
    if (!cause) return std::nullopt;
    const PushSettings settings = read_push_settings(instrument_.parameters, *cause);
    PushMessage message;
    message.cause = *cause;
    message.transport = settings.transport;
    message.destination = settings.destination;
    message.client_sap = settings.client_sap;
    message.attempt = instrument_.push.attempt(*cause);
    message.invoke_id = instrument_.push.invoke_id(*cause);
    message.confirmation_wanted = settings.message == PushMessageType::data_notification &&
                                  instrument_.push.wants_confirmation(settings, *cause, instrument_.clock.seconds());
    message.problem = write_message(settings, buffer, message);
    if (message.problem != PushProblem::none) instrument_.push.abandon(*cause);
    return message;
}

PushProblem Meter::write_message(const PushSettings& settings, ByteSpan buffer, PushMessage& message) {
    const auto access = client(settings.client_sap);
    if (!access) return PushProblem::no_client;
    const PushProtection protection = protection_of_push(instrument_.parameters, message.cause, *access);
    if (!protection.protection().covers(access->policy)) return PushProblem::unprotected;
    const std::size_t around = dlms::overhead_of(protection.layers, access->security_suite, buffer.size());
    if (buffer.size() < dlms::kMaxCipherHead + around) return PushProblem::too_long;
    const auto length = write_push(instrument_, message.cause, settings, message.confirmation_wanted,
                                   buffer.first(buffer.size() - around), dlms::kMaxCipherHead);
    if (!length) return PushProblem::too_long;
    const auto apdu =
        protect_push(*this, instrument_.crypto, *access, protection, buffer, dlms::kMaxCipherHead, *length);
    if (!apdu) return PushProblem::unprotected;
    message.apdu = *apdu;
    return PushProblem::none;
}

PushStep Meter::push_finished(const PushMessage& message, PushOutcome outcome) {
    return instrument_.push.finish(instrument_.parameters, instrument_.clock, message.cause, outcome,
                                   message.confirmation_wanted);
}

bool Meter::confirms(const PushMessage& message, ByteSpan apdu) {
    const auto access = client(message.client_sap);
    if (!access || apdu.empty()) return false;
    ByteView plain = apdu;
    dlms::Protection protection;
    if (dlms::is_ciphered(apdu[0])) {
        const auto header = dlms::read_ciphered_header(apdu);
        if (!header || header->suite != access->security_suite || header->key_set != dlms::KeySet::global_unicast ||
            header->invocation_counter < expected_invocation_counter(message.client_sap, header->key_set)) {
            return false;
        }
        protection = header->protection;
        const auto opened = dlms::unprotect(
            instrument_.crypto, *header,
            {header->apdu.system_title, access->keys.global_unicast_encryption, access->keys.authentication}, apdu);
        if (!opened || !protection.covers(access->policy)) return false;
        // Anybody can have made what has no tag: its counter is not taken over.
        if (protection.authenticated &&
            !accept_invocation_counter(message.client_sap, header->key_set, header->invocation_counter)) {
            return false;
        }
        plain = *opened;
    }
    if (!protection.covers(access->policy)) return false;
    const auto confirm = dlms::decode_data_notification_confirm(plain);
    return confirm && confirm->invoke.id() == message.invoke_id;
}

void Meter::security_event(std::uint16_t client_sap, dlms::SecurityEvent event) {
    instrument_.report_security(event);
    if (event == dlms::SecurityEvent::local_login_tried) instrument_.report({Event::local_login, client_sap, 0, 0});
    ++security_events_[static_cast<std::size_t>(event)];
    const auto index = client_index(client_sap);
    if (!index || !kClients[*index].has_secret) return;
    if (event == dlms::SecurityEvent::association_established) {
        instrument_.logins.succeeded(instrument_.parameters, *index);
        instrument_.report({Event::login, client_sap, 0, 0});
    } else if (event == dlms::SecurityEvent::authentication_failed) {
        instrument_.logins.failed(instrument_.parameters, *index, instrument_.clock.board());
        const bool locked = instrument_.logins.is_locked(*index, instrument_.clock.board());
        if (locked) instrument_.report({Event::client_locked_out, client_sap, 0, 0});
    }
}

const ObjectRow* Meter::find(const dlms::Caller& caller, const dlms::LogicalName& name) const {
    const auto index = client_index(caller.association.client_sap);
    if (index && instrument_.associations[*index].has_removed(name)) return nullptr;
    return find_object(name);
}

const ObjectRow* Meter::find_of_ended_period(const dlms::Caller& caller, dlms::LogicalName name) const {
    if (name.groups[kBillingPeriodGroup] == kPresentPeriod) return nullptr;
    name.groups[kBillingPeriodGroup] = kPresentPeriod;
    const ObjectRow* row = find(caller, name);
    return row != nullptr && row->object_class->by_billing_period ? row : nullptr;
}

}  // namespace ferraris::meter
