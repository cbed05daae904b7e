#include "twin/counted_log.hpp"

#include <fmt/format.h>

#include <limits>

namespace ferraris::twin {

void CountedLog::add(const char* kind, const std::string& peer, std::uint32_t count, const std::string& detail) {
    if (count == 0) return;
    const std::int64_t now_ms = clock_();
    const auto [entry, is_new] = kinds_.try_emplace(kind);
    Kind& events = entry->second;
    if (is_new || (events.waiting == 0 && now_ms >= events.quiet_until_ms)) {
        log_(detail.empty() ? fmt::format("{}: {}", peer, kind) : fmt::format("{}: {} ({})", peer, kind, detail));
        events.quiet_until_ms = now_ms + kQuiet_ms;
        --count;
    }
    events.waiting += count;
    if (count != 0) events.last_peer = peer;
    write_waiting(now_ms);
}

void CountedLog::write_waiting(std::int64_t now_ms) {
    for (auto& [kind, events] : kinds_) {
        if (events.waiting == 0 || now_ms < events.quiet_until_ms) continue;
        log_(fmt::format("{}: {}: {} more", events.last_peer, kind, events.waiting));
        events.waiting = 0;
        events.quiet_until_ms = now_ms + kQuiet_ms;
    }
}

void CountedLog::flush() { write_waiting(std::numeric_limits<std::int64_t>::max() - kQuiet_ms); }

}  // namespace ferraris::twin
