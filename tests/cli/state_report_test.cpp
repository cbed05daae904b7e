#include "cli/state_report.hpp"

#include <gtest/gtest.h>

namespace ferraris::cli {
namespace {

TEST(StateReport, SaysInOneLineWhatWasFound) {
    EXPECT_EQ(state_text({}), "fresh: the registers begin at zero");
    EXPECT_EQ(state_text({{3, 0}, {100, 0}, {96, 0}}), "recovered");
    EXPECT_EQ(state_text({{3, 0}, {100, 0}, {0, 0}}), "recovered") << "no row was due yet";
    EXPECT_EQ(state_text({{3, 1}, {100, 2}, {96, 0}}),
              "recovered, passed over as damaged: 2 in registers, 1 in parameters");
    EXPECT_EQ(state_text({{3, 0}, {0, 2}, {0, 1}}),
              "recovered, passed over as damaged: 2 in registers, 1 in profiles; THE REGISTERS BEGIN AT ZERO; the "
              "profiles are empty");
    EXPECT_EQ(state_text({{0, 1}, {100, 0}, {96, 0}}),
              "recovered, passed over as damaged: 1 in parameters; the settings are those of the factory");
    EXPECT_EQ(state_text({{3, 0}, {0, 0}, {96, 0}}), "recovered; THE REGISTERS BEGIN AT ZERO")
        << "erased is no damage to be seen, and no less a loss";
}

}  // namespace
}  // namespace ferraris::cli
