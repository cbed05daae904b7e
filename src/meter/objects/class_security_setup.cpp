// Class 64, Security setup, version 1 (IEC 62056-6-2).
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/objects/security_setup_methods.hpp"
#include "meter/security/security_policy.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;

constexpr std::size_t kWrapOverhead = 8;

SecuritySettings& settings_of(const Context& context) { return context.meter.security[context.row.address]; }

std::size_t key_size(const SecuritySettings& settings) { return settings.suite == 2 ? 32 : 16; }

void write_policy(const Context& context, dlms::DataWriter& data) { data.enum_(settings_of(context).policy); }

void write_suite(const Context& context, dlms::DataWriter& data) { data.enum_(settings_of(context).suite); }

void write_client_title(const Context& context, dlms::DataWriter& data) {
    const bool own = kClients[context.row.address].sap == context.caller.association.client_sap;
    data.octet_string(own ? ByteView(context.caller.association.client_system_title.view()) : ByteView{});
}

void write_server_title(const Context& context, dlms::DataWriter& data) {
    data.octet_string(context.meter.identity.system_title);
}

/// Policies only get stronger: none of the present demands may go (IEC 62056-6-2, security_activate).
ActionResult security_activate(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const std::uint8_t wanted = in.enum_();
    if (!in.finished()) return ActionResult::type_unmatched;
    SecuritySettings settings = settings_of(context);
    const bool weaker = (wanted & settings.policy) != settings.policy;
    const bool cannot_sign = (wanted & policy::kSigned) != 0 && settings.suite == 0;
    if ((wanted & policy::kUnused) != 0 || weaker || cannot_sign) return ActionResult::other_reason;
    settings.policy = wanted;
    const bool stored = context.meter.store_security(context.row.address, settings);
    return stored ? ActionResult::success : ActionResult::hardware_fault;
}

/// array of structure{key_id enum, key_wrapped octet-string}: all keys are taken over, or none.
ActionResult key_transfer(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const std::size_t count = in.array();
    if (!in.ok()) return ActionResult::type_unmatched;
    if (count == 0 || count > 4) return ActionResult::other_reason;
    const SecuritySettings& present = settings_of(context);
    SecuritySettings settings = present;
    const std::size_t size = key_size(settings);
    ActionResult result = ActionResult::success;
    for (std::size_t i = 0; i < count && result == ActionResult::success; ++i) {
        if (in.structure() != 2) {
            result = ActionResult::type_unmatched;
            break;
        }
        const std::uint8_t id = in.enum_();
        const ByteView wrapped = in.octet_string();
        if (!in.ok()) {
            result = ActionResult::type_unmatched;
            break;
        }
        Key* key = key_of(settings, id);
        const ByteView master = ByteView(present.master).first(size);
        if (key == nullptr || wrapped.size() != size + kWrapOverhead ||
            !context.meter.crypto.unwrap_key(master, wrapped, ByteSpan(*key).first(size))) {
            result = ActionResult::other_reason;
        }
    }
    if (result == ActionResult::success && !in.finished()) result = ActionResult::type_unmatched;
    if (result == ActionResult::success && !context.meter.store_security(context.row.address, settings)) {
        result = ActionResult::hardware_fault;
    }
    wipe_keys(settings);
    return result;
}

constexpr std::array<AttributeRow, 5> kAttributes{{
    {write_policy, nullptr, nullptr},
    {write_suite, nullptr, nullptr},
    {write_client_title, nullptr, nullptr},
    {write_server_title, nullptr, nullptr},
    {nullptr, stream_certificates, nullptr},
}};

constexpr std::array<Invoke, 8> kMethods{
    security_activate,  key_transfer,       key_agreement,     generate_key_pair, generate_certificate_request,
    import_certificate, export_certificate, remove_certificate};

}  // namespace

constexpr ClassTable kSecuritySetupClass{64, 1, kAttributes, kMethods};

}  // namespace ferraris::meter
