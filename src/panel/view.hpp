/// What the page is to know, as sections of JSON with a version each, and lists that only grow. A client is told what
/// is newer than what it was told last: so nothing queues, and a slow one gets the newest state instead of every one.
///
///     View view;
///     view.set(Section::glass, json);
///     View::Seen seen;                       // one a client
///     std::string message = view.newer_than(seen);   // the whole at first; empty when nothing is new
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace ferraris::panel {

/// docs/panel.md says what is in each.
enum class Section : std::uint8_t { identity, time, glass, front, measured, world, energy, calendar, curve };
inline constexpr std::size_t kSectionCount = 9;

/// Lists of what happened; the newest at the end.
enum class List : std::uint8_t { events, talk };
inline constexpr std::size_t kListCount = 2;

class View {
public:
    /// Of each list as many entries are kept.
    static constexpr std::size_t kEntries = 200;

    /// What one client was told.
    struct Seen {
        std::array<std::uint64_t, kSectionCount> versions{};
        std::array<std::uint64_t, kListCount> entries{};
    };

    /// `json` is a whole value. The same again is no news.
    void set(Section section, std::string json);
    /// `json` is one entry.
    void add(List list, std::string json);
    [[nodiscard]] const std::string& get(Section section) const { return sections_[index(section)].json; }

    /// One JSON object: the sections that are newer, `"events": {"first": number of the first entry, "entries": […]}`.
    /// Empty when there is nothing new.
    [[nodiscard]] std::string newer_than(Seen& seen) const;

private:
    struct Versioned {
        std::string json{};
        std::uint64_t version{0};
    };
    struct Entries {
        std::deque<std::string> kept{};
        std::uint64_t next{0};  ///< number of the entry to come
    };

    template <class E>
    static constexpr std::size_t index(E number) {
        return static_cast<std::size_t>(number);
    }

    std::array<Versioned, kSectionCount> sections_{};
    std::array<Entries, kListCount> lists_{};
};

}  // namespace ferraris::panel
