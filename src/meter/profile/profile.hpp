/// The rows of one profile or log in flash, and of a periodic one the interval that it is in.
///
/// A row of a periodic profile carries the time at which its interval ended. Rules when time does not flow:
///
/// - an interval cut short (power lost, clock set forward) is closed with the row of its regular end, and its status
///   says why; intervals not lived through have no row; the first row after the gap has the same status bit;
/// - a time stamp is captured once: after the clock was set back, the rows that exist stay, and the next new one says
///   that the clock was set. As registers are cumulative, no energy is missing or doubled.
///
/// Rows are in the order of capture, which is the order of time except where the clock was set back past stamps that
/// did not exist: from `ordered_from` on time never falls and a search may halve; what is older is read row by row.
#pragma once

#include <cstdint>
#include <optional>

#include "meter/profile/profile_row.hpp"
#include "meter/profile/profile_setup.hpp"
#include "meter/profile/profile_table.hpp"

namespace ferraris::meter {

/// Seconds since 1970; `end` is the first that does not belong to it.
struct Interval {
    std::uint32_t start{0};
    std::uint32_t end{UINT32_MAX};
    [[nodiscard]] bool has(std::uint32_t time) const { return time >= start && time < end; }
};

/// Rows from `first` on, `span` sequence numbers long; not each number need have a row that matches.
struct RowSpan {
    std::uint32_t first{0};
    std::uint32_t span{0};
};

class Profile {
public:
    Profile(board::Flash& flash, const ProfileDefinition& definition);

    /// What its rows in `flash` are like, only looked at.
    [[nodiscard]] static StoreCondition examine(board::Flash& flash, const ProfileDefinition& definition);
    /// Finds setup and rows. False: the flash does not answer. Without a setup, `configure` has to be next.
    [[nodiscard]] bool recover(std::uint32_t ordered_from);
    [[nodiscard]] bool has_setup() const { return setups_.generation() != 0; }
    /// Takes up `setup`, whose rows must fit, and forgets all rows. When false, old setup and rows stand.
    [[nodiscard]] bool configure(const ProfileSetup& setup);
    [[nodiscard]] bool setup(ProfileSetup& setup) const { return setups_.read(setup); }
    [[nodiscard]] std::uint32_t period_s() const { return period_s_; }
    /// How many rows are shown at most, and how many are there.
    [[nodiscard]] std::uint32_t entries() const;
    [[nodiscard]] std::uint32_t entries_in_use() const;

    /// The present interval.
    void enter(const Interval& interval) { interval_ = interval; }
    [[nodiscard]] const Interval& interval() const { return interval_; }
    /// The stamp of the row to be captured when `time` has come; nothing within the interval, and nothing for a stamp
    /// that was captured before.
    [[nodiscard]] std::optional<std::uint32_t> due_row(std::uint32_t time) const;
    [[nodiscard]] bool contains(std::uint32_t stamp) const;
    /// Something happened that the row of this interval has to tell.
    void mark(std::uint8_t status) { marks_ = static_cast<std::uint8_t>(marks_ | status); }
    [[nodiscard]] std::uint8_t marks() const { return marks_; }
    void clear_marks() { marks_ = 0; }

    /// Whether a row of this stamp would break the order; `ordered_from` is then to be made durable as `next()` first.
    [[nodiscard]] bool breaks_order(std::uint32_t stamp) const { return stamp < newest_stamp_; }
    [[nodiscard]] std::uint32_t next() const { return ring_.next(); }
    [[nodiscard]] bool append(const ProfileRow& row);

    /// The rows on show, oldest first.
    [[nodiscard]] RowSpan all() const;
    /// The least span that has every row with `from` <= stamp <= `to`.
    [[nodiscard]] RowSpan between(std::uint32_t from, std::uint32_t to) const;
    /// False: torn, or no longer there.
    [[nodiscard]] bool read(std::uint32_t sequence, ProfileRow& row) const;
    /// Whether no row of `rows` was overwritten or forgotten yet.
    [[nodiscard]] bool still_has(const RowSpan& rows) const {
        return rows.first >= ring_.oldest() && rows.first + rows.span <= ring_.next();
    }

private:
    [[nodiscard]] std::uint32_t ordered_begin(const RowSpan& rows) const;
    [[nodiscard]] std::uint32_t lower_bound(std::uint32_t first, std::uint32_t end, std::uint32_t stamp) const;
    void find_stamps();

    const ProfileDefinition* definition_;
    ProfileSetupStore setups_;
    RecordRing ring_;
    Interval interval_{};
    std::uint32_t period_s_{0};
    std::uint32_t ordered_from_{0};
    std::uint32_t newest_stamp_{0};    ///< of the last row
    std::uint32_t greatest_stamp_{0};  ///< of all rows
    std::uint16_t row_octets_{kStampAndStatusOctets};
    std::uint8_t marks_{0};
};

}  // namespace ferraris::meter
