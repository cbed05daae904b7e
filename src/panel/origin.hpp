/// Whom the panel's server talks to: a page of its own, under an address that no name server can turn round.
#pragma once

#include <string_view>

namespace ferraris::panel {

/// Whether a Host header names this server as people do: an IP address or `localhost`, with or without a port. A name
/// of somebody's domain is refused, since its owner may let it point here (DNS rebinding).
[[nodiscard]] bool is_own_host(std::string_view host);

/// Whether an Origin header is that of the page that this server gave out under `host`.
[[nodiscard]] bool is_own_origin(std::string_view origin, std::string_view host);

}  // namespace ferraris::panel
