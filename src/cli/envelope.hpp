/// What `--envelope` and `--sign` ask for: how ciphered messages are wrapped up, and where their keys come from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/identity.hpp"
#include "dlms/client/configuration.hpp"

namespace ferraris::cli {

/// service, general, known, identified, wrapped, one-pass, static.
[[nodiscard]] std::vector<std::string> envelope_options();

/// Sets up `configuration` as `options` say; it looks into `identity`. Throws CliError when a key for it is missing, or
/// the suite has no curve.
void choose_envelope(const ConnectOptions& options, const Identity& identity, dlms::ClientConfiguration& configuration);

/// Behind "authenticated and encrypted": ", signed, general-ciphering with a wrapped key"; empty for the usual.
[[nodiscard]] std::string envelope_text(const ConnectOptions& options);

}  // namespace ferraris::cli
