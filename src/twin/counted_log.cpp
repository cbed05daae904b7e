#include "twin/counted_log.hpp"

#include <fmt/format.h>

#include <limits>

namespace ferraris::twin {

void CountedLog::add(const char* kind, const std::string& peer, std::uint32_t count, const std::string& detail) {
    if (count == 0) return;
    const std::int64_t now_ms = clock_();
    Kind& events = kinds_[kind];
    std::string line =
        detail.empty() ? fmt::format("{}: {}", peer, kind) : fmt::format("{}: {} ({})", peer, kind, detail);
    const auto known = events.lines.find(line);
    if (known != events.lines.end()) {
        Waiting& same = known->second;
        if (same.count == 0 && is_due(same, now_ms)) {
            log_(line);
            same.quiet_until_ms = now_ms + kQuiet_ms;
            --count;
        }
        same.count += count;
    } else if (events.lines.size() < kSubjects) {
        log_(line);
        events.lines.emplace(std::move(line), Waiting{now_ms + kQuiet_ms, count - 1U});
    } else {
        if (events.others.count == 0) events.others.quiet_until_ms = now_ms + kQuiet_ms;
        events.others.count += count;
        events.last_other = std::move(line);
    }
    write_waiting(now_ms);
}

void CountedLog::write_waiting(std::int64_t now_ms) {
    for (auto& [kind, events] : kinds_) {
        for (auto entry = events.lines.begin(); entry != events.lines.end();) {
            auto& [line, same] = *entry;
            if (!is_due(same, now_ms)) {
                ++entry;
            } else if (same.count == 0) {
                entry = events.lines.erase(entry);
            } else {
                log_(fmt::format("{}: {} more", line, same.count));
                same = {now_ms + kQuiet_ms, 0};
                ++entry;
            }
        }
        if (events.others.count == 0 || !is_due(events.others, now_ms)) continue;
        log_(fmt::format("{}: the last of {} more", events.last_other, events.others.count));
        events.others = {};
    }
}

void CountedLog::flush() { write_waiting(std::numeric_limits<std::int64_t>::max() - kQuiet_ms); }

}  // namespace ferraris::twin
