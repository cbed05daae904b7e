/// The object through which buttons are pressed over DLMS, where the factory allows that.
#pragma once

#include "dlms/logical_name.hpp"

namespace ferraris::meter {

inline constexpr dlms::LogicalName kButtons = dlms::obis(0, 0, 128, 30, 5);

}  // namespace ferraris::meter
