/// A link to a device behind a gateway: what goes out gets the gateway protocol's header, and what comes in loses it.
#pragma once

#include <memory>
#include <string>

#include "cli/link.hpp"

namespace ferraris::cli {

/// `device` is "NETWORK:ADDRESS", where the address is text, or hexadecimal behind "0x". Throws CliError.
[[nodiscard]] std::unique_ptr<Link> through_gateway(std::unique_ptr<Link> link, const std::string& device);

}  // namespace ferraris::cli
