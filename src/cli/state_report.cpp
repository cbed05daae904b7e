#include "cli/state_report.hpp"

#include <fmt/format.h>

#include <array>

namespace ferraris::cli {
namespace {

struct Store {
    meter::StoreCondition meter::FlashCondition::*condition;
    const char* name;
    const char* without;  ///< what it means that none of its records are left
};
constexpr std::array<Store, 3> kStores{{
    {&meter::FlashCondition::registers, "registers", "THE REGISTERS BEGIN AT ZERO"},
    {&meter::FlashCondition::parameters, "parameters", "the settings are those of the factory"},
    {&meter::FlashCondition::profiles, "profiles", "the profiles are empty"},
}};

}  // namespace

std::string state_text(const meter::FlashCondition& condition) {
    if (condition.is_fresh()) return "fresh: the registers begin at zero";
    std::string damage;
    std::string loss;
    for (const Store& store : kStores) {
        const meter::StoreCondition& found = condition.*store.condition;
        if (found.damaged != 0) {
            damage += fmt::format("{}{} in {}", damage.empty() ? "" : ", ", found.damaged, store.name);
        }
        // Registers are saved from the first second on; the others may have had nothing to keep yet.
        const bool had_some = found.damaged != 0 || store.condition == &meter::FlashCondition::registers;
        if (found.records == 0 && had_some) loss += fmt::format("; {}", store.without);
    }
    if (damage.empty()) return "recovered" + loss;
    return fmt::format("recovered, passed over as damaged: {}{}", damage, loss);
}

}  // namespace ferraris::cli
