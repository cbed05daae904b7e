/// What a scenario can switch on and off by name.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ferraris::twin::scenario {

struct Appliance {
    std::string_view name{};
    std::int64_t milliwatts{0};
    std::int64_t millivars{0};
};

inline constexpr std::array kAppliances{
    Appliance{"kettle", 2'000'000, 0},          Appliance{"oven", 2'300'000, 30'000},
    Appliance{"hob", 1'800'000, 25'000},        Appliance{"heater", 3'000'000, 0},
    Appliance{"water heater", 2'000'000, 0},    Appliance{"washing machine", 2'050'000, 20'000},
    Appliance{"fridge", 82'000, 74'000},        Appliance{"lights", 190'000, -16'000},
    Appliance{"television", 115'000, -35'000},  Appliance{"vacuum cleaner", 1'300'000, 240'000},
    Appliance{"heat pump", 2'600'000, 640'000}, Appliance{"car charger", 7'360'000, -90'000},
    Appliance{"pump", 1'100'000, 820'000},      Appliance{"welder", 5'500'000, 5'600'000},
    Appliance{"solar inverter", -3'000'000, 0},
};

}  // namespace ferraris::twin::scenario
