/// Serial devices of the operating system: speeds, raw mode, pseudo-terminals.
#pragma once

#include <cstdint>
#include <string>

namespace ferraris::twin {

/// An open file, or -1. The owner closes it.
struct SerialDevice {
    int file{-1};
    /// Of a pseudo-terminal: its other end, kept open so that the line does not hang up when a client closes it.
    int keeper{-1};
    /// What a client opens: of a pseudo-terminal its own name, or that of the link to it.
    std::string path{};

    [[nodiscard]] bool is_pseudo_terminal() const { return keeper >= 0; }
};

/// Opens `device` as eight bits, no parity, no line discipline. Makes a pseudo-terminal where it is "pty"; where it is
/// a name that nothing has, or a link to an earlier pseudo-terminal, that name becomes a link to the new one. Throws
/// std::runtime_error that says what to do.
[[nodiscard]] SerialDevice open_serial_device(const std::string& device, std::uint32_t baud);

/// Whether `device` is to be opened as it is: a device of the operating system, and no name for a pseudo-terminal.
[[nodiscard]] bool is_device(const std::string& device);

/// Closes it, and removes the link that was made for it.
void close_serial_device(const SerialDevice& device);

/// The speed that whoever has the other end of a pseudo-terminal has set.
[[nodiscard]] std::uint32_t speed_of_reader(const SerialDevice& pseudo_terminal);

/// Changes the speed once what has been written is out. False, and errno, when the device does not take it.
[[nodiscard]] bool set_baud(int file, std::uint32_t baud);

/// What `baud` (300 to 115,200) is called in termios; 9,600 Bd for any other.
[[nodiscard]] unsigned speed_code(std::uint32_t baud);

}  // namespace ferraris::twin
