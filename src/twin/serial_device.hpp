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
    /// What a client opens.
    std::string path{};
};

/// Opens `device` (or makes a pseudo-terminal where it is "pty") as eight bits, no parity, no line discipline. Throws
/// std::runtime_error that says what to do.
[[nodiscard]] SerialDevice open_serial_device(const std::string& device, std::uint32_t baud);

/// Changes the speed once what has been written is out. False, and errno, when the device does not take it.
[[nodiscard]] bool set_baud(int file, std::uint32_t baud);

/// What `baud` (300 to 115,200) is called in termios; 9,600 Bd for any other.
[[nodiscard]] unsigned speed_code(std::uint32_t baud);

}  // namespace ferraris::twin
