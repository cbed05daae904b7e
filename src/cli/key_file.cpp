#include "cli/key_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string_view>
#include <toml.hpp>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "cli/key_material.hpp"
#include "cli/mechanisms.hpp"
#include "cli/private_file.hpp"
#include "crypto/crypto.hpp"
#include "twin/toml_text.hpp"

namespace ferraris::cli {
namespace {

/// Entries that are octets in hexadecimal digits, and the sizes that they may have.
struct HexEntry {
    std::string_view name;
    Octets ClientSecrets::*octets;
    std::array<std::size_t, 2> sizes;
};
constexpr HexEntry kHexEntries[] = {
    {"unicast_key", &ClientSecrets::unicast_key, {16, 32}},
    {"authentication_key", &ClientSecrets::authentication_key, {16, 32}},
    {"broadcast_key", &ClientSecrets::broadcast_key, {16, 32}},
    {"dedicated_key", &ClientSecrets::dedicated_key, {16, 32}},
    {"wireless_key", &ClientSecrets::wireless_key, {16, 16}},
    {"master_key", &ClientSecrets::master_key, {16, 32}},
    {"signing_key", &ClientSecrets::signing_key, {32, 48}},
    {"agreement_key", &ClientSecrets::agreement_key, {32, 48}},
    {"meter_signing_key", &ClientSecrets::meter_signing_key, {64, 96}},
    {"meter_agreement_key", &ClientSecrets::meter_agreement_key, {64, 96}},
    {"firmware_key", &ClientSecrets::firmware_key, {64, 64}},
};

const HexEntry* hex_entry(std::string_view name) {
    const auto* const found = std::ranges::find(kHexEntries, name, &HexEntry::name);
    return found == std::end(kHexEntries) ? nullptr : found;
}

/// Entries that name a file, and what is taken from it. A certificate of the meter gives the meter's public key.
struct FileEntry {
    std::string_view name;
    Octets ClientSecrets::*octets;
    bool is_private_key;
};
constexpr FileEntry kFileEntries[] = {
    {"signing_key_file", &ClientSecrets::signing_key, true},
    {"agreement_key_file", &ClientSecrets::agreement_key, true},
    {"signing_certificate", &ClientSecrets::signing_certificate, false},
    {"agreement_certificate", &ClientSecrets::agreement_certificate, false},
    {"meter_signing_certificate", &ClientSecrets::meter_signing_certificate, false},
    {"meter_agreement_certificate", &ClientSecrets::meter_agreement_certificate, false},
};

const FileEntry* file_entry(std::string_view name) {
    const auto* const found = std::ranges::find(kFileEntries, name, &FileEntry::name);
    return found == std::end(kFileEntries) ? nullptr : found;
}

std::string known_entries() {
    std::string names;
    for (const HexEntry& each : kHexEntries) names += fmt::format("{}, ", each.name);
    for (const FileEntry& each : kFileEntries) names += fmt::format("{}, ", each.name);
    return names + "secret, secret_hex, suite, mechanism, dedicated";
}

class Parser {
public:
    explicit Parser(const std::filesystem::path& path) : path_(path.string()), folder_(path.parent_path()) {}

    [[noreturn]] void refuse(std::string_view entry, std::string_view why) const {
        throw CliError(fmt::format("key file {}, {}: {}", path_, entry, why));
    }

    [[nodiscard]] const std::string& string(const toml::value& value, const std::string& entry) const {
        if (!value.is_string()) refuse(entry, "write it in quotes");
        return value.as_string().str;
    }

    [[nodiscard]] Octets hex(const toml::value& value, const std::string& entry,
                             std::span<const std::size_t> sizes) const {
        auto octets = from_hex(string(value, entry));
        if (!octets) refuse(entry, "write pairs of hexadecimal digits");
        if (!sizes.empty() && std::ranges::find(sizes, octets->size()) == sizes.end()) {
            refuse(entry, fmt::format("it has {} octets, needed are {}", octets->size(), fmt::join(sizes, " or ")));
        }
        return std::move(*octets);
    }

    /// What the file holds whose path, seen from the key file's folder, is `value`.
    [[nodiscard]] Octets file(const toml::value& value, const std::string& entry, bool is_private_key) const {
        const std::filesystem::path path = folder_ / string(value, entry);
        try {
            return is_private_key ? read_private_key(path) : read_certificate(path);
        } catch (const CliError& error) {
            refuse(entry, error.what());
        }
    }

    [[nodiscard]] ClientSecrets client(const toml::value& table, const std::string& name) const {
        if (!table.is_table()) {
            refuse(name, fmt::format("write it as a table, [{}]",
                                     name.starts_with("meter") ? "meter.4D45540000000001" : "client.1"));
        }
        ClientSecrets secrets;
        for (const auto& [key, value] : table.as_table()) {
            const std::string entry = fmt::format("[{}] {}", name, key);
            if (const HexEntry* const known = hex_entry(key)) {
                secrets.*known->octets = hex(value, entry, known->sizes);
            } else if (const FileEntry* const named = file_entry(key)) {
                secrets.*named->octets = file(value, entry, named->is_private_key);
                secrets.files[key] = string(value, entry);
            } else if (key == "mechanism") {
                secrets.mechanism = mechanism_from(string(value, entry));
                if (!secrets.mechanism) refuse(entry, "write low, md5, sha1, gmac, sha256 or ecdsa");
            } else if (key == "suite") {
                if (!value.is_integer() || value.as_integer() < 0 || value.as_integer() > 2) {
                    refuse(entry, "write 0, 1 or 2");
                }
                secrets.suite = static_cast<std::uint8_t>(value.as_integer());
            } else if (key == "secret") {
                const std::string& text = string(value, entry);
                secrets.secret.assign(text.begin(), text.end());
            } else if (key == "secret_hex") {
                secrets.secret = hex(value, entry, {});
            } else if (key == "dedicated") {
                if (!value.is_boolean()) refuse(entry, "write true or false");
                secrets.dedicated = value.as_boolean();
            } else {
                refuse(entry, fmt::format("unknown; known are {}", known_entries()));
            }
        }
        return secrets;
    }

    [[nodiscard]] KeyFile key_file(const toml::value& root) const {
        KeyFile keys;
        for (const auto& [key, value] : root.as_table()) {
            if (key == "system_title") {
                SystemTitle title{};
                std::ranges::copy(hex(value, key, std::array{title.size()}), title.begin());
                keys.system_title = title;
            } else if (key == "trust_anchor") {
                keys.trust_anchor_file = string(value, key);
                keys.trust_anchor = file(value, key, false);
            } else if (key == "virtual_meter") {
                keys.virtual_meter = client(value, key);
            } else if (key == "client" && value.is_table()) {
                for (const auto& [sap, table] : value.as_table()) {
                    const std::string name = "client." + sap;
                    std::uint16_t number = 0;
                    const auto [end, error] = std::from_chars(sap.data(), sap.data() + sap.size(), number);
                    if (error != std::errc() || end != sap.data() + sap.size() || number == 0) {
                        refuse("[" + name + "]", "the client is a number, as in [client.1]");
                    }
                    keys.clients[number] = client(table, name);
                }
            } else if (key == "meter" && value.is_table()) {
                for (const auto& [title_text, table] : value.as_table()) {
                    const std::string name = "meter." + title_text;
                    const auto octets = from_hex(title_text);
                    SystemTitle title{};
                    if (!octets || octets->size() != title.size()) {
                        refuse(
                            "[" + name + "]",
                            "a meter goes by the 8 octets of its system title in hex, as in [meter.4D45540000000001]");
                    }
                    std::ranges::copy(*octets, title.begin());
                    if (!keys.meters.emplace(title, client(table, name)).second) {
                        refuse("[" + name + "]", "this meter has a table already; put all of its keys in one");
                    }
                }
            } else {
                refuse(key,
                       "unknown; known are system_title, trust_anchor and tables [client.N], [meter.TITLE] and "
                       "[virtual_meter]");
            }
        }
        return keys;
    }

private:
    std::string path_;
    std::filesystem::path folder_;
};

/// A public key of the meter comes out of its certificate.
bool comes_from_file(const ClientSecrets& secrets, Octets ClientSecrets::*octets) {
    const auto has = [&secrets](const char* name) { return secrets.files.contains(name); };
    if (octets == &ClientSecrets::meter_signing_key) return has("meter_signing_certificate");
    if (octets == &ClientSecrets::meter_agreement_key) return has("meter_agreement_certificate");
    return std::ranges::any_of(kFileEntries, [&](const FileEntry& each) {
        return each.octets == octets && secrets.files.contains(std::string(each.name));
    });
}

std::string file_text(const KeyFile& keys) {
    std::string text = "# Secrets of a DLMS client. Keep this file to yourself (mode 0600).\n";
    if (keys.system_title) text += fmt::format("system_title = \"{}\"\n", to_hex(*keys.system_title));
    if (!keys.trust_anchor_file.empty()) text += fmt::format("trust_anchor = \"{}\"\n", keys.trust_anchor_file);
    const auto add_table = [&text](const std::string& table, const ClientSecrets& client) {
        text += fmt::format("\n[{}]\n", table);
        const auto add = [&text](std::string_view name, const Octets& octets) {
            if (!octets.empty()) text += fmt::format("{} = \"{}\"\n", name, to_hex(octets));
        };
        for (const HexEntry& known : kHexEntries) {
            if (!comes_from_file(client, known.octets)) add(known.name, client.*known.octets);
        }
        for (const auto& [name, file] : client.files) text += fmt::format("{} = \"{}\"\n", name, file);
        add("secret_hex", client.secret);
        if (client.suite) text += fmt::format("suite = {}\n", *client.suite);
        if (client.mechanism) text += fmt::format("mechanism = \"{}\"\n", option_of(*client.mechanism));
        if (client.dedicated) text += "dedicated = true\n";
    };
    for (const auto& [sap, client] : keys.clients) add_table(fmt::format("client.{}", sap), client);
    for (const auto& [title, meter] : keys.meters) add_table(fmt::format("meter.{}", to_hex(title)), meter);
    if (keys.virtual_meter) add_table("virtual_meter", *keys.virtual_meter);
    return text;
}

}  // namespace

ClientSecrets::~ClientSecrets() {
    for (const HexEntry& known : kHexEntries) wipe(this->*known.octets);
    wipe(secret);
}

const ClientSecrets& KeyFile::client(std::uint16_t client_sap) const {
    const auto found = clients.find(client_sap);
    if (found == clients.end()) {
        throw CliError(fmt::format("the key file {} has nothing for client {}; add a table [client.{}]", path.string(),
                                   client_sap, client_sap));
    }
    return found->second;
}

KeyFile read_key_file(const std::filesystem::path& path) {
    std::string text = read_private_file(path, "key file", "give another with --keys FILE");
    const auto table = twin::read_toml(text, path.string());
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!table) {
        throw CliError(fmt::format("key file {}, line {}: this is no TOML; write NAME = \"VALUE\" below [client.N]",
                                   path.string(), table.error().line));
    }
    KeyFile keys = Parser(path).key_file(*table);
    keys.path = path;
    check_key_material(keys);
    return keys;
}

void write_key_file(const KeyFile& keys) {
    std::string text = file_text(keys);
    try {
        write_private_file(keys.path, "key file", text);
    } catch (...) {
        wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
        throw;
    }
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

}  // namespace ferraris::cli
