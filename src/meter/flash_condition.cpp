#include "meter/flash_condition.hpp"

#include "meter/profile/profile.hpp"
#include "meter/store/layout.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

FlashCondition examine(board::Flash& flash) {
    FlashCondition condition;
    condition.parameters = ParameterStore::examine(flash, kParameterRegion);
    condition.registers = RecordRing::examine(flash, kRegisterJournalRegion);
    for (std::size_t i = 0; i < kProfileCount; ++i) {
        condition.profiles += Profile::examine(flash, profile_definition(static_cast<ProfileIndex>(i)));
    }
    return condition;
}

}  // namespace ferraris::meter
