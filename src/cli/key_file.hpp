/// The secrets of a client, from a file that nobody else may read. Keys never come from the command line, and never
/// go to a log or an error.
///
///     system_title = "4652530000000001"     # of this client: 8 octets in hex
///     [client.1]                            # one table for each client number (SAP)
///     unicast_key = "000102…0F"             # global unicast encryption key, 16 or 32 octets in hex
///     authentication_key = "D0D1…DF"
///     broadcast_key = "…"                   # optional
///     dedicated = true                      # optional: a fresh key for each association
///     suite = 1                             # optional; 0, or 2 with keys of 32 octets
///     mechanism = "ecdsa"                   # optional: low, md5, sha1, gmac, sha256
///     master_key = "…"                      # optional: for wrapped keys
///     signing_key = "…"                     # suites 1, 2: own private keys, 32 or 48 octets
///     agreement_key = "…"
///     meter_signing_key = "…"               # the meter's public keys, x || y, 64 or 96 octets
///     meter_agreement_key = "…"
///     signing_key_file = "client.key"       # or files, PEM or DER, seen from the folder of this one: private keys of
///     agreement_key_file = "…"              # mode 0600, the certificates of this client, and those of the meter,
///     whose signing_certificate = "client.pem"    # keys then need not stand here agreement_certificate = "…"
///     meter_signing_certificate = "…"
///     meter_agreement_certificate = "…"
///     [client.2]
///     secret = "password"                   # or secret_hex = "…"
///     [meter.4652530000000001]              # optional: keys of one meter that pushes, or whose messages are decoded,
///     unicast_key = "…"                     # by its system title; any of the above
///     dedicated_key = "…"                   # for `decode`: of an association whose AARQ is not at hand
///     wireless_key = "…"                    # of its telegrams of wireless M-Bus, 16 octets
///     [virtual_meter]                       # optional: what `ferraris meter` itself signs and agrees on keys with
///     signing_key_file = "meter.key"        # and agreement_key_file, signing_certificate, agreement_certificate
///     firmware_key = "…"                    # who signs its firmware images: a public key on P-256, x || y
///     wireless_key = "…"
///
/// Certificates need `trust_anchor = "authority.pem"` before the first table, and are worth nothing without.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dlms/enumerations.hpp"

namespace ferraris::cli {

using Octets = std::vector<std::uint8_t>;
using SystemTitle = std::array<std::uint8_t, 8>;

/// What one client needs to associate. Cleared from memory when it goes.
struct ClientSecrets {
    Octets unicast_key{};
    Octets authentication_key{};
    Octets broadcast_key{};
    Octets dedicated_key{};  ///< of an association whose AARQ is not at hand
    Octets wireless_key{};   ///< of wireless M-Bus
    Octets master_key{};
    Octets secret{};  ///< password (low level security) or HLS secret
    // Suites 1 and 2: own private keys, and the meter's public ones.
    Octets signing_key{};
    Octets agreement_key{};
    Octets meter_signing_key{};
    Octets meter_agreement_key{};
    Octets firmware_key{};  ///< of a virtual meter: the public key that its firmware images are verified with
    // Encoded, verified when the file was read.
    Octets signing_certificate{};
    Octets agreement_certificate{};
    Octets meter_signing_certificate{};
    Octets meter_agreement_certificate{};
    std::optional<SystemTitle> meter_title{};                  ///< out of the meter's certificates
    std::map<std::string, std::string> files{};                ///< entries that name a file, as they stand
    std::optional<std::uint8_t> suite{};                       ///< nothing: by the length of the keys
    std::optional<dlms::AuthenticationMechanism> mechanism{};  ///< nothing: by what there is
    bool dedicated{false};

    ClientSecrets() = default;
    ClientSecrets(const ClientSecrets&) = default;
    ClientSecrets(ClientSecrets&&) = default;
    ClientSecrets& operator=(const ClientSecrets&) = default;
    ClientSecrets& operator=(ClientSecrets&&) = default;
    ~ClientSecrets();

    [[nodiscard]] std::uint8_t suite_or_default() const {
        return suite.value_or(unicast_key.size() == 32 ? std::uint8_t{2} : std::uint8_t{0});
    }
};

struct KeyFile {
    std::filesystem::path path{};
    std::optional<SystemTitle> system_title{};
    std::map<std::uint16_t, ClientSecrets> clients{};
    /// Of single meters that push or whose messages are decoded, by their system title.
    std::map<SystemTitle, ClientSecrets> meters{};
    std::string trust_anchor_file{};  ///< as it stands
    Octets trust_anchor{};            ///< the certificate of the authority that issued all others, encoded
    std::optional<ClientSecrets> virtual_meter{};

    /// Throws CliError when the file has nothing for `client_sap`.
    [[nodiscard]] const ClientSecrets& client(std::uint16_t client_sap) const;
};

/// Throws CliError: missing, readable by others (mode beyond 0600), no TOML, a wrong length or digit, keys that do not
/// fit the suite, a certificate that the trust anchor did not issue. The message names file and entry, never a value.
[[nodiscard]] KeyFile read_key_file(const std::filesystem::path& path);

/// Writes a key file with mode 0600 from the start. Throws CliError when it cannot.
void write_key_file(const KeyFile& keys);

}  // namespace ferraris::cli
