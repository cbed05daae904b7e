#include "meter/tariff/special_days.hpp"

#include <algorithm>

namespace ferraris::meter {

std::optional<std::uint8_t> special_day(const SpecialDays& table, std::int64_t day, const LocalTimeRule& rule) {
    const SpecialDay* best = nullptr;
    for (const SpecialDay& entry : table) {
        if ((best == nullptr || entry.index < best->index) && matches(entry.date, day, rule)) best = &entry;
    }
    return best != nullptr ? std::optional(best->day) : std::nullopt;
}

CalendarFault insert(SpecialDays& table, const SpecialDay& entry) {
    if (!is_day_pattern(entry.date)) return CalendarFault::impossible_start;
    for (const SpecialDay& other : table) {
        if (other.index != entry.index && other.date == entry.date) return CalendarFault::day_twice;
    }
    auto* const same = std::ranges::find(table, entry.index, &SpecialDay::index);
    if (same != table.end()) {
        *same = entry;
        return CalendarFault::none;
    }
    return table.push_back(entry) ? CalendarFault::none : CalendarFault::too_many;
}

bool remove(SpecialDays& table, std::uint16_t index) {
    const auto* const found = std::ranges::find(table, index, &SpecialDay::index);
    if (found == table.end()) return false;
    table.erase(static_cast<std::size_t>(found - table.begin()));
    return true;
}

}  // namespace ferraris::meter
