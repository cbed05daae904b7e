/// What a meter's result codes mean for people.
#pragma once

#include <string>

#include "dlms/enumerations.hpp"

namespace ferraris::cli {

/// "this client may not do that (scope-of-access-violated)"; what went wrong and, where it is known, what helps.
[[nodiscard]] std::string explain(dlms::DataAccessResult result);
[[nodiscard]] std::string explain(dlms::ActionResult result);
/// "scope-of-access-violated", as in the standard; for JSON.
[[nodiscard]] std::string result_name(dlms::DataAccessResult result);

}  // namespace ferraris::cli
