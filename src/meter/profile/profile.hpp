/// A periodic profile: rows of captured values in flash, one for each interval of the clock that was lived through.
///
/// Intervals are cut at multiples of the period since 1970 UTC, whatever daylight saving does. A row carries the time
/// at which its interval ended. Rules when time does not flow:
///
/// - an interval cut short (power lost, clock set forward) is closed with the row of its regular end, and its status
/// says
///   why; intervals not lived through have no row; the first row after the gap has the same status bit;
/// - a time stamp is captured once: after the clock was set back, the rows that exist stay, and the next new one says
///   that the clock was set. As registers are cumulative, no energy is missing or doubled.
///
/// Rows are in the order of capture, which is the order of time except where the clock was set back past stamps that
/// did not exist: from `ordered_from` on time only grows and a search may halve; what is older is read row by row.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

/// What the reference instrument can record in one profile.
inline constexpr std::size_t kMaxProfileColumns = 95;

struct ProfileRow {
    std::uint32_t stamp{0};  ///< seconds since 1970, end of the interval
    std::uint8_t status{0};
    std::array<std::uint64_t, kMaxProfileColumns> values{};  ///< raw, cut to the octets of their column
};

/// Rows from `first` on, `span` sequence numbers long; not each number need have a row that matches.
struct RowSpan {
    std::uint32_t first{0};
    std::uint32_t span{0};
};

class Profile {
public:
    /// `column_octets`: how many octets each captured value takes in flash, 1 to 8; stays with the caller.
    Profile(board::Flash& flash, FlashRegion region, std::span<const std::uint8_t> column_octets, std::uint16_t magic,
            std::uint32_t entries);

    [[nodiscard]] bool recover(std::uint32_t period_s, std::uint32_t ordered_from);

    [[nodiscard]] std::uint32_t period_s() const { return period_s_; }
    /// How many rows are shown at most, and how many are there.
    [[nodiscard]] std::uint32_t entries() const { return entries_; }
    [[nodiscard]] std::uint32_t entries_in_use() const;

    /// The interval that `time` lies in is the present one.
    void enter(std::uint32_t time) { interval_start_ = time / period_s_ * period_s_; }
    [[nodiscard]] std::uint32_t interval_start() const { return interval_start_; }
    /// The stamp of the row to be captured when `time` has come; nothing within the interval, and nothing for a stamp
    /// that was captured before.
    [[nodiscard]] std::optional<std::uint32_t> due_row(std::uint32_t time) const;
    [[nodiscard]] bool contains(std::uint32_t stamp) const;
    /// Something happened that the row of this interval has to tell.
    void mark(std::uint8_t status) { marks_ = static_cast<std::uint8_t>(marks_ | status); }
    [[nodiscard]] std::uint8_t marks() const { return marks_; }
    void clear_marks() { marks_ = 0; }

    /// Whether a row of this stamp would break the order; `ordered_from` is then to be made durable as `next()` first.
    [[nodiscard]] bool breaks_order(std::uint32_t stamp) const { return stamp <= newest_stamp_; }
    [[nodiscard]] std::uint32_t next() const { return ring_.next(); }
    [[nodiscard]] bool append(const ProfileRow& row);
    /// Forgets all rows and takes up a period, in seconds.
    [[nodiscard]] bool clear(std::uint32_t period_s);

    /// The rows on show, oldest first.
    [[nodiscard]] RowSpan all() const;
    /// The least span that has every row with `from` <= stamp <= `to`.
    [[nodiscard]] RowSpan between(std::uint32_t from, std::uint32_t to) const;
    /// False: torn, or no longer there.
    [[nodiscard]] bool read(std::uint32_t sequence, ProfileRow& row) const;
    /// Whether the row `sequence` was not overwritten yet.
    [[nodiscard]] bool still_has(std::uint32_t sequence) const { return sequence >= ring_.oldest(); }

private:
    [[nodiscard]] std::uint32_t ordered_begin(const RowSpan& rows) const;
    [[nodiscard]] std::uint32_t lower_bound(std::uint32_t first, std::uint32_t end, std::uint32_t stamp) const;

    RecordRing ring_;
    std::span<const std::uint8_t> column_octets_;
    std::uint32_t entries_;
    std::uint32_t period_s_{900};
    std::uint32_t interval_start_{0};
    std::uint32_t ordered_from_{0};
    std::uint32_t newest_stamp_{0};    ///< of the last row
    std::uint32_t greatest_stamp_{0};  ///< of all rows
    std::uint8_t marks_{0};
};

}  // namespace ferraris::meter
