/// Parameters on their way into a meter: everything is checked before the first is written, and what was written is put
/// back when the meter refuses a later one.
#pragma once

#include <string>
#include <vector>

#include "cli/parameter_file.hpp"

namespace ferraris::cli {

struct ParameterImport {
    bool sealed{false};  ///< sealed parameters may change: each change is an entry of the audit trail for ever
};

/// The keys of what changed; empty: the meter had it all. Throws CliError, and then nothing has changed, or the error
/// says what could not be put back.
[[nodiscard]] std::vector<std::string> import_parameters(const ConnectOptions& connect, ParameterFile& file,
                                                         const ParameterImport& options);

}  // namespace ferraris::cli
