#include "cli/key_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <span>
#include <sstream>
#include <string_view>
#include <toml.hpp>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "crypto/crypto.hpp"

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
    {"master_key", &ClientSecrets::master_key, {16, 32}},
    {"signing_key", &ClientSecrets::signing_key, {32, 48}},
    {"agreement_key", &ClientSecrets::agreement_key, {32, 48}},
    {"meter_signing_key", &ClientSecrets::meter_signing_key, {64, 96}},
    {"meter_agreement_key", &ClientSecrets::meter_agreement_key, {64, 96}},
};

const HexEntry* hex_entry(std::string_view name) {
    const auto* const found = std::ranges::find(kHexEntries, name, &HexEntry::name);
    return found == std::end(kHexEntries) ? nullptr : found;
}

/// The whole file through one descriptor, so that what was checked is what is read.
std::string read_private_file(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        throw CliError(fmt::format("the key file {} cannot be opened: {}; give another with --keys FILE", path.string(),
                                   std::strerror(errno)));
    }
    struct stat status {};
    const bool known = ::fstat(file, &status) == 0;
    if (!known || (status.st_mode & 0077U) != 0) {
        ::close(file);
        throw CliError(fmt::format("others can read the key file {} (mode {:04o}); run: chmod 600 {}", path.string(),
                                   status.st_mode & 07777U, path.string()));
    }
    std::string text;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(file, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(file);
    return text;
}

class Parser {
public:
    explicit Parser(const std::filesystem::path& path) : path_(path.string()) {}

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
                std::string names;
                for (const HexEntry& each : kHexEntries) names += fmt::format("{}, ", each.name);
                refuse(entry, fmt::format("unknown; known are {}secret, secret_hex, suite, dedicated", names));
            }
        }
        return secrets;
    }

    [[nodiscard]] KeyFile file(const toml::value& root) const {
        KeyFile keys;
        for (const auto& [key, value] : root.as_table()) {
            if (key == "system_title") {
                SystemTitle title{};
                std::ranges::copy(hex(value, key, std::array{title.size()}), title.begin());
                keys.system_title = title;
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
                refuse(key, "unknown; known are system_title and tables [client.N] and [meter.TITLE]");
            }
        }
        return keys;
    }

private:
    std::string path_;
};

std::string file_text(const KeyFile& keys) {
    std::string text = "# Secrets of a DLMS client. Keep this file to yourself (mode 0600).\n";
    if (keys.system_title) text += fmt::format("system_title = \"{}\"\n", to_hex(*keys.system_title));
    const auto add_table = [&text](const std::string& table, const ClientSecrets& client) {
        text += fmt::format("\n[{}]\n", table);
        const auto add = [&text](std::string_view name, const Octets& octets) {
            if (!octets.empty()) text += fmt::format("{} = \"{}\"\n", name, to_hex(octets));
        };
        for (const HexEntry& known : kHexEntries) add(known.name, client.*known.octets);
        add("secret_hex", client.secret);
        if (client.suite) text += fmt::format("suite = {}\n", *client.suite);
        if (client.dedicated) text += "dedicated = true\n";
    };
    for (const auto& [sap, client] : keys.clients) add_table(fmt::format("client.{}", sap), client);
    for (const auto& [title, meter] : keys.meters) add_table(fmt::format("meter.{}", to_hex(title)), meter);
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
    std::string text = read_private_file(path);
    const Parser parser(path);
    try {
        std::istringstream stream(text);
        wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
        KeyFile keys = parser.file(toml::parse(stream, path.string()));
        keys.path = path;
        return keys;
    } catch (const toml::syntax_error& error) {
        // The parser's own message quotes the line, which may hold a key.
        throw CliError(fmt::format("key file {}, line {}: this is no TOML; write NAME = \"VALUE\" below [client.N]",
                                   path.string(), error.location().line()));
    }
}

void write_key_file(const KeyFile& keys) {
    const int file = ::open(keys.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    std::string text = file_text(keys);
    const bool good = file >= 0 && ::fchmod(file, 0600) == 0 &&
                      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (file >= 0) ::close(file);
    if (!good)
        throw CliError(fmt::format("the key file {} cannot be written: {}", keys.path.string(), std::strerror(errno)));
}

}  // namespace ferraris::cli
