/// The secrets of a client, from a file that nobody else may read. Keys never come from the command line, and never
/// go to a log or an error.
///
///     system_title = "4652530000000001"     # of this client: 8 octets in hex
///     [client.1]                            # one table for each client number (SAP)
///     unicast_key = "000102…0F"             # global unicast encryption key, 16 or 32 octets in hex
///     authentication_key = "D0D1…DF"
///     broadcast_key = "…"                   # optional
///     dedicated = true                      # optional: a fresh key for each association
///     [client.2]
///     secret = "password"                   # or secret_hex = "…"
///     [meter.4652530000000001]              # optional: keys of one meter that pushes, by its system title
///     unicast_key = "…"
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ferraris::cli {

using Octets = std::vector<std::uint8_t>;
using SystemTitle = std::array<std::uint8_t, 8>;

/// What one client needs to associate. Cleared from memory when it goes.
struct ClientSecrets {
    Octets unicast_key{};
    Octets authentication_key{};
    Octets broadcast_key{};
    Octets secret{};  ///< password (low level security) or HLS secret
    bool dedicated{false};

    ClientSecrets() = default;
    ClientSecrets(const ClientSecrets&) = default;
    ClientSecrets(ClientSecrets&&) = default;
    ClientSecrets& operator=(const ClientSecrets&) = default;
    ClientSecrets& operator=(ClientSecrets&&) = default;
    ~ClientSecrets();
};

struct KeyFile {
    std::filesystem::path path{};
    std::optional<SystemTitle> system_title{};
    std::map<std::uint16_t, ClientSecrets> clients{};
    /// Of single meters that push, by their system title.
    std::map<SystemTitle, ClientSecrets> meters{};

    /// Throws CliError when the file has nothing for `client_sap`.
    [[nodiscard]] const ClientSecrets& client(std::uint16_t client_sap) const;
};

/// Throws CliError: missing, readable by others (mode beyond 0600), no TOML, a wrong length or digit. The message names
/// file and entry, never a value.
[[nodiscard]] KeyFile read_key_file(const std::filesystem::path& path);

/// Writes a key file with mode 0600 from the start. Throws CliError when it cannot.
void write_key_file(const KeyFile& keys);

}  // namespace ferraris::cli
