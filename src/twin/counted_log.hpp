/// A log for what bad peers send: one of them can cause thousands of lines a second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace ferraris::twin {

/// The first event of a kind, from a peer, about something, gets its line at once. The same again within `kQuiet_ms` is
/// counted, and gets one line when that time is over. Of one kind, `kSubjects` lines at most are told apart within that
/// time; what comes beyond them is counted together.
class CountedLog {
public:
    static constexpr std::int64_t kQuiet_ms = 10'000;
    static constexpr std::size_t kSubjects = 32;

    /// `log` gets lines without line ends, never a secret; `clock` gives milliseconds.
    CountedLog(std::function<void(const std::string&)> log, std::function<std::int64_t()> clock)
        : log_(std::move(log)), clock_(std::move(clock)) {}

    /// `count` events at `peer`. `kind` is a constant text; `detail`, which may be empty, says what they are about.
    void add(const char* kind, const std::string& peer, std::uint32_t count = 1, const std::string& detail = {});
    /// Writes what has waited long enough; to be called once in a while.
    void sweep() { write_waiting(clock_()); }
    /// Writes everything that is still counted, at the end.
    void flush();

private:
    struct Waiting {
        std::int64_t quiet_until_ms{0};
        std::uint64_t count{0};
    };
    struct Kind {
        std::map<std::string, Waiting> lines{};  ///< by what they say
        Waiting others{};
        std::string last_other{};
    };

    void write_waiting(std::int64_t now_ms);
    static bool is_due(const Waiting& waiting, std::int64_t now_ms) { return now_ms >= waiting.quiet_until_ms; }

    std::function<void(const std::string&)> log_;
    std::function<std::int64_t()> clock_;
    std::map<std::string, Kind> kinds_{};
};

}  // namespace ferraris::twin
