/// `ferraris` at a pseudo-terminal, as a person has it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace ferraris::cli::testing {

class TerminalChild {
public:
    explicit TerminalChild(const std::vector<std::string>& arguments, unsigned short columns = 80) {
        winsize size{24, columns, 0, 0};
        process_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
        if (process_ == 0) {
            ::setenv("LC_ALL", "C", 1);
            std::vector<std::string> words{FERRARIS_PROGRAM};
            words.insert(words.end(), arguments.begin(), arguments.end());
            std::vector<char*> argv;
            for (std::string& word : words) argv.push_back(word.data());
            argv.push_back(nullptr);
            ::execv(FERRARIS_PROGRAM, argv.data());
            ::_exit(127);
        }
        EXPECT_EQ(::tcgetattr(terminal_, &before_), 0);
    }
    ~TerminalChild() {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
        }
        ::close(terminal_);
    }
    TerminalChild(const TerminalChild&) = delete;
    TerminalChild& operator=(const TerminalChild&) = delete;

    void type(const std::string& keys) {
        EXPECT_EQ(::write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
    }
    void send(int signal) { ::kill(process_, signal); }
    void resize(unsigned short columns) {
        const winsize size{24, columns, 0, 0};
        EXPECT_EQ(::ioctl(terminal_, TIOCSWINSZ, &size), 0);
    }
    /// Everything that came so far.
    [[nodiscard]] const std::string& output() const { return output_; }
    /// What stands on the screen: everything behind the last way home of the cursor.
    [[nodiscard]] std::string screen() const {
        const auto home = output_.rfind("\033[H");
        return home == std::string::npos ? output_ : output_.substr(home);
    }
    /// Until the screen is as wanted; false: it never is.
    bool shows(const std::function<bool(const std::string&)>& wanted,
               std::chrono::milliseconds patience = std::chrono::seconds(20)) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < deadline) {
            if (wanted(screen())) return true;
            if (!read_some()) return wanted(screen());
        }
        return false;
    }
    bool shows(const std::string& part) {
        return shows([&](const std::string& screen) { return screen.find(part) != std::string::npos; });
    }
    /// Exit status, when the program has ended by itself; what it wrote at the end is in `output`.
    int wait() {
        for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
             std::chrono::steady_clock::now() < deadline && read_some();) {
        }
        int status = 0;
        ::waitpid(process_, &status, 0);
        process_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    /// Whether the terminal is set as before the program began.
    [[nodiscard]] bool is_as_before() const {
        termios now{};
        return ::tcgetattr(terminal_, &now) == 0 && now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag &&
               now.c_oflag == before_.c_oflag;
    }

private:
    /// False: the program has closed the terminal.
    bool read_some() {
        pollfd ready{terminal_, POLLIN, 0};
        if (::poll(&ready, 1, 100) <= 0) return true;
        std::array<char, 4096> piece{};
        const ssize_t count = ::read(terminal_, piece.data(), piece.size());
        if (count <= 0) return false;
        output_.append(piece.data(), static_cast<std::size_t>(count));
        return true;
    }

    pid_t process_{0};
    int terminal_{-1};
    termios before_{};
    std::string output_{};
};

}  // namespace ferraris::cli::testing
