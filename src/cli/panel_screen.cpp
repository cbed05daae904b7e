#include "cli/panel_screen.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "cli/error.hpp"
#include "cli/panel_drawing.hpp"

namespace ferraris::cli {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
constexpr char kEndKey = 'q';

// ECMA-48, and the alternate screen of xterm, which every terminal in use has.
constexpr std::string_view kEnter = "\033[?1049h\033[?25l";
constexpr std::string_view kLeave = "\033[?25h\033[?1049l";
constexpr std::string_view kHome = "\033[H";
constexpr std::string_view kRestOfLine = "\033[K";
constexpr std::string_view kRestOfScreen = "\033[J";

void write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

winsize window() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {24, 80, 0, 0};
    return size;
}

}  // namespace

PanelSignals::PanelSignals() {
    sigemptyset(&set_);
    for (const int signal : kSignals) sigaddset(&set_, signal);
    file_ = ::signalfd(-1, &set_, SFD_NONBLOCK | SFD_CLOEXEC);
    if (file_ < 0) throw CliError("the system has no more files for this program; close others and try again");
}

PanelSignals::~PanelSignals() {
    if (blocked_) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    ::close(file_);
}

void PanelSignals::block() {
    if (!blocked_) pthread_sigmask(SIG_BLOCK, &set_, &before_);
    blocked_ = true;
}

std::optional<int> PanelSignals::take() const {
    signalfd_siginfo info{};
    if (::read(file_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return std::nullopt;
    return static_cast<int>(info.ssi_signo);
}

PanelScreen::PanelScreen(PanelSignals& signals) : signals_(signals) {
    signals_.block();
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) throw CliError("the terminal does not say how it is set");
    enter();
}

PanelScreen::~PanelScreen() { leave(); }

void PanelScreen::enter() {
    termios own = before_;
    own.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    own.c_cc[VMIN] = 1;
    own.c_cc[VTIME] = 0;
    (void)::tcsetattr(STDIN_FILENO, TCSANOW, &own);
    write_all(kEnter);
    entered_ = true;
}

void PanelScreen::leave() {
    if (!entered_) return;
    write_all(kLeave);
    (void)::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    entered_ = false;
}

void PanelScreen::handle_signals(std::string& keys) {
    while (const auto signal = signals_.take()) {
        if (*signal == SIGWINCH) continue;  // the next picture has the new size
        if (*signal != SIGTSTP) {
            keys += kEndKey;
            continue;
        }
        leave();
        (void)::raise(SIGSTOP);
        enter();
    }
}

std::string PanelScreen::keys(std::chrono::milliseconds patience) {
    std::array<pollfd, 2> files{{{STDIN_FILENO, POLLIN, 0}, {signals_.file(), POLLIN, 0}}};
    std::string keys;
    if (::poll(files.data(), files.size(), static_cast<int>(patience.count())) <= 0) return keys;
    if (files[1].revents != 0) handle_signals(keys);
    if (files[0].revents == 0) return keys;
    std::array<char, 64> octets{};
    const ssize_t count = ::read(STDIN_FILENO, octets.data(), octets.size());
    if (count > 0) return keys.append(octets.data(), static_cast<std::size_t>(count));
    return keys += kEndKey;  // the terminal is gone
}

std::size_t PanelScreen::columns() const { return window().ws_col; }

void PanelScreen::draw(const std::vector<std::string>& lines) {
    const winsize size = window();
    const std::size_t count = std::min<std::size_t>(lines.size(), size.ws_row);
    std::string text(kHome);
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) text += "\r\n";
        text += cut_to_columns(lines[i], size.ws_col);
        text += kRestOfLine;
    }
    text += kRestOfScreen;
    write_all(text);
}

}  // namespace ferraris::cli
