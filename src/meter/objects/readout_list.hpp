/// Which objects the IEC 62056-21 data readout shows, in its order.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dlms/logical_name.hpp"

namespace ferraris::meter {

enum class ReadoutPart : std::uint8_t { whole, time_of_day, date };

struct ReadoutRow {
    dlms::LogicalName object{};
    ReadoutPart part{ReadoutPart::whole};
    dlms::LogicalName shown_as{};  ///< the object itself, but for the parts of the clock
};

namespace readout {

inline constexpr dlms::LogicalName kClock = dlms::obis(0, 0, 1, 0, 0);
inline constexpr dlms::LogicalName kTimeOfDay = dlms::obis(1, 0, 0, 9, 1);
inline constexpr dlms::LogicalName kDate = dlms::obis(1, 0, 0, 9, 2);

constexpr ReadoutRow row(const dlms::LogicalName& name) { return {name, ReadoutPart::whole, name}; }
constexpr ReadoutRow energy(std::uint8_t c, std::uint8_t e) { return row(dlms::obis(1, 0, c, 8, e)); }
constexpr ReadoutRow instantaneous(std::uint8_t c) { return row(dlms::obis(1, 0, c, 7, 0)); }

}  // namespace readout

inline constexpr std::array kReadoutList{
    readout::row(dlms::obis(0, 0, 96, 1, 0)),
    readout::row(dlms::obis(0, 0, 96, 1, 1)),
    readout::row(dlms::obis(1, 0, 0, 2, 0)),
    ReadoutRow{readout::kClock, ReadoutPart::time_of_day, readout::kTimeOfDay},
    ReadoutRow{readout::kClock, ReadoutPart::date, readout::kDate},
    readout::row(dlms::obis(0, 0, 96, 14, 0)),
    readout::energy(1, 0),
    readout::energy(1, 1),
    readout::energy(1, 2),
    readout::energy(1, 3),
    readout::energy(1, 4),
    readout::energy(1, 5),
    readout::energy(1, 6),
    readout::energy(2, 0),
    readout::energy(2, 1),
    readout::energy(2, 2),
    readout::energy(2, 3),
    readout::energy(2, 4),
    readout::energy(2, 5),
    readout::energy(2, 6),
    readout::energy(3, 0),
    readout::energy(4, 0),
    readout::energy(5, 0),
    readout::energy(6, 0),
    readout::energy(7, 0),
    readout::energy(8, 0),
    readout::energy(9, 0),
    readout::energy(10, 0),
    readout::energy(15, 0),
    readout::instantaneous(32),
    readout::instantaneous(31),
    readout::instantaneous(14),
    readout::instantaneous(13),
    readout::instantaneous(1),
    readout::instantaneous(2),
    readout::instantaneous(3),
    readout::instantaneous(4),
};

}  // namespace ferraris::meter
