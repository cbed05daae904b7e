#include "meter/objects/security_setup_methods.hpp"

#include <algorithm>
#include <array>

#include "dlms/security/key_derivation.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::Certificate;
using dlms::KeyUse;
using Octets = CertificateStore::Octets;

constexpr std::uint8_t kMasterKeyId = 3;
constexpr std::size_t kMaxAgreedKeys = 4;

SecuritySettings& settings_of(const Context& context) { return context.meter.security[context.row.address]; }

std::optional<UtcTime> now_of(const Context& context) {
    if (!context.meter.clock.valid()) return std::nullopt;
    return context.meter.clock.utc();
}

/// One key that was agreed upon, and what the client needs to come to it.
struct AgreedKey {
    std::uint8_t id{0};
    FixedVector<std::uint8_t, kMaxPublicKeySize + kMaxSignatureSize> data{};
};

/// C(2e,0s): both sides make an ephemeral key and sign it, with the key's id in front (IEC 62056-6-2, key_agreement).
ActionResult agree(const Context& context, Curve curve, std::uint8_t id, ByteView data, SecuritySettings& settings,
                   AgreedKey& answer) {
    Crypto& crypto = context.meter.crypto;
    Key* const target = key_of(settings, id);
    const std::size_t public_size = public_key_size(curve);
    if (target == nullptr || data.size() != public_size + signature_size(curve)) return ActionResult::other_reason;
    const ByteView client_title = context.caller.association.client_system_title.view();
    const auto client_key =
        context.meter.key_pairs.public_key(client_title, KeyUse::digital_signature, now_of(context));
    const auto own_key = context.meter.key_pairs.private_key(KeyUse::digital_signature, KeyPairStage::in_use);
    if (!client_key || !own_key) return ActionResult::other_reason;
    const ByteView client_ephemeral = data.first(public_size);
    const ByteView id_octet(&id, 1);
    if (!crypto.verify(curve, client_key->view(), std::array<ByteView, 2>{id_octet, client_ephemeral},
                       data.subspan(public_size))) {
        return ActionResult::other_reason;
    }
    dlms::PrivateKey ephemeral;
    answer.id = id;
    if (!ephemeral.octets.resize(private_key_size(curve)) || !answer.data.resize(data.size()))
        return ActionResult::other_reason;
    const ByteSpan own_ephemeral = answer.data.view().first(public_size);
    if (!crypto.generate_key_pair(curve, ephemeral.octets.view(), own_ephemeral) ||
        !crypto.sign(curve, own_key->octets.view(), std::array<ByteView, 2>{id_octet, own_ephemeral},
                     answer.data.view().subspan(public_size))) {
        return ActionResult::other_reason;
    }
    auto key = dlms::agree_key(crypto, settings.suite, dlms::key_algorithm(settings.suite, id == kMasterKeyId),
                               ephemeral.octets.view(), client_ephemeral,
                               {client_title, context.meter.identity.system_title, {}});
    if (!key) return ActionResult::other_reason;
    std::ranges::copy(key->view(), target->begin());
    wipe(key->view());
    return ActionResult::success;
}

/// The slot of the certificate that `parameters` identify.
Result<std::size_t, ActionResult> identify(const Context& context, ByteView parameters, Octets& memory) {
    dlms::DataReader in(parameters);
    constexpr std::uint8_t kByEntity = 0;
    constexpr std::uint8_t kBySerial = 1;
    const bool pair = in.structure() == 2;
    const std::uint8_t kind = in.enum_();
    if (!pair || !in.ok()) return Error(ActionResult::type_unmatched);
    if (kind > kBySerial) return Error(ActionResult::other_reason);
    const std::size_t fields = in.structure();
    std::uint8_t entity = 0;
    std::uint8_t type = 0;
    if (kind == kByEntity) {
        entity = in.enum_();
        type = in.enum_();
    }
    const ByteView name = in.octet_string();  // system title, or serial number
    const ByteView issuer = kind == kBySerial ? in.octet_string() : ByteView{};
    if (!in.finished() || fields != (kind == kByEntity ? 3U : 2U)) return Error(ActionResult::type_unmatched);
    const auto fits = [&](const Certificate& each) {
        if (kind == kBySerial) return equal(each.serial_number, name) && equal(each.issuer, issuer);
        const bool named = each.system_title ? equal(*each.system_title, name) : name.empty();
        return named && static_cast<std::uint8_t>(each.use()) == type &&
               static_cast<std::uint8_t>(entity_of(each, context.meter.identity.system_title)) == entity;
    };
    Certificate certificate;
    const auto slot = context.meter.key_pairs.certificates().find(memory, certificate, fits);
    if (!slot) return Error(ActionResult::object_unavailable);
    return *slot;
}

/// What the key pair of an enum is for. Errors: type_unmatched, other_reason in suite 0 and for uses without a pair.
Result<KeyUse, ActionResult> use_of(const Context& context, ByteView parameters) {
    dlms::DataReader in(parameters);
    const std::uint8_t use = in.enum_();
    if (!in.finished()) return Error(ActionResult::type_unmatched);
    if (use > static_cast<std::uint8_t>(KeyUse::key_agreement) || !dlms::curve_of_suite(settings_of(context).suite))
        return Error(ActionResult::other_reason);
    return static_cast<KeyUse>(use);
}

}  // namespace

Key* key_of(SecuritySettings& settings, std::uint8_t id) {
    const std::array<Key*, 4> keys{&settings.unicast_encryption, &settings.broadcast_encryption,
                                   &settings.authentication, &settings.master};
    return id < keys.size() ? keys[id] : nullptr;
}

void wipe_keys(SecuritySettings& settings) {
    for (std::uint8_t id = 0; id < 4; ++id) wipe(*key_of(settings, id));
}

dlms::ReadOutcome stream_certificates(const Context& context, const dlms::Selection* selection,
                                      dlms::ReadCursor& cursor, ByteWriter& out) {
    if (selection != nullptr) return dlms::ReadOutcome::failed(dlms::DataAccessResult::type_unmatched);
    const CertificateStore& store = context.meter.key_pairs.certificates();
    // Element 0 is the head of the array; then one for each slot, empty where there is no certificate.
    return dlms::write_elements(
        cursor, CertificateStore::kSlots + 1, out, [&](std::uint32_t index, dlms::DataWriter& data) {
            Octets memory;
            if (index == 0) {
                std::size_t count = 0;
                for (std::size_t slot = 0; slot < CertificateStore::kSlots; ++slot) {
                    count += store.read(slot, memory) ? 1U : 0U;
                }
                data.array(count);
                return;
            }
            if (!store.read(index - 1, memory)) return;
            const auto certificate = dlms::parse_certificate(memory.view());
            const Certificate shown = certificate.value_or(Certificate{});
            data.structure(6);
            data.enum_(static_cast<std::uint8_t>(entity_of(shown, context.meter.identity.system_title)));
            data.enum_(static_cast<std::uint8_t>(shown.use()));
            data.octet_string(shown.serial_number);
            data.octet_string(shown.issuer);
            data.octet_string(shown.subject);
            data.octet_string(ByteView{});
        });
}

ActionResult key_agreement(const Context& context, ByteView parameters, ByteWriter& out) {
    const auto curve = dlms::curve_of_suite(settings_of(context).suite);
    dlms::DataReader in(parameters);
    const std::size_t count = in.array();
    if (!in.ok()) return ActionResult::type_unmatched;
    if (!curve || count == 0 || count > kMaxAgreedKeys) return ActionResult::other_reason;
    SecuritySettings settings = settings_of(context);
    FixedVector<AgreedKey, kMaxAgreedKeys> answers;
    ActionResult result = ActionResult::success;
    for (std::size_t i = 0; i < count && result == ActionResult::success; ++i) {
        const bool pair = in.structure() == 2;
        const std::uint8_t id = in.enum_();
        const ByteView data = in.octet_string();
        AgreedKey answer;
        result = pair && in.ok() ? agree(context, *curve, id, data, settings, answer) : ActionResult::type_unmatched;
        (void)answers.push_back(answer);
    }
    if (result == ActionResult::success && !in.finished()) result = ActionResult::type_unmatched;
    if (result == ActionResult::success && !context.meter.store_security(context.row.address, settings)) {
        result = ActionResult::hardware_fault;
    }
    wipe_keys(settings);
    if (result != ActionResult::success) return result;
    dlms::DataWriter data(out);
    data.array(answers.size());
    for (const AgreedKey& answer : answers) {
        data.structure(2);
        data.enum_(answer.id);
        data.octet_string(answer.data.view());
    }
    return result;
}

ActionResult generate_key_pair(const Context& context, ByteView parameters, ByteWriter&) {
    const auto use = use_of(context, parameters);
    if (!use) return use.error();
    const Curve curve = *dlms::curve_of_suite(settings_of(context).suite);
    const bool made = context.meter.key_pairs.generate(context.meter.crypto, *use, curve);
    return made ? ActionResult::success : ActionResult::hardware_fault;
}

ActionResult generate_certificate_request(const Context& context, ByteView parameters, ByteWriter& out) {
    const auto use = use_of(context, parameters);
    if (!use) return use.error();
    std::array<std::uint8_t, dlms::kMaxCertificateSize> memory{};
    const auto request =
        context.meter.key_pairs.request(context.meter.crypto, *use, *dlms::curve_of_suite(settings_of(context).suite),
                                        context.meter.identity.system_title, memory);
    if (!request) return ActionResult::other_reason;
    dlms::DataWriter(out).octet_string(*request);
    return ActionResult::success;
}

ActionResult import_certificate(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const ByteView certificate = in.octet_string();
    if (!in.finished()) return ActionResult::type_unmatched;
    const bool taken = context.meter.key_pairs.import(context.meter.crypto, certificate,
                                                      context.meter.identity.system_title, now_of(context));
    return taken ? ActionResult::success : ActionResult::other_reason;
}

ActionResult export_certificate(const Context& context, ByteView parameters, ByteWriter& out) {
    Octets memory;
    const auto slot = identify(context, parameters, memory);
    if (!slot) return slot.error();
    dlms::DataWriter(out).octet_string(memory.view());
    return ActionResult::success;
}

ActionResult remove_certificate(const Context& context, ByteView parameters, ByteWriter&) {
    Octets memory;
    const auto slot = identify(context, parameters, memory);
    if (!slot) return slot.error();
    return context.meter.key_pairs.remove(*slot) ? ActionResult::success : ActionResult::other_reason;
}

}  // namespace ferraris::meter
