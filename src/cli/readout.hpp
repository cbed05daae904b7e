/// `ferraris read iec+serial:///DEVICE`: the data readout of IEC 62056-21, mode C.
#pragma once

#include <string>
#include <vector>

#include "cli/address.hpp"

namespace ferraris::cli {

/// Reads and prints what `wanted` names by code (`1.8.0`), or all. Throws CliError, also when a code is not there.
int run_readout(const Address& address, double timeout_s, const std::vector<std::string>& wanted, bool json);

}  // namespace ferraris::cli
