/// Why a dialogue with a meter failed, in words that say what to do.
#pragma once

#include <string>

#include "dlms/client/session.hpp"

namespace ferraris::cli {

/// "the meter refuses the association: authentication failure; check the keys or the password of this client"
[[nodiscard]] std::string explain(const dlms::ClientFailure& failure);

}  // namespace ferraris::cli
