/// The options of every verb that talks to a meter.
#pragma once

#include "cli/client.hpp"

namespace CLI {
class App;
}

namespace ferraris::cli {

/// Adds ADDRESS, --client, --auth, --protect, --envelope, --sign, --keys, --counter-object and --timeout, which fill
/// `options`.
void add_connect_options(CLI::App& verb, ConnectOptions& options);

}  // namespace ferraris::cli
