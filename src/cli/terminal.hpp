/// The terminal: whether there is one, what it can show, and questions whose answer is not echoed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ferraris::cli {

enum class Stream : std::uint8_t { input, output, error };

[[nodiscard]] bool is_terminal(Stream stream);
/// Columns of the terminal on standard output; 80 without one.
[[nodiscard]] int terminal_columns();
/// The locale of the environment (LC_ALL, LC_CTYPE, LANG) is a UTF-8 one.
[[nodiscard]] bool locale_is_utf8();

/// Asks on the controlling terminal, not on standard input and output, so that both can be redirected. The echo is off
/// when `secret`. Throws CliError when there is no terminal: "`what` is needed; …".
[[nodiscard]] std::string ask(const std::string& what, bool secret);

/// Says how something long is coming along, on standard error: with a terminal one line that overwrites itself, shown
/// when a second has passed; without one nothing. Goes away by itself at the end.
class Progress {
public:
    explicit Progress(std::string what);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// `total` 0: not known yet.
    void show(std::uint64_t done, std::uint64_t total, std::string_view unit);
    /// Takes the line away, for other output to come.
    void clear();

private:
    std::string what_;
    std::int64_t started_ms_;
    std::int64_t last_ms_{0};
    bool shown_{false};
    bool terminal_;
};

}  // namespace ferraris::cli
