/// IEC 62056-21 over a serial line: the data readout of mode C, and the sign-on of mode E that leads to HDLC.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/address.hpp"
#include "cli/channel.hpp"

namespace ferraris::cli {

struct ReadoutValue {
    std::string address;  ///< as the meter writes it; empty for a further value of the line before
    std::string value;
    std::string unit;
};

struct Readout {
    std::string manufacturer;
    std::string identification;
    std::uint32_t baud{0};  ///< at which it came
    std::vector<ReadoutValue> values;
};

/// Signs on and takes the data readout; `timeout` is for each answer. Throws CliError.
[[nodiscard]] Readout read_out(Channel& channel, const Address& address, std::chrono::milliseconds timeout);

/// Signs on in mode E; the line is HDLC's afterwards, at the agreed speed. Throws CliError.
void sign_on_for_hdlc(Channel& channel, const Address& address, std::chrono::milliseconds timeout);

}  // namespace ferraris::cli
