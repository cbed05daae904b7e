/// `ferraris` as another process, with its standard output line by line.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ferraris::cli::testing {

class Child {
public:
    /// Standard error goes to `log`.
    explicit Child(const std::vector<std::string>& arguments, const std::filesystem::path& log = "/dev/null") {
        std::array<int, 2> pipe{};
        EXPECT_EQ(::pipe(pipe.data()), 0);
        process_ = ::fork();
        if (process_ == 0) {
            std::vector<std::string> words{FERRARIS_PROGRAM};
            words.insert(words.end(), arguments.begin(), arguments.end());
            std::vector<char*> argv;
            for (std::string& word : words) argv.push_back(word.data());
            argv.push_back(nullptr);
            ::dup2(pipe[1], STDOUT_FILENO);
            ::close(pipe[0]);
            const int errors = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            ::dup2(errors, STDERR_FILENO);
            ::execv(FERRARIS_PROGRAM, argv.data());
            ::_exit(127);
        }
        ::close(pipe[1]);
        output_ = pipe[0];
    }
    ~Child() {
        if (process_ > 0) (void)stop();
        ::close(output_);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// The next line without its end; nothing at the end of the output, or when none comes in time.
    std::optional<std::string> line(std::chrono::milliseconds patience = std::chrono::seconds(20)) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (;;) {
            if (const auto end = pending_.find('\n'); end != std::string::npos) {
                const std::string found = pending_.substr(0, end);
                pending_.erase(0, end + 1);
                return found;
            }
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            pollfd ready{output_, POLLIN, 0};
            if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return std::nullopt;
            std::array<char, 4096> piece{};
            const ssize_t count = ::read(output_, piece.data(), piece.size());
            if (count <= 0) return std::nullopt;
            pending_.append(piece.data(), static_cast<std::size_t>(count));
        }
    }
    /// The exit status of a child that ends by itself.
    int wait() {
        int status = 0;
        ::waitpid(process_, &status, 0);
        process_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    /// As Ctrl-C does.
    void interrupt() { ::kill(process_, SIGINT); }
    int stop() {
        ::kill(process_, SIGTERM);
        return wait();
    }

private:
    pid_t process_{0};
    int output_{-1};
    std::string pending_{};
};

}  // namespace ferraris::cli::testing
