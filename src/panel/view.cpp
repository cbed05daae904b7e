#include "panel/view.hpp"

#include <algorithm>
#include <utility>

namespace ferraris::panel {
namespace {

/// In the order of `Section` and `List`.
constexpr std::array<std::string_view, kSectionCount> kSections{"identity", "time",   "glass",    "front", "measured",
                                                                "world",    "energy", "calendar", "curve"};
constexpr std::array<std::string_view, kListCount> kLists{"events", "talk"};

void begin_member(std::string& message, std::string_view name) {
    message += message.empty() ? "{\"" : ",\"";
    message += name;
    message += "\":";
}

}  // namespace

void View::set(Section section, std::string json) {
    Versioned& versioned = sections_[index(section)];
    if (versioned.json == json) return;
    versioned.json = std::move(json);
    ++versioned.version;
}

void View::add(List list, std::string json) {
    Entries& entries = lists_[index(list)];
    entries.kept.push_back(std::move(json));
    ++entries.next;
    if (entries.kept.size() > kEntries) entries.kept.pop_front();
}

std::string View::newer_than(Seen& seen) const {
    std::string message;
    for (std::size_t i = 0; i < kSectionCount; ++i) {
        if (sections_[i].version == seen.versions[i]) continue;
        seen.versions[i] = sections_[i].version;
        begin_member(message, kSections[i]);
        message += sections_[i].json;
    }
    for (std::size_t i = 0; i < kListCount; ++i) {
        const Entries& entries = lists_[i];
        if (entries.next == seen.entries[i]) continue;
        const std::uint64_t oldest = entries.next - entries.kept.size();
        const std::uint64_t first = std::max(oldest, seen.entries[i]);
        seen.entries[i] = entries.next;
        begin_member(message, kLists[i]);
        message += "{\"first\":" + std::to_string(first) + ",\"entries\":[";
        for (std::uint64_t number = first; number < entries.next; ++number) {
            if (number != first) message += ',';
            message += entries.kept[static_cast<std::size_t>(number - oldest)];
        }
        message += "]}";
    }
    if (!message.empty()) message += '}';
    return message;
}

}  // namespace ferraris::panel
