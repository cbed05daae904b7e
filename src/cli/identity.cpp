#include "cli/identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "cli/mechanisms.hpp"
#include "cli/terminal.hpp"
#include "crypto/crypto.hpp"
#include "dlms/security/key_derivation.hpp"

namespace ferraris::cli {
namespace {

using dlms::AuthenticationMechanism;

constexpr std::uint16_t kPublicClient = 16;

Octets ask_key(const std::string& what) {
    std::string text = ask(what + " (hex)", true);
    auto octets = from_hex(text);
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!octets || (octets->size() != 16 && octets->size() != 32)) {
        throw CliError(fmt::format("the {} is no key; write 32 hexadecimal digits (64 in suite 2)", what));
    }
    return std::move(*octets);
}

void ask_secrets(Identity& identity) {
    if (needs_secret(identity.mechanism)) {
        const std::string answer = ask("Password", true);
        identity.secrets.secret.assign(answer.begin(), answer.end());
    }
    if (identity.mechanism != AuthenticationMechanism::high_gmac) return;
    identity.secrets.unicast_key = ask_key("Encryption key");
    identity.secrets.authentication_key = ask_key("Authentication key");
    const std::string title =
        ask(fmt::format("System title of this client (hex; nothing for {})", to_hex(identity.system_title)), false);
    if (title.empty()) return;
    const auto octets = from_hex(title);
    if (!octets || octets->size() != identity.system_title.size()) {
        throw CliError("a system title has 8 octets; write 16 hexadecimal digits");
    }
    std::ranges::copy(*octets, identity.system_title.begin());
}

AuthenticationMechanism mechanism_of(const ConnectOptions& options, const ClientSecrets* secrets) {
    if (!options.authentication.empty()) {
        return *mechanism_from(options.authentication);
    }
    if (secrets != nullptr && secrets->mechanism) return *secrets->mechanism;
    if (secrets != nullptr && !secrets->unicast_key.empty()) return AuthenticationMechanism::high_gmac;
    if (secrets != nullptr && !secrets->secret.empty()) return AuthenticationMechanism::low;
    if (options.client_sap == kPublicClient || secrets != nullptr) return AuthenticationMechanism::none;
    throw CliError(
        fmt::format("client {} needs a secret; give a key file with --keys FILE, or --auth low or gmac to be asked",
                    options.client_sap));
}

void check_signing_keys(const ConnectOptions& options, const ClientSecrets& secrets) {
    if (secrets.signing_key.empty() || secrets.meter_signing_key.empty()) {
        throw CliError(fmt::format(
            "HLS ECDSA needs signing_key and meter_signing_key, or files of them, of [client.{}] in {}",
            options.client_sap, options.key_file.empty() ? "a key file; give it with --keys FILE" : options.key_file));
    }
    if (!dlms::curve_of_suite(secrets.suite_or_default())) {
        throw CliError(fmt::format("HLS ECDSA needs suite 1 or 2, and client {} in {} has suite 0", options.client_sap,
                                   options.key_file));
    }
}

}  // namespace

Identity identity_of(const ConnectOptions& options) {
    Identity identity;
    if (options.key_file.empty()) {
        identity.mechanism = mechanism_of(options, nullptr);
        ask_secrets(identity);
    } else {
        const KeyFile keys = read_key_file(options.key_file);
        // The public client has no secrets, so it needs no entry.
        const bool nothing = options.client_sap == kPublicClient && !keys.clients.contains(kPublicClient);
        if (!nothing) identity.secrets = keys.client(options.client_sap);
        if (keys.system_title) identity.system_title = *keys.system_title;
        identity.mechanism = mechanism_of(options, &identity.secrets);
    }
    const bool gmac = identity.mechanism == AuthenticationMechanism::high_gmac;
    if (gmac && identity.secrets.unicast_key.empty()) {
        throw CliError(fmt::format("GMAC needs unicast_key and authentication_key of [client.{}] in {}",
                                   options.client_sap, options.key_file));
    }
    if (identity.mechanism == AuthenticationMechanism::high_ecdsa) check_signing_keys(options, identity.secrets);
    if (needs_secret(identity.mechanism) && identity.secrets.secret.empty()) {
        throw CliError(fmt::format("{} needs a secret of [client.{}] in {}", mechanism_name(identity.mechanism),
                                   options.client_sap, options.key_file));
    }
    identity.ciphered = !identity.secrets.unicast_key.empty() && options.protection != "none";
    return identity;
}

}  // namespace ferraris::cli
