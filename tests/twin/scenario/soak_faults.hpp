/// What happens to a meter in the soak, and what it has to tell of it: one table, written from the events' definitions
/// and not from the meter's code.
///
/// Faults of the mains, the load, the clock and the battery come one after the other; a second lane of covers and
/// magnets runs beside them, through losses of power too.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "meter/event/event_table.hpp"
#include "twin/scenario/scenario.hpp"

namespace ferraris::twin::scenario::testing {

struct FaultRow {
    std::string_view name{};
    std::vector<Change> begin{};
    std::vector<Change> end{};
    std::int64_t shortest_s{0};
    std::int64_t longest_s{0};
    std::int64_t settle_s{0};  ///< until all is told, behind its end
    std::vector<meter::Event> events{};
    /// The clock changes, or power is lost: rows may say so.
    bool marks_rows{false};
    std::uint32_t one_in{1};  ///< how rare it is, when its turn comes
};

/// One at a time. Limits as from the factory: 10 % and 15 % of 230 V, 50 Hz ± 0.5 Hz, 80 A, 25 W of export, THD 8 %.
[[nodiscard]] const std::vector<FaultRow>& exclusive_faults();
/// Beside the others, one at a time.
[[nodiscard]] const std::vector<FaultRow>& cover_faults();

}  // namespace ferraris::twin::scenario::testing
