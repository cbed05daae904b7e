/// What a meter's state folder was found to hold, in words.
#pragma once

#include <string>

#include "meter/flash_condition.hpp"

namespace ferraris::cli {

/// One line: "fresh: registers begin at zero", "recovered", or what was passed over as damaged and what that means.
[[nodiscard]] std::string state_text(const meter::FlashCondition& condition);

}  // namespace ferraris::cli
