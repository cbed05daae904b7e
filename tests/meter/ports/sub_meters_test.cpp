// Devices behind the meter: which lists there can be, who is meant by a gateway's address, what the display shows.
#include "meter/ports/sub_meters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

SubMeterList list_of(std::initializer_list<DeviceBehind> devices) {
    SubMeterList list;
    for (const DeviceBehind& each : devices) EXPECT_TRUE(list.push_back(each));
    return list;
}

class SubMetersTest : public ::testing::Test {
protected:
    SubMetersTest() { EXPECT_TRUE(parameters.recover()); }

    testing::MemoryFlash flash;
    ParameterStore parameters{flash, kParameterRegion};
    SubMeters behind;
};

TEST_F(SubMetersTest, TakesKindsAndAddressesThatThereAre) {
    EXPECT_TRUE(SubMeters::possible({}));
    EXPECT_TRUE(SubMeters::possible(list_of({{SubMeterKind::gas, 16}, {SubMeterKind::water, 0x3FFD}})));
    EXPECT_FALSE(SubMeters::possible(list_of({{SubMeterKind::gas, 15}})));
    EXPECT_FALSE(SubMeters::possible(list_of({{SubMeterKind::gas, 0x3FFE}})));
    EXPECT_FALSE(SubMeters::possible(list_of({{static_cast<SubMeterKind>(3 + 2), 16}})));
    EXPECT_FALSE(SubMeters::possible(list_of({{SubMeterKind::gas, 16}, {SubMeterKind::heat, 16}})));
}

TEST_F(SubMetersTest, FindsWhomAGatewayMeans) {
    ASSERT_TRUE(behind.store(parameters, list_of({{SubMeterKind::gas, 17}, {SubMeterKind::water, 16'381}})));
    const auto find = [this](std::string_view address) { return behind.find(octets_of(address)); };
    EXPECT_EQ(find("17"), 0U);
    EXPECT_EQ(find("00017"), 0U);
    EXPECT_EQ(find("16381"), 1U);
    EXPECT_EQ(find("18"), std::nullopt);
    EXPECT_EQ(find(""), std::nullopt);
    EXPECT_EQ(find("000017"), std::nullopt) << "more digits than an address has";
    EXPECT_EQ(find("1/"), std::nullopt);
    EXPECT_EQ(find("1:"), std::nullopt);
    SubMeters again;
    again.recover(parameters);
    EXPECT_TRUE(std::ranges::equal(again.list(), behind.list()));
}

TEST_F(SubMetersTest, ShowsAKindWhileOneOfItAnswers) {
    ASSERT_TRUE(behind.store(parameters, list_of({{SubMeterKind::gas, 17}, {SubMeterKind::gas, 18}})));
    EXPECT_FALSE(behind.shown(SubMeterKind::gas));
    behind.answered(1, true);
    EXPECT_EQ(behind.answering(), 2);
    EXPECT_TRUE(behind.shown(SubMeterKind::gas));
    EXPECT_FALSE(behind.shown(SubMeterKind::water));
    behind.answered(1, false);
    EXPECT_FALSE(behind.shown(SubMeterKind::gas));
    behind.answered(2, true);
    EXPECT_EQ(behind.answering(), 0) << "there is no number two";
}

TEST_F(SubMetersTest, KeepsTheOldListWhereTheFlashRefuses) {
    ASSERT_TRUE(behind.store(parameters, list_of({{SubMeterKind::gas, 17}})));
    flash.cut_at(0, testing::Tear::before, 1);
    EXPECT_FALSE(behind.store(parameters, list_of({{SubMeterKind::heat, 18}})));
    ASSERT_EQ(behind.list().size(), 1U);
    EXPECT_EQ(behind.list()[0], (DeviceBehind{SubMeterKind::gas, 17}));
}

}  // namespace
}  // namespace ferraris::meter
