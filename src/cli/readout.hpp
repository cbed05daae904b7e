/// `ferraris readout`, and `ferraris read iec+serial:///DEVICE`: the data readout of IEC 62056-21, mode C.
#pragma once

#include <string>
#include <vector>

#include "cli/address.hpp"

namespace CLI {
class App;
}

namespace ferraris::cli {

enum class ReadoutForm : std::uint8_t { text, json, csv };

/// Reads and prints what `wanted` names by code (`1.8.0`), or all. Throws CliError, also when a code is not there.
int run_readout(const Address& address, double timeout_s, const std::vector<std::string>& wanted, ReadoutForm form);

/// What DLMS calls an object with this code; empty when nothing is known of it.
[[nodiscard]] std::string name_of_code(const std::string& code);

/// The address of a meter that signs on by IEC 62056-21: `optical://` and `iec+serial://` alike. Throws CliError for
/// any other.
[[nodiscard]] Address parse_iec_address(const std::string& text);

void add_readout(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
