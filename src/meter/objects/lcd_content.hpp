/// From the object table onto the glass: what the display shows right now, and what it can show.
#pragma once

#include "board/lcd.hpp"
#include "dlms/enumerations.hpp"
#include "meter/display/display_list.hpp"

namespace ferraris::meter {

class Instrument;

/// The picture for the board's driver: the item that `Instrument::display` is at, with the value of now, and the icons.
[[nodiscard]] board::Lcd lcd_content(Instrument& meter);

/// Whether `item` can be in a display list: `success`, or why not.
[[nodiscard]] dlms::DataAccessResult check_display_item(Instrument& meter, const DisplayItem& item);

}  // namespace ferraris::meter
