#include "cli/envelope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "cli/error.hpp"
#include "dlms/security/key_derivation.hpp"

namespace ferraris::cli {
namespace {

using dlms::KeyChoice;

struct EnvelopeName {
    std::string_view option;
    bool general;
    std::optional<KeyChoice> key;  ///< of general-ciphering
    std::string_view text;
};
constexpr EnvelopeName kEnvelopes[] = {
    {"service", false, std::nullopt, ""},
    {"general", true, std::nullopt, "general envelopes"},
    {"known", false, KeyChoice::known, "general-ciphering with the known key"},
    {"identified", false, KeyChoice::identified_unicast, "general-ciphering with the named key"},
    {"wrapped", false, KeyChoice::wrapped, "general-ciphering with wrapped keys"},
    {"one-pass", false, KeyChoice::one_pass, "general-ciphering with keys agreed by C(1e,1s)"},
    {"static", false, KeyChoice::static_unified, "general-ciphering with keys agreed by C(0e,2s)"},
};

const EnvelopeName& envelope_of(const ConnectOptions& options) {
    const auto* const found = std::ranges::find(kEnvelopes, options.envelope, &EnvelopeName::option);
    return found == std::end(kEnvelopes) ? kEnvelopes[0] : *found;
}

class Needs {
public:
    Needs(const ConnectOptions& options, const Identity& identity, std::string what)
        : options_(options), secrets_(identity.secrets), what_(std::move(what)) {}

    void curve() const {
        if (dlms::curve_of_suite(secrets_.suite_or_default())) return;
        throw CliError(fmt::format("{} needs suite 1 or 2, and client {} has suite 0; suite 0 has no curve", what_,
                                   options_.client_sap));
    }
    void key(const Octets& key, std::string_view name) const {
        if (!key.empty()) return;
        throw CliError(
            fmt::format("{} needs {} of [client.{}] in {}", what_, name, options_.client_sap,
                        options_.key_file.empty() ? "a key file; give it with --keys FILE" : options_.key_file));
    }
    void both_signing_keys() const {
        key(secrets_.signing_key, "signing_key");
        key(secrets_.meter_signing_key, "meter_signing_key or meter_signing_certificate");
    }
    void both_agreement_keys() const {
        key(secrets_.agreement_key, "agreement_key");
        key(secrets_.meter_agreement_key, "meter_agreement_key or meter_agreement_certificate");
    }

private:
    const ConnectOptions& options_;
    const ClientSecrets& secrets_;
    std::string what_;
};

}  // namespace

std::vector<std::string> envelope_options() {
    std::vector<std::string> names;
    for (const EnvelopeName& each : kEnvelopes) names.emplace_back(each.option);
    return names;
}

void choose_envelope(const ConnectOptions& options, const Identity& identity,
                     dlms::ClientConfiguration& configuration) {
    const EnvelopeName& envelope = envelope_of(options);
    const bool wants_something = options.sign || envelope.general || envelope.key;
    if (wants_something && !identity.ciphered) {
        throw CliError(
            fmt::format("{} needs a ciphered association; give keys with --keys FILE, and not --protect none",
                        options.sign ? "--sign" : "--envelope " + options.envelope));
    }
    // A quirk of the meter may want them as well.
    configuration.use_general_envelopes = configuration.use_general_envelopes || envelope.general;
    configuration.general_ciphering = envelope.key;
    const Needs needs(options, identity, "--envelope " + options.envelope);
    const bool agrees = envelope.key == KeyChoice::one_pass || envelope.key == KeyChoice::static_unified;
    if (agrees) {
        needs.curve();
        needs.both_agreement_keys();
    }
    if (envelope.key == KeyChoice::one_pass) needs.both_signing_keys();
    if (envelope.key == KeyChoice::wrapped) needs.key(identity.secrets.master_key, "master_key");
    if (options.sign) {
        const Needs signs(options, identity, "--sign");
        signs.curve();
        signs.both_signing_keys();
        configuration.request_protection.digitally_signed = true;
        configuration.answer_protection.digitally_signed = true;
        if (!configuration.request_protection.authenticated) {
            throw CliError("--sign needs --protect both or authenticate: nothing in a signature alone rises");
        }
    }
    // Who trusts a certificate trusts it in its own name alone.
    const bool by_certificate =
        agrees || options.sign || identity.mechanism == dlms::AuthenticationMechanism::high_ecdsa;
    if (!by_certificate) return;
    if (identity.secrets.meter_title) configuration.server_system_title = *identity.secrets.meter_title;
}

std::string envelope_text(const ConnectOptions& options) {
    std::string text = options.sign ? ", signed" : "";
    const EnvelopeName& envelope = envelope_of(options);
    if (!envelope.text.empty()) text += fmt::format(", {}", envelope.text);
    return text;
}

}  // namespace ferraris::cli
