/// What `ferraris meter --wireless` says: where the radio's telegrams go, and how the meter is set up for them.
#pragma once

#include <string>

#include "meter/wireless/wireless.hpp"
#include "twin/radio.hpp"

namespace ferraris::cli {

struct WirelessOption {
    twin::RadioDestination destination{};
    meter::WirelessSetup setup{};
};

/// `hex`, `file:PATH` or `udp://HOST:PORT`, and behind a ? what is not default: mode, security, interval, chips. Throws
/// CliError.
[[nodiscard]] WirelessOption parse_wireless(const std::string& text);

}  // namespace ferraris::cli
