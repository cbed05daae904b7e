/// What flash holds before a meter starts from it, so that nobody takes a loss for a new meter.
#pragma once

#include "board/flash.hpp"
#include "meter/store/store_condition.hpp"

namespace ferraris::meter {

struct FlashCondition {
    StoreCondition parameters{};
    StoreCondition registers{};
    StoreCondition profiles{};  ///< rows of all of them

    [[nodiscard]] bool is_fresh() const { return *this == FlashCondition{}; }
    [[nodiscard]] bool is_damaged() const {
        return parameters.damaged != 0 || registers.damaged != 0 || profiles.damaged != 0;
    }
    friend bool operator==(const FlashCondition&, const FlashCondition&) = default;
};

/// Changes nothing in it.
[[nodiscard]] FlashCondition examine(board::Flash& flash);

}  // namespace ferraris::meter
