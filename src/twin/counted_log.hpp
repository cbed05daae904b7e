/// A log for what bad peers send: one of them can cause thousands of lines a second.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace ferraris::twin {

/// The first event of a kind gets its line at once. Those that follow within `kQuiet_ms` are counted, and get one line
/// together when that time is over.
class CountedLog {
public:
    static constexpr std::int64_t kQuiet_ms = 10'000;

    /// `log` gets lines without line ends, never a secret; `clock` gives milliseconds.
    CountedLog(std::function<void(const std::string&)> log, std::function<std::int64_t()> clock)
        : log_(std::move(log)), clock_(std::move(clock)) {}

    /// `count` events at `peer`. `kind` is a constant text; `detail`, which may be empty, belongs to the first of them.
    void add(const char* kind, const std::string& peer, std::uint32_t count = 1, const std::string& detail = {});
    /// Writes what has waited long enough; to be called once in a while.
    void sweep() { write_waiting(clock_()); }
    /// Writes everything that is still counted, at the end.
    void flush();

private:
    struct Kind {
        std::int64_t quiet_until_ms{0};
        std::uint64_t waiting{0};
        std::string last_peer{};
    };

    void write_waiting(std::int64_t now_ms);

    std::function<void(const std::string&)> log_;
    std::function<std::int64_t()> clock_;
    std::map<std::string, Kind> kinds_{};
};

}  // namespace ferraris::twin
