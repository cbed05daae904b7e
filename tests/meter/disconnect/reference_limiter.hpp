/// The limiter as the standard's text has it, over what it remembers of the seconds behind it, for comparison with the
/// meter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include "meter/disconnect/reference_disconnector.hpp"

namespace ferraris::meter::testing {

struct ReferenceLimiter {
    std::int64_t normal{0};
    std::int64_t emergency{0};
    std::size_t min_over{60};
    std::size_t min_under{60};
    int id{0};
    std::int64_t begin{0};
    std::int64_t duration{0};
    std::set<int> groups{};
    bool disconnects{false};
    bool reconnects{false};

    ReferenceDisconnector supply{};
    bool opened{false};  ///< by the limiter, and nobody else wanted it so since
    bool exceeded{false};
    std::int64_t told{0};
    std::vector<bool> seconds{};  ///< over or not, since power came or something was decided

    [[nodiscard]] bool in_emergency(std::int64_t now) const {
        return groups.count(id) != 0 && now >= begin && now < begin + duration;
    }
    [[nodiscard]] std::int64_t threshold(std::int64_t now) const { return in_emergency(now) ? emergency : normal; }
    [[nodiscard]] bool lasted(bool over, std::size_t least) const {
        const std::size_t count = std::max<std::size_t>(least, 1);
        return seconds.size() >= count && std::all_of(seconds.end() - static_cast<std::ptrdiff_t>(count), seconds.end(),
                                                      [over](bool second) { return second == over; });
    }
    /// Somebody else than the limiter.
    int command(const char* name) {
        const int event = supply.command(name);
        if (event != 0) opened = false;
        return event;
    }
    int press() {
        const int event = supply.press();
        if (event != 0) opened = false;
        return event;
    }
    void power_cut(std::int64_t last_s) {
        seconds.clear();
        told = threshold(last_s);
    }

    /// The events of the second that ends at `now`.
    std::vector<int> second(std::int64_t now, std::int64_t milliwatts) {
        std::vector<int> events;
        const auto note = [&events](int event) {
            if (event != 0) events.push_back(event);
        };
        const std::int64_t limit = threshold(now);
        if (limit != told) note(67);
        told = limit;
        seconds.push_back(limit != 0 && milliwatts > limit);
        if (exceeded && (limit == 0 || lasted(false, min_under))) {
            if (reconnects && opened) note(command("local_reconnect"));
            exceeded = false;
            note(66);
            seconds.clear();
        } else if (lasted(true, min_over)) {
            if (!exceeded) note(65);
            exceeded = true;
            if (disconnects) {
                const int event = supply.command("local_disconnect");
                opened = opened || event != 0;
                note(event);
            }
            seconds.clear();
        }
        return events;
    }
};

}  // namespace ferraris::meter::testing
