/// The standard's words for what is wrong with a calendar.
#pragma once

#include "dlms/enumerations.hpp"
#include "meter/tariff/calendar.hpp"

namespace ferraris::meter {

[[nodiscard]] constexpr dlms::DataAccessResult access_result_of(CalendarFault fault) {
    switch (fault) {
        case CalendarFault::none:
            return dlms::DataAccessResult::success;
        case CalendarFault::wrong_type:
            return dlms::DataAccessResult::type_unmatched;
        default:
            return dlms::DataAccessResult::other_reason;
    }
}

[[nodiscard]] constexpr dlms::ActionResult action_result_of(CalendarFault fault) {
    switch (fault) {
        case CalendarFault::none:
            return dlms::ActionResult::success;
        case CalendarFault::wrong_type:
            return dlms::ActionResult::type_unmatched;
        default:
            return dlms::ActionResult::other_reason;
    }
}

}  // namespace ferraris::meter
