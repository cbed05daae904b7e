#include "cli/meter_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "base/hex.hpp"
#include "cli/counters_file.hpp"
#include "cli/error.hpp"
#include "cli/key_set.hpp"
#include "cli/mechanisms.hpp"
#include "dlms/security/certificate.hpp"
#include "dlms/security/hls.hpp"
#include "dlms/security/key_derivation.hpp"
#include "mbus/telegram.hpp"
#include "meter/security/client_level.hpp"

namespace ferraris::cli {
namespace {

using dlms::AuthenticationMechanism;
using dlms::KeyUse;

struct CipheringClient {
    std::uint16_t sap;
    std::size_t index;
};
constexpr CipheringClient kCipheringClients[] = {{meter::kUtilitySap, meter::kUtilityIndex},
                                                 {meter::kTechnicianSap, meter::kTechnicianIndex}};
/// Never one that a meter of that number sent with under these keys, as far as anybody here can know.
std::uint32_t first_sending_counter(const KeyFile& keys, const SystemTitle& title) {
    constexpr std::int64_t kMost = 0xF0000000;
    const CountersFile counters(keys.path);
    std::int64_t first = std::time(nullptr);
    for (const CipheringClient& client : kCipheringClients) {
        const auto heard = counters.heard(client.sap);
        if (const auto found = heard.find(title); found != heard.end()) {
            first = std::max(first, std::int64_t{found->second} + 1);
        }
    }
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(first, 0, kMost));
}

AuthenticationMechanism mechanism_or_default(const ClientSecrets& secrets) {
    return secrets.mechanism.value_or(AuthenticationMechanism::high_gmac);
}

class FactoryMaker {
public:
    FactoryMaker(MeterFactory& factory, const MeterKeySettings& settings, Crypto& crypto)
        : factory_(factory),
          keys_(factory.keys),
          settings_(settings),
          crypto_(crypto),
          title_(meter::MeterIdentity::from_serial_number(settings.serial_number).system_title) {}

    void make() {
        factory_.settings.first_sending_counter = first_sending_counter(keys_, title_);
        factory_.settings.legacy_digests = settings_.allow_legacy_digests;
        for (const CipheringClient& client : kCipheringClients) take_client(client, keys_.client(client.sap));
        const ClientSecrets& reader = keys_.client(meter::kReaderSap);
        if (reader.secret.empty() || !factory_.settings.secrets[meter::kReaderIndex].assign(reader.secret)) {
            refuse("the secret of client 2 has to have 1 to 32 octets");
        }
        if (reader.mechanism && *reader.mechanism != AuthenticationMechanism::low) {
            refuse("client 2 comes with a password and nothing else: its mechanism is low");
        }
        take_key_pairs();
        take_firmware_key();
        // Without one of its own, one that nobody knows.
        const bool own = keys_.virtual_meter && !keys_.virtual_meter->wireless_key.empty();
        std::ranges::copy(own ? keys_.virtual_meter->wireless_key : random_key(mbus::kKeySize),
                          factory_.settings.wireless_key.begin());
    }

private:
    [[noreturn]] void refuse(const std::string& why) const {
        throw CliError(fmt::format("{}; correct {}", why, keys_.path.string()));
    }

    void take_client(const CipheringClient& client, const ClientSecrets& secrets) {
        const std::uint8_t suite = secrets.suite_or_default();
        if (settings_.suite && *settings_.suite != suite) {
            throw CliError(
                fmt::format("client {} in {} has suite {}, not {}; leave --suite out, or name another file "
                            "with --keys",
                            client.sap, keys_.path.string(), suite, *settings_.suite));
        }
        if (!factory_.settings.secrets[client.index].assign(secrets.secret)) {
            refuse(fmt::format("the secret of client {} has to have at most 32 octets", client.sap));
        }
        meter::SecuritySettings& security = factory_.settings.security[client.index];
        security.policy = settings_.policy;
        security.suite = suite;
        const std::size_t size = dlms::key_size_of_suite(suite);
        const auto take = [&](const Octets& from, meter::Key& to, const char* name) {
            if (from.size() != size) {
                refuse(fmt::format("the {} of client {} has {} octets, suite {} has {}", name, client.sap, from.size(),
                                   suite, size));
            }
            std::ranges::copy(from, to.begin());
        };
        take(secrets.unicast_key, security.unicast_encryption, "unicast_key");
        take(secrets.authentication_key, security.authentication, "authentication_key");
        // Without a broadcast or master key of its own, one that nobody knows.
        take(secrets.broadcast_key.empty() ? random_key(size) : secrets.broadcast_key, security.broadcast_encryption,
             "broadcast_key");
        take(secrets.master_key.empty() ? random_key(size) : secrets.master_key, security.master, "master_key");
        take_mechanism(client, secrets, suite);
    }

    [[nodiscard]] Octets random_key(std::size_t size) {
        Octets key(size);
        if (!crypto_.random(key)) throw CliError("no random numbers from the system; keys cannot be made");
        return key;
    }

    void take_mechanism(const CipheringClient& client, const ClientSecrets& secrets, std::uint8_t suite) {
        const AuthenticationMechanism mechanism = mechanism_or_default(secrets);
        const std::string who = fmt::format("client {}: mechanism {}", client.sap, option_of(mechanism));
        if (settings_.mechanism && *settings_.mechanism != mechanism) {
            throw CliError(
                fmt::format("client {} in {} has mechanism {}, not {}; leave --auth out, or name another file "
                            "with --keys",
                            client.sap, keys_.path.string(), option_of(mechanism), option_of(*settings_.mechanism)));
        }
        if (mechanism == AuthenticationMechanism::none || mechanism == AuthenticationMechanism::low) {
            refuse(who + " is too weak for this client; gmac, sha256 and ecdsa are not");
        }
        if (dlms::is_legacy(mechanism) && !settings_.allow_legacy_digests) {
            throw CliError(who + " is broken and off; allow it with --allow-legacy-digests, or take sha256");
        }
        if (needs_secret(mechanism) && secrets.secret.empty()) refuse(who + " needs a secret");
        if (mechanism == AuthenticationMechanism::high_ecdsa) {
            if (suite == 0) refuse(who + " needs suite 1 or 2; suite 0 has no curve");
            if (secrets.signing_certificate.empty()) refuse(who + " needs its signing_certificate");
            if (!keys_.virtual_meter || keys_.virtual_meter->signing_key.empty()) {
                refuse(who + " needs a signing_key_file of [virtual_meter]");
            }
        }
        factory_.settings.mechanisms[client.index] = mechanism;
    }

    /// Without one the meter takes no firmware.
    void take_firmware_key() {
        if (!keys_.virtual_meter || keys_.virtual_meter->firmware_key.empty()) return;
        std::ranges::copy(keys_.virtual_meter->firmware_key, factory_.settings.firmware_key.begin());
    }

    /// Authority, the meter's own pairs, and the certificates of both sides.
    void take_key_pairs() {
        const auto curve = common_curve();
        if (!curve || keys_.trust_anchor.empty()) return;
        factory_.settings.trust_anchor = keys_.trust_anchor;
        if (keys_.virtual_meter) {
            const ClientSecrets& own = *keys_.virtual_meter;
            take_own_key(own.signing_key, own.signing_certificate, *curve, factory_.settings.signing_private_key,
                         "signing");
            take_own_key(own.agreement_key, own.agreement_certificate, *curve, factory_.settings.agreement_private_key,
                         "agreement");
        }
        for (const CipheringClient& client : kCipheringClients) {
            add_certificate(keys_.client(client.sap).signing_certificate);
            add_certificate(keys_.client(client.sap).agreement_certificate);
        }
        factory_.settings.certificates = factory_.certificates;
    }

    /// The meter has one key pair for each use, so its clients cannot be on different curves.
    [[nodiscard]] std::optional<Curve> common_curve() const {
        const auto& security = factory_.settings.security;
        const std::uint8_t utility = security[meter::kUtilityIndex].suite;
        const std::uint8_t technician = security[meter::kTechnicianIndex].suite;
        if (utility != 0 && technician != 0 && utility != technician) {
            refuse("clients 1 and 3 have suites 1 and 2, and the meter one key pair for each use: give both the same");
        }
        return dlms::curve_of_suite(std::max(utility, technician));
    }

    void take_own_key(const Octets& key, const Octets& certificate, Curve curve, ByteView& taken, const char* use) {
        if (key.empty()) return;
        if (key.size() != private_key_size(curve)) {
            refuse(fmt::format("the {} key of [virtual_meter] is on another curve than the suite's", use));
        }
        if (certificate.empty()) refuse(fmt::format("the {} key of [virtual_meter] lacks its certificate", use));
        const auto parsed = dlms::parse_certificate(certificate);
        if (!parsed || parsed->system_title != title_) {
            refuse(
                fmt::format("the {}_certificate of [virtual_meter] is of another meter than {}", use, to_hex(title_)));
        }
        taken = key;
        add_certificate(certificate);
    }

    void add_certificate(const Octets& certificate) {
        const auto same = [&](ByteView other) { return equal(other, certificate); };
        if (certificate.empty() || std::ranges::any_of(factory_.certificates, same)) return;
        factory_.certificates.emplace_back(certificate);
    }

    MeterFactory& factory_;
    const KeyFile& keys_;
    const MeterKeySettings& settings_;
    Crypto& crypto_;
    SystemTitle title_;
};

}  // namespace

std::filesystem::path default_key_path() {
    const char* const state = std::getenv("XDG_STATE_HOME");
    const char* const home = std::getenv("HOME");
    std::filesystem::path base = state != nullptr && *state != '\0' ? std::filesystem::path(state)
                                 : home != nullptr && *home != '\0' ? std::filesystem::path(home) / ".local" / "state"
                                                                    : std::filesystem::path(".");
    return base / "ferraris" / "keys.toml";
}

MeterFactory meter_factory(const std::filesystem::path& path, const MeterKeySettings& settings, Crypto& crypto) {
    if (!std::filesystem::exists(path)) {
        const std::uint8_t suite = settings.suite.value_or(std::uint8_t{0});
        const auto usual = suite == 0 ? AuthenticationMechanism::high_gmac : AuthenticationMechanism::high_ecdsa;
        const AuthenticationMechanism mechanism = settings.mechanism.value_or(usual);
        if (mechanism == AuthenticationMechanism::high_ecdsa && suite == 0) {
            throw CliError("--auth ecdsa needs --suite 1 or 2; suite 0 has no curve");
        }
        if (dlms::is_legacy(mechanism) && !settings.allow_legacy_digests) {
            throw CliError(
                fmt::format("--auth {} is broken and off; allow it with --allow-legacy-digests, or take sha256",
                            option_of(mechanism)));
        }
        make_key_set(path, {suite, mechanism, settings.serial_number}, crypto);
    }
    MeterFactory factory;
    factory.keys = read_key_file(path);
    FactoryMaker(factory, settings, crypto).make();
    return factory;
}

void check_state(const meter::Instrument& instrument, const KeyFile& keys) {
    for (const CipheringClient& client : kCipheringClients) {
        const std::uint8_t suite = keys.client(client.sap).suite_or_default();
        const std::uint8_t stored = instrument.security[client.index].suite;
        if (stored != suite) {
            throw CliError(
                fmt::format("the meter in --state has suite {} for client {}, {} has suite {}; take the key "
                            "file of that meter, or another --state",
                            stored, client.sap, keys.path.string(), suite));
        }
        const auto curve = dlms::curve_of_suite(suite);
        const auto pair = instrument.key_pairs.private_key(KeyUse::digital_signature, meter::KeyPairStage::in_use);
        if (curve && pair && pair->octets.size() != private_key_size(*curve)) {
            throw CliError(
                fmt::format("the meter in --state has key pairs of another suite than {} in {}; take the key "
                            "file of that meter, or another --state",
                            suite, keys.path.string()));
        }
    }
}

}  // namespace ferraris::cli
