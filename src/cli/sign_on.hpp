/// IEC 62056-21 over a serial line: the data readout and the programming mode of mode C, and the sign-on of mode E that
/// leads to HDLC.
#pragma once

#include <chrono>
#include <memory>
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

/// What a meter answered to a command of programming mode.
struct ProgrammingAnswer {
    std::vector<ReadoutValue> values{};  ///< of a read
    std::string error{};                 ///< as the meter writes it (`ER07`); empty: it was obeyed
};

class SignOnSession;

/// A session in programming mode. Everything throws CliError when the meter is lost or breaks off.
class ProgrammingSession {
public:
    /// Signs on, and waits until the mode is entered.
    ProgrammingSession(Channel& channel, const Address& address, std::chrono::milliseconds timeout);
    ~ProgrammingSession();
    ProgrammingSession(const ProgrammingSession&) = delete;
    ProgrammingSession& operator=(const ProgrammingSession&) = delete;

    /// `type` and `digit` as in IEC 62056-21, 6.3.3 ('R' and '1'); `operand` with its parentheses.
    [[nodiscard]] ProgrammingAnswer command(char type, char digit, std::string_view operand);
    /// Ends it by a break, so that the meter is free at once.
    void sign_off();

    [[nodiscard]] const std::string& manufacturer() const { return manufacturer_; }
    [[nodiscard]] const std::string& identification() const { return identification_; }

private:
    std::unique_ptr<SignOnSession> session_;
    std::string manufacturer_;
    std::string identification_;
};

/// Signs on in mode E; the line is HDLC's afterwards, at the agreed speed. Throws CliError.
void sign_on_for_hdlc(Channel& channel, const Address& address, std::chrono::milliseconds timeout);

}  // namespace ferraris::cli
