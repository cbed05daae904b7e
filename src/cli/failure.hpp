/// Why a dialogue with a meter failed, in words that say what to do.
#pragma once

#include <string>

#include "dlms/client/session.hpp"

namespace ferraris::cli {

/// What the client knows beside the failure itself.
struct FailureContext {
    /// Messages were to be less than authenticated and encrypted.
    bool asks_for_less_than_all{false};
    /// Where the counters of meters are kept; empty: nowhere.
    std::string counters_file{};
};

/// "the meter refuses the association: authentication failure; check the keys or the password of this client"
[[nodiscard]] std::string explain(const dlms::ClientFailure& failure, const FailureContext& context = {});

}  // namespace ferraris::cli
