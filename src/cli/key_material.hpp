/// Private keys and certificates in files of their own, and whether they fit what a key file says.
#pragma once

#include <filesystem>

#include "cli/key_file.hpp"

namespace ferraris::cli {

/// PEM or DER. Throws CliError: missing, readable by others (mode beyond 0600), no key on P-256 or P-384.
[[nodiscard]] Octets read_private_key(const std::filesystem::path& path);
/// PEM or DER, as DER. Throws CliError: missing, no certificate.
[[nodiscard]] Octets read_certificate(const std::filesystem::path& path);

/// Verifies every certificate and takes the meter's public keys out of its own. Throws CliError, which names the entry:
/// keys that the suite has not; a certificate that the trust anchor did not issue, whose time is over, whose use is
/// another, or whose key is not the one beside it.
void check_key_material(KeyFile& keys);

}  // namespace ferraris::cli
