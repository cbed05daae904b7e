/// Authentication mechanisms by the names that users write.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dlms/enumerations.hpp"

namespace ferraris::cli {

/// none, low, md5, sha1, gmac, sha256, ecdsa. Nothing: no such name.
[[nodiscard]] std::optional<dlms::AuthenticationMechanism> mechanism_from(std::string_view option);
/// The reverse; empty for one that has no name.
[[nodiscard]] std::string_view option_of(dlms::AuthenticationMechanism mechanism);
/// "HLS GMAC"
[[nodiscard]] std::string mechanism_name(dlms::AuthenticationMechanism mechanism);

/// It proves a secret that both sides know.
[[nodiscard]] bool needs_secret(dlms::AuthenticationMechanism mechanism);

}  // namespace ferraris::cli
