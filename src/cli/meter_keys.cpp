#include "cli/meter_keys.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "cli/counters_file.hpp"
#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

constexpr std::uint16_t kUtility = 1;
constexpr std::uint16_t kReader = 2;
constexpr std::uint16_t kTechnician = 3;
/// Class 64 version 0: every message authenticated and encrypted.
constexpr std::uint8_t kAuthenticatedAndEncrypted = 3;

Octets random_octets(Crypto& crypto, std::size_t count) {
    Octets octets(count);
    if (!crypto.random(octets)) throw CliError("no random numbers from the system; keys cannot be made");
    return octets;
}

Octets random_password(Crypto& crypto) {
    constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    Octets password = random_octets(crypto, 16);
    for (std::uint8_t& octet : password) octet = static_cast<std::uint8_t>(kLetters[octet % kLetters.size()]);
    return password;
}

void copy_key(const Octets& from, meter::Key& to, const char* what) {
    if (from.size() != 16) throw CliError(std::string("the meter needs a ") + what + " of 16 octets (suite 0)");
    std::copy(from.begin(), from.end(), to.begin());
}

/// Never one that a meter of that number sent with under these keys, as far as anybody here can know.
std::uint32_t first_sending_counter(const KeyFile& keys, std::uint64_t serial_number) {
    constexpr std::int64_t kMost = 0xF0000000;
    const CountersFile counters(keys.path);
    const SystemTitle title = meter::MeterIdentity::from_serial_number(serial_number).system_title;
    std::int64_t first = std::time(nullptr);
    for (const std::uint16_t client : {kUtility, kTechnician}) {
        const auto heard = counters.heard(client);
        if (const auto found = heard.find(title); found != heard.end()) {
            first = std::max(first, std::int64_t{found->second} + 1);
        }
    }
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(first, 0, kMost));
}

}  // namespace

std::filesystem::path default_key_path() {
    const char* const state = std::getenv("XDG_STATE_HOME");
    const char* const home = std::getenv("HOME");
    std::filesystem::path base = state != nullptr && *state != '\0' ? std::filesystem::path(state)
                                 : home != nullptr && *home != '\0' ? std::filesystem::path(home) / ".local" / "state"
                                                                    : std::filesystem::path(".");
    return base / "ferraris" / "keys.toml";
}

KeyFile read_or_make_keys(const std::filesystem::path& path, Crypto& crypto) {
    if (std::filesystem::exists(path)) return read_key_file(path);
    KeyFile keys;
    keys.path = path;
    const Octets title = random_octets(crypto, 5);
    keys.system_title = SystemTitle{'F', 'R', 'S', title[0], title[1], title[2], title[3], title[4]};
    for (const std::uint16_t client : {kUtility, kTechnician}) {
        ClientSecrets& secrets = keys.clients[client];
        secrets.unicast_key = random_octets(crypto, 16);
        secrets.authentication_key = random_octets(crypto, 16);
        secrets.dedicated = true;
        // For the optical port, where IEC 62056-21 knows nothing but passwords.
        secrets.secret = random_password(crypto);
    }
    keys.clients[kReader].secret = random_password(crypto);
    if (path.has_parent_path()) {
        std::error_code error;
        std::filesystem::create_directories(path.parent_path(), error);
        if (error) {
            throw CliError("cannot make the folder " + path.parent_path().string() + ": " + error.message() +
                           "; name another file with --keys");
        }
    }
    write_key_file(keys);
    return keys;
}

meter::FactorySettings factory_settings(const KeyFile& keys, Crypto& crypto, std::uint64_t serial_number) {
    meter::FactorySettings factory;
    factory.first_sending_counter = first_sending_counter(keys, serial_number);
    const auto take = [&](std::uint16_t client, std::size_t index) {
        const ClientSecrets& secrets = keys.client(client);
        if (!factory.secrets[index].assign(secrets.secret)) {
            throw CliError("the secret of client " + std::to_string(client) +
                           " has to have at most 32 octets; correct " + keys.path.string());
        }
        meter::SecuritySettings& security = factory.security[index];
        security.policy = kAuthenticatedAndEncrypted;
        copy_key(secrets.unicast_key, security.unicast_encryption, "unicast_key");
        copy_key(secrets.authentication_key, security.authentication, "authentication_key");
        // Without a broadcast or master key of its own, one that nobody knows.
        copy_key(secrets.broadcast_key.empty() ? random_octets(crypto, 16) : secrets.broadcast_key,
                 security.broadcast_encryption, "broadcast_key");
        copy_key(secrets.master_key.empty() ? random_octets(crypto, 16) : secrets.master_key, security.master,
                 "master_key");
    };
    take(kUtility, meter::kUtilityIndex);
    take(kTechnician, meter::kTechnicianIndex);
    const Octets& password = keys.client(kReader).secret;
    if (password.empty() || !factory.secrets[meter::kReaderIndex].assign(password)) {
        throw CliError("the secret of client 2 has to have 1 to 32 octets; correct " + keys.path.string());
    }
    return factory;
}

}  // namespace ferraris::cli
