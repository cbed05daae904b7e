#include "twin/serial_device.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <stdexcept>

namespace ferraris::twin {
namespace {

struct Speed {
    std::uint32_t baud;
    speed_t code;
};
constexpr Speed kSpeeds[] = {{300, B300},   {600, B600},     {1200, B1200},   {2400, B2400},   {4800, B4800},
                             {9600, B9600}, {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200}};

bool make_raw(int file, std::uint32_t baud) {
    termios settings{};
    if (::tcgetattr(file, &settings) != 0) return false;
    ::cfmakeraw(&settings);
    settings.c_cflag |= CREAD | CLOCAL | CS8;
    settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS | PARENB);
    ::cfsetispeed(&settings, speed_code(baud));
    ::cfsetospeed(&settings, speed_code(baud));
    return ::tcsetattr(file, TCSANOW, &settings) == 0;
}

[[noreturn]] void fail(const SerialDevice& opened, const std::string& what) {
    const std::string why = std::strerror(errno);
    if (opened.file >= 0) ::close(opened.file);
    if (opened.keeper >= 0) ::close(opened.keeper);
    throw std::runtime_error(fmt::format("{}: {}", what, why));
}

SerialDevice make_pseudo_terminal(std::uint32_t baud) {
    SerialDevice made;
    std::array<char, 128> name{};
    made.file = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    const bool named = made.file >= 0 && ::grantpt(made.file) == 0 && ::unlockpt(made.file) == 0 &&
                       ::ptsname_r(made.file, name.data(), name.size()) == 0;
    if (named) made.keeper = ::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (made.keeper < 0 || !make_raw(made.keeper, baud)) fail(made, "no pseudo-terminal can be had");
    made.path = name.data();
    return made;
}

bool leads_to_pseudo_terminal(const std::filesystem::path& path) {
    std::error_code error;
    const std::filesystem::path target = std::filesystem::read_symlink(path, error);
    return !error && target.string().starts_with("/dev/pts/");
}

SerialDevice make_linked_pseudo_terminal(const std::string& name, std::uint32_t baud) {
    SerialDevice made = make_pseudo_terminal(baud);
    // The number of an earlier one may be another program's terminal by now: it is never opened, but replaced.
    std::error_code error;
    std::filesystem::remove(name, error);
    std::filesystem::create_symlink(made.path, name, error);
    if (error) {
        close_serial_device(made);
        throw std::runtime_error(
            fmt::format("{} cannot be made: {}; name a file in a folder of yours", name, error.message()));
    }
    made.path = name;
    return made;
}

}  // namespace

bool is_device(const std::string& device) {
    if (device == "pty" || leads_to_pseudo_terminal(device)) return false;
    std::error_code error;
    return device.starts_with("/dev/") || std::filesystem::exists(std::filesystem::symlink_status(device, error));
}

void close_serial_device(const SerialDevice& device) {
    if (device.is_pseudo_terminal() && leads_to_pseudo_terminal(device.path)) {
        std::error_code ignored;
        std::filesystem::remove(device.path, ignored);
    }
    for (const int file : {device.file, device.keeper}) {
        if (file >= 0) ::close(file);
    }
}

std::uint32_t speed_of_reader(const SerialDevice& pseudo_terminal) {
    termios settings{};
    if (::tcgetattr(pseudo_terminal.keeper, &settings) != 0) return 0;
    const auto* const found = std::ranges::find(kSpeeds, ::cfgetospeed(&settings), &Speed::code);
    return found == std::end(kSpeeds) ? 0 : found->baud;
}

unsigned speed_code(std::uint32_t baud) {
    const auto* const found = std::ranges::find(kSpeeds, baud, &Speed::baud);
    return found == std::end(kSpeeds) ? B9600 : found->code;
}

SerialDevice open_serial_device(const std::string& device, std::uint32_t baud) {
    if (device == "pty") return make_pseudo_terminal(baud);
    if (!is_device(device)) return make_linked_pseudo_terminal(device, baud);
    SerialDevice opened;
    opened.path = device;
    opened.file = ::open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (opened.file < 0) {
        const char* const advice =
            errno == EACCES ? "add yourself to the group dialout" : "check the device's name and cable";
        fail(opened, fmt::format("the serial line {} cannot be opened ({})", device, advice));
    }
    if (!make_raw(opened.file, baud)) fail(opened, fmt::format("{} is no serial line; check the name", device));
    return opened;
}

bool set_baud(int file, std::uint32_t baud) {
    termios settings{};
    if (::tcgetattr(file, &settings) != 0) return false;
    ::cfsetispeed(&settings, speed_code(baud));
    ::cfsetospeed(&settings, speed_code(baud));
    return ::tcsetattr(file, TCSADRAIN, &settings) == 0;
}

}  // namespace ferraris::twin
