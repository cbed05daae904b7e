#include "cli/terminal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Puts the echo back whatever happens.
class EchoOff {
public:
    explicit EchoOff(int terminal) : terminal_(terminal) {
        if (::tcgetattr(terminal_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
    }
    ~EchoOff() {
        if (changed_) ::tcsetattr(terminal_, TCSANOW, &before_);
    }
    EchoOff(const EchoOff&) = delete;
    EchoOff& operator=(const EchoOff&) = delete;

private:
    int terminal_;
    termios before_{};
    bool changed_{false};
};

void write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(file, text.data(), text.size());
        if (count <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string read_line(int file) {
    std::string line;
    char c = 0;
    while (::read(file, &c, 1) == 1 && c != '\n') line.push_back(c);
    return line;
}

}  // namespace

bool is_terminal(Stream stream) {
    constexpr int kFiles[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    return ::isatty(kFiles[static_cast<std::size_t>(stream)]) == 1;
}

int terminal_columns() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

bool locale_is_utf8() {
    for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* const value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        std::string lower(value);
        std::ranges::transform(lower, lower.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
    }
    return false;
}

std::string ask(const std::string& what, bool secret) {
    const int terminal = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) {
        throw CliError(
            fmt::format("{} is needed and there is no terminal to ask on; give a key file with --keys FILE", what));
    }
    std::string answer;
    if (secret) {
        // The echo goes first: what is typed as soon as the question stands there must neither show nor be lost.
        const EchoOff quiet(terminal);
        write_all(terminal, what + ": ");
        answer = read_line(terminal);
        write_all(terminal, "\n");
    } else {
        write_all(terminal, what + ": ");
        answer = read_line(terminal);
    }
    ::close(terminal);
    return answer;
}

Progress::Progress(std::string what)
    : what_(std::move(what)), started_ms_(now_ms()), terminal_(is_terminal(Stream::error)) {}

Progress::~Progress() { clear(); }

void Progress::show(std::uint64_t done, std::uint64_t total, std::string_view unit) {
    const std::int64_t now = now_ms();
    if (!terminal_ || now - started_ms_ < 1000 || now - last_ms_ < 100) return;
    last_ms_ = now;
    shown_ = true;
    const std::string line =
        total == 0 ? fmt::format("\r\033[K{} … {} {}", what_, done, unit)
                   : fmt::format("\r\033[K{} … {} of {} {} ({} %)", what_, done, total, unit, done * 100 / total);
    write_all(STDERR_FILENO, line);
}

void Progress::clear() {
    if (shown_) write_all(STDERR_FILENO, "\r\033[K");
    shown_ = false;
}

}  // namespace ferraris::cli
