/// The lines of `ferraris meter`: which ports it has where, and how they are told on the command line.
#pragma once

#include <string>
#include <vector>

#include "meter/ports/sub_meters.hpp"

namespace CLI {
class App;
}
namespace ferraris::meter {
class Instrument;
}
namespace ferraris::twin {
class Ports;
}

namespace ferraris::cli {

/// Each is a device, `pty`, or a name for a pseudo-terminal; behind a `?` what is not as the meter's setup says.
struct LineOptions {
    std::vector<std::string> serial;
    std::vector<std::string> optical;
    std::vector<std::string> rs485;
    std::vector<std::string> module;
    std::vector<std::string> sub_meters;  ///< KIND@ADDRESS
};

void add_line_options(CLI::App& verb, LineOptions& options);

/// What is behind the meter, as `--sub-meter` says. Throws CliError.
[[nodiscard]] meter::SubMeterList sub_meters_of(const LineOptions& options);

/// Opens all of them; gives back the addresses under which a client finds them. Throws CliError for what is no line,
/// std::runtime_error for one that cannot be opened.
[[nodiscard]] std::vector<std::string> open_lines(twin::Ports& ports, const LineOptions& options,
                                                  const meter::Instrument& meter);

}  // namespace ferraris::cli
