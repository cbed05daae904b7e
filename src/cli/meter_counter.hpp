/// The meter's own count of a client's messages, which everybody may read (class 1 at 0-0:43.1.e).
#pragma once

#include <cstdint>
#include <optional>

#include "cli/client.hpp"

namespace ferraris::cli {

/// The last counter that the meter took from the client of `options`, read over a link of its own as the public
/// client: from --counter-object, else from 0-0:43.1.N, else from 0-0:43.1.0. Nothing when the meter does not tell.
/// Throws CliError when the link fails, or when the object that the user named is not there.
[[nodiscard]] std::optional<std::uint32_t> read_meter_counter(const ConnectOptions& options);

}  // namespace ferraris::cli
