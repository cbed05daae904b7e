// What people see, and what clients read and write of it (objects 0-0:128.30.e).
#include <gtest/gtest.h>

#include "meter/display/lcd_text.hpp"
#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::AttributeDescriptor;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::octets;
using testing::text_of;

constexpr AttributeDescriptor kLcd{1, obis(0, 0, 128, 30, 0), 2};
constexpr AttributeDescriptor kNormalList{1, obis(0, 0, 128, 30, 1), 2};
constexpr AttributeDescriptor kServiceList{1, obis(0, 0, 128, 30, 2), 2};
constexpr AttributeDescriptor kSettings{1, obis(0, 0, 128, 30, 3), 2};
constexpr AttributeDescriptor kTestMode{1, obis(0, 0, 128, 30, 4), 2};

/// array of structures { class, logical name, attribute, data index, decimals, id text }.
class ListValue {
public:
    explicit ListValue(std::size_t count) : out_(octets_) { dlms::DataWriter(out_).array(count); }
    ListValue(const ListValue&) = delete;  // the writer looks into its own octets
    ListValue& operator=(const ListValue&) = delete;
    ~ListValue() = default;
    ListValue& item(std::uint16_t class_id, const dlms::LogicalName& name, std::int8_t attribute = 2,
                    std::uint16_t index = 0, std::uint8_t decimals = 0, std::string_view id = {}) {
        dlms::DataWriter data(out_);
        data.structure(6);
        data.long_unsigned(class_id);
        data.octet_string(name);
        data.integer(attribute);
        data.long_unsigned(index);
        data.unsigned_(decimals);
        data.visible_string(octets_of(id));
        return *this;
    }
    [[nodiscard]] ByteView view() const { return out_.written(); }

private:
    std::array<std::uint8_t, 4096> octets_{};
    ByteWriter out_;
};

/// A meter whose full screen is over and that has run for a minute; then it shows a list of one item.
class DisplayObjects : public ::testing::Test {
protected:
    DisplayObjects() { run(60); }

    void run(std::int64_t seconds) {
        for (std::int64_t i = 0; i < seconds; ++i) {
            bench.now = testing::plus_seconds(bench.now, 1);
            bench.meter->tick(measurement, bench.now);
        }
    }
    std::string show(const ListValue& list) {
        EXPECT_EQ(bench.write(kUtilitySap, kNormalList, list.view()), DataAccessResult::success);
        return text_of(bench.meter->lcd());
    }
    std::string show(std::uint16_t class_id, const dlms::LogicalName& name, std::uint8_t decimals = 0,
                     std::uint16_t index = 0, std::int8_t attribute = 2) {
        return value_of(show(ListValue(1).item(class_id, name, attribute, index, decimals)));
    }
    /// Code, digits and unit of a picture.
    static std::string value_of(const std::string& picture) { return picture.substr(0, picture.find(',')); }
    DataAccessResult refuse(const ListValue& list) {
        const auto before = bench.read(kUtilitySap, kNormalList);
        const DataAccessResult result = bench.write(kUtilitySap, kNormalList, list.view());
        EXPECT_EQ(bench.read(kUtilitySap, kNormalList), before) << "the old list stays";
        return result;
    }

    static metrology::Measurement a_load() {
        metrology::Measurement load = testing::at_watts(6'000);
        load.current_microamperes = 26'087'000;
        load.frequency_millihertz = 50'012;
        load.power_factor_millionths = 998'500;
        load.quadrant = metrology::Quadrant::q1;
        load.active_anti_creep = false;
        return load;
    }

    Bench bench;
    metrology::Measurement measurement{a_load()};
};

TEST_F(DisplayObjects, ShowAWholePicture) {
    EXPECT_EQ(text_of(bench.meter->lcd()),
              "2.8.0 [00000000], Q1, L1, reactive anti-creep k W h, load, battery, tariff 2");
}

TEST_F(DisplayObjects, ShowEveryKindOfValueThroughTheObjectTable) {
    run(3'600 - 60);
    EXPECT_EQ(show(3, obis(1, 0, 1, 8, 0)), "1.8.0 [00000006]");
    EXPECT_EQ(value_of(show(3, obis(1, 0, 1, 8, 0), 3)), "1.8.0 [00006.000]");
    EXPECT_EQ(show(3, obis(1, 0, 32, 7, 0), 1), "32.7.0 [    230.0]");
    EXPECT_EQ(show(3, obis(1, 0, 31, 7, 0), 2), "31.7.0 [    26.08]");
    EXPECT_EQ(show(3, obis(1, 0, 13, 7, 0), 3), "13.7.0 [    0.999]");
    EXPECT_EQ(show(3, obis(1, 0, 14, 7, 0), 2), "14.7.0 [    50.01]");
    EXPECT_EQ(show(4, obis(1, 0, 1, 6, 0), 3), "1.6.0 [    6.000]");
    EXPECT_EQ(show(1, obis(0, 0, 96, 14, 0)), "C.14.0 [       2]");
    EXPECT_EQ(show(1, obis(0, 0, 96, 5, 2)), "C.5.2 [       1]");
    EXPECT_EQ(show(8, obis(0, 0, 1, 0, 0), 0, 2), "1.0.0 [  12.00.00]");
    EXPECT_EQ(show(8, obis(0, 0, 1, 0, 0), 0, 3), "1.0.0 [2026.01.15]");
    EXPECT_EQ(show(5, obis(1, 0, 1, 4, 0), 3, 0, 3), "1.4.0 [    6.000]");
    // Of the demand register's number of periods there is no unit.
    EXPECT_EQ(show(5, obis(1, 0, 1, 4, 0), 0, 0, 9), "1.4.0 [       1]");
    // An element of a structure: the scaler of the voltage.
    EXPECT_EQ(show(3, obis(1, 0, 32, 7, 0), 0, 1, 3), "32.7.0 [      -2]");
    EXPECT_EQ(value_of(show(ListValue(1).item(1, obis(0, 0, 96, 14, 0), 2, 0, 0, "tAr"))), "tAr [       2]");
}

TEST_F(DisplayObjects, ShowUnits) {
    EXPECT_NE(show(ListValue(1).item(3, obis(1, 0, 32, 7, 0))).find(" V,"), std::string::npos);
    EXPECT_NE(show(ListValue(1).item(3, obis(1, 0, 4, 8, 0))).find(" k V A r h,"), std::string::npos);
    EXPECT_NE(show(ListValue(1).item(4, obis(1, 0, 1, 6, 0))).find(" k W,"), std::string::npos);
}

// WELMEC 7.2: the identification of the software can be seen at the instrument.
TEST_F(DisplayObjects, ShowVersionAndCheckSumOfTheProgram) {
    EXPECT_EQ(show(1, obis(1, 0, 0, 2, 0)), "0.2.0 [FErrAri5]");
    run(2);
    EXPECT_EQ(value_of(text_of(bench.meter->lcd())), "0.2.0 [ 0.1.0    ]");
    MeterIdentity identity = MeterIdentity::from_serial_number(4711);
    identity.firmware_signature = 0x41420E9F;  // two octets that could be letters
    Meter other(bench.flash, *bench.crypto, identity, bench.factory);
    ASSERT_TRUE(other.start(bench.now));
    ListValue list(1);
    (void)list.item(1, obis(1, 0, 0, 2, 8), 2, 1);
    const dlms::Association utility = testing::association_of(kUtilitySap);
    ASSERT_EQ(other.write({utility, bench.protection}, kNormalList, nullptr, list.view()), DataAccessResult::success);
    other.observe(testing::plus_seconds(bench.now, 3));
    EXPECT_EQ(value_of(text_of(other.lcd())), "0.2.8 [41420E9F]");
}

TEST_F(DisplayObjects, ShowEveryItemOfTheFactoryLists) {
    for (const AttributeDescriptor& which : {kNormalList, kServiceList}) {
        const auto list = bench.read(kReaderSap, which);
        ASSERT_EQ(bench.result, DataAccessResult::success);
        EXPECT_EQ(bench.write(kUtilitySap, which, list), DataAccessResult::success) << "it passes its own check";
    }
    for (std::size_t i = 0; i < default_display_list(DisplayListIndex::normal).size(); ++i) {
        EXPECT_EQ(text_of(bench.meter->lcd()).find("--------"), std::string::npos) << text_of(bench.meter->lcd());
        run(10);
    }
}

TEST_F(DisplayObjects, AreReadAsAPersonSeesThem) {
    ASSERT_EQ(show(1, obis(0, 0, 96, 14, 0)), "C.14.0 [       2]");
    const board::Lcd lcd = bench.meter->lcd();
    const auto value = bench.read(kReaderSap, kLcd);
    dlms::DataReader in(value);
    EXPECT_EQ(in.structure(), 11U);
    EXPECT_TRUE(equal(in.octet_string(), lcd.digits));
    EXPECT_TRUE(equal(in.octet_string(), lcd.code));
    EXPECT_EQ(in.long64_unsigned(), lcd.icons.bits());
    EXPECT_EQ(in.long64_unsigned(), lcd.blinking.bits());
    EXPECT_FALSE(in.boolean());
    EXPECT_EQ(in.enum_(), static_cast<std::uint8_t>(DisplayMode::normal));
    EXPECT_FALSE(in.boolean());
    EXPECT_EQ(in.unsigned_(), 1U);
    EXPECT_EQ(in.enum_(), static_cast<std::uint8_t>(board::LedState::on)) << "the supply";
    EXPECT_EQ(in.enum_(), static_cast<std::uint8_t>(board::LedState::off)) << "relay 2";
    EXPECT_EQ(in.double_long_unsigned(), 100U) << "a minute of 6 kW at 1000 pulses a kWh";
    EXPECT_TRUE(in.finished());
    (void)bench.read(kPublicSap, kLcd);
    EXPECT_EQ(bench.result, DataAccessResult::read_write_denied);
}

TEST_F(DisplayObjects, BeginWithTheFullScreen) {
    bench.power_up();
    EXPECT_EQ(bench.meter->lcd(), board::full_screen());
    bench.meter->observe(testing::plus_seconds(bench.now, 3));
    EXPECT_EQ(value_of(text_of(bench.meter->lcd())), "1.8.0 [00000000]");
}

TEST_F(DisplayObjects, KeepListsAndSettingsThroughALossOfPower) {
    ListValue list(2);
    (void)list.item(1, obis(0, 0, 96, 14, 0), 2, 0, 0, "tAr").item(8, obis(0, 0, 1, 0, 0), 2, 3);
    ASSERT_EQ(bench.write(kUtilitySap, kServiceList, list.view()), DataAccessResult::success);
    // full screen 1 s, 10, 3, 8, 5, service 600 s, battery 10 s, service at power-up, without the cover
    ASSERT_EQ(bench.write(kUtilitySap, kSettings,
                          octets("0209"
                                 "1101110A110311081105"
                                 "120258"
                                 "110A"
                                 "0301"
                                 "0300")),
              DataAccessResult::success);
    bench.power_up();
    EXPECT_TRUE(equal(bench.read(kReaderSap, kServiceList), list.view()));
    bench.meter->observe(testing::plus_seconds(bench.now, 1));
    EXPECT_EQ(value_of(text_of(bench.meter->lcd())), "tAr [       2]");
}

TEST_F(DisplayObjects, RefuseListsThatCannotBeShown) {
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 99, 8, 0))), DataAccessResult::object_undefined);
    EXPECT_EQ(refuse(ListValue(1).item(4, obis(1, 0, 1, 8, 0))), DataAccessResult::object_class_inconsistent);
    EXPECT_EQ(refuse(ListValue(1).item(15, obis(0, 0, 40, 0, 1), 7)), DataAccessResult::read_write_denied);
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 1, 8, 0), 9)), DataAccessResult::read_write_denied);
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 1, 8, 0), 3)), DataAccessResult::type_unmatched) << "a structure";
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 1, 8, 0), 2, 2)), DataAccessResult::type_unmatched) << "no date";
    EXPECT_EQ(refuse(ListValue(1).item(1, obis(0, 0, 96, 1, 0), 2, 3)), DataAccessResult::type_unmatched);
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 1, 8, 0), 2, 4)), DataAccessResult::other_reason);
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 1, 8, 0), 2, 0, 4)), DataAccessResult::other_reason);
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 1, 8, 0), 2, 0, 0, "12345678")), DataAccessResult::other_reason);
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 1, 8, 0), 2, 0, 0, "kWh")), DataAccessResult::other_reason);
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 1, 8, 0), 2, 0, 0, "1.2.3.4.5.6.7.8")),
              DataAccessResult::other_reason);
    EXPECT_EQ(refuse(ListValue(0)), DataAccessResult::other_reason) << "something has to be there";
    ListValue long_list(33);
    for (int i = 0; i < 33; ++i) long_list.item(3, obis(1, 0, 1, 8, 0));
    EXPECT_EQ(refuse(long_list), DataAccessResult::other_reason);
    EXPECT_EQ(refuse(ListValue(2).item(3, obis(1, 0, 1, 8, 0))), DataAccessResult::type_unmatched) << "one is missing";
    EXPECT_EQ(refuse(ListValue(1).item(3, obis(1, 0, 1, 8, 0)).item(3, obis(1, 0, 1, 8, 0))),
              DataAccessResult::type_unmatched);
}

TEST_F(DisplayObjects, DoNotShowThemselves) {
    EXPECT_EQ(refuse(ListValue(1).item(1, obis(0, 0, 128, 30, 0), 2, 1)), DataAccessResult::other_reason);
    EXPECT_EQ(refuse(ListValue(1).item(62, obis(0, 0, 66, 0, 1))), DataAccessResult::other_reason)
        << "where they could be captured";
}

TEST_F(DisplayObjects, TakeThirtyTwoItems) {
    ListValue list(32);
    for (int i = 0; i < 32; ++i) list.item(3, obis(1, 0, 1, 8, 0), 2, 0, 3, "8.8.8.8.8.8.8");
    EXPECT_EQ(bench.write(kUtilitySap, kServiceList, list.view()), DataAccessResult::success);
    EXPECT_TRUE(equal(bench.read(kReaderSap, kServiceList), list.view()));
    EXPECT_EQ(bench.write(kUtilitySap, kServiceList, ListValue(0).view()), DataAccessResult::success)
        << "then there is no service mode";
}

TEST_F(DisplayObjects, RefuseSettingsOutOfRange) {
    const auto before = bench.read(kUtilitySap, kSettings);
    EXPECT_EQ(to_hex(before), "02091103110A110311081105120258110A03000300");
    const std::array<const char*, 8> bad{
        "02091100110A110311081105120258110A03000300",  // full screen of 0 s
        "020911031100110311081105120258110A03000300",  // scrolls every 0 s
        "020911031165110311081105120258110A03000300",  // every 101 s
        "02091103110A110311011105120258110A03000300",  // a long press of 1 s
        "02091103110A11031108116512025"
        "8110A03000300",                               // back-light of 101 s
        "02091103110A110311081105120009110A03000300",  // a service mode of 9 s
        "02091103110A110311081105120E11110A03000300",  // of 3601 s
        "02091103110A110311081105120258113D03000300",  // 61 s on battery
    };
    for (const char* const value : bad) {
        EXPECT_EQ(bench.write(kUtilitySap, kSettings, octets(value)), DataAccessResult::other_reason) << value;
    }
    EXPECT_EQ(bench.write(kUtilitySap, kSettings, octets("0208110311")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.read(kUtilitySap, kSettings), before);
}

TEST_F(DisplayObjects, AreSetByTheUtilityAlone) {
    const auto list = bench.read(kReaderSap, kNormalList);
    for (const std::uint16_t sap : {kPublicSap, kReaderSap, kTechnicianSap}) {
        EXPECT_EQ(bench.write(sap, kNormalList, list), DataAccessResult::read_write_denied);
        EXPECT_EQ(bench.write(sap, kSettings, list), DataAccessResult::read_write_denied);
    }
    EXPECT_EQ(bench.write(kReaderSap, kTestMode, octets("0301")), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.write(kTechnicianSap, kTestMode, octets("0301")), DataAccessResult::success);
}

TEST_F(DisplayObjects, TestModeShowsThePresentTariffWithThreeDecimals) {
    run(3'540);
    // The first energy of the list leads, whatever stands before it.
    (void)show(ListValue(2).item(8, obis(0, 0, 1, 0, 0), 2, 2).item(3, obis(1, 0, 15, 8, 0)));
    ASSERT_EQ(bench.write(kUtilitySap, kTestMode, octets("0301")), DataAccessResult::success);
    EXPECT_EQ(value_of(text_of(bench.meter->lcd())), "15.8.2 [00006.000]");
    run(600);
    EXPECT_EQ(value_of(text_of(bench.meter->lcd())), "15.8.2 [00007.000]") << "it meters on";
    EXPECT_EQ(to_hex(bench.read(kReaderSap, kTestMode)), "0301") << "and answers";
    ASSERT_EQ(bench.write(kUtilitySap, kTestMode, octets("0300")), DataAccessResult::success);
    EXPECT_EQ(value_of(text_of(bench.meter->lcd())), "1.0.0 [  12.10.00]");
    EXPECT_EQ(bench.write(kUtilitySap, kTestMode, octets("1101")), DataAccessResult::type_unmatched);
    ASSERT_EQ(bench.write(kUtilitySap, kTestMode, octets("0301")), DataAccessResult::success);
    bench.power_up();
    EXPECT_EQ(to_hex(bench.read(kReaderSap, kTestMode)), "0300");
}

TEST_F(DisplayObjects, IconsTellOfBatteryReversalOpticalPortAndSubMeters) {
    board::Inputs inputs;
    inputs.battery_millivolts = 2'900;
    bench.meter->sense(inputs);
    bench.meter->show_optical(true);
    bench.meter->show_sub_meter(SubMeter::water, true);
    bench.meter->show_sub_meter(SubMeter::electricity, true);
    run(30);
    board::Lcd lcd = bench.meter->lcd();
    EXPECT_TRUE(lcd.icons.has(board::Icon::battery));
    EXPECT_TRUE(lcd.blinking.has(board::Icon::battery));
    EXPECT_TRUE(lcd.icons.has(board::Icon::optical));
    EXPECT_TRUE(lcd.icons.has(board::Icon::water_meter));
    EXPECT_TRUE(lcd.icons.has(board::Icon::electricity_meter));
    EXPECT_FALSE(lcd.icons.has(board::Icon::gas_meter));
    EXPECT_TRUE(lcd.icons.has(board::Icon::alarm)) << "an error stands";
    EXPECT_FALSE(lcd.blinking.has(board::Icon::phase_1));
    measurement.active_power_milliwatts = -measurement.active_power_milliwatts;
    measurement.quadrant = metrology::Quadrant::q3;
    run(120);
    lcd = bench.meter->lcd();
    EXPECT_TRUE(lcd.blinking.has(board::Icon::phase_1)) << "the current is reversed";
    EXPECT_TRUE(lcd.icons.has(board::Icon::quadrant_3));
    EXPECT_FALSE(lcd.icons.has(board::Icon::quadrant_1));
    bench.meter->show_optical(false);
    bench.meter->show_sub_meter(SubMeter::water, false);
    lcd = bench.meter->lcd();
    EXPECT_FALSE(lcd.icons.has(board::Icon::optical));
    EXPECT_FALSE(lcd.icons.has(board::Icon::water_meter));
}

TEST_F(DisplayObjects, ThePictureFollowsThePressAtOnce) {
    (void)show(ListValue(2).item(1, obis(0, 0, 96, 14, 0)).item(8, obis(0, 0, 1, 0, 0), 2, 2));
    bench.meter->press(board::Button::display, true);
    const board::Lcd lcd = bench.meter->lcd();
    EXPECT_EQ(value_of(text_of(lcd)), "1.0.0 [  11.01.00]");
    EXPECT_TRUE(lcd.back_light);
    bench.meter->observe({bench.now.milliseconds + 100});
    bench.meter->press(board::Button::display, false);
    run(5);
    EXPECT_FALSE(bench.meter->lcd().back_light);
}

TEST_F(DisplayObjects, TheRelaysButtonChangesTheDisconnectIconOnly) {
    const std::string before = value_of(text_of(bench.meter->lcd()));
    EXPECT_FALSE(bench.meter->lcd().icons.has(board::Icon::disconnect));
    bench.meter->press(board::Button::relay, true);
    bench.meter->press(board::Button::relay, false);
    board::Lcd lcd = bench.meter->lcd();
    EXPECT_TRUE(lcd.icons.has(board::Icon::disconnect));
    EXPECT_TRUE(lcd.blinking.has(board::Icon::disconnect)) << "ready for reconnection";
    EXPECT_EQ(value_of(text_of(lcd)), before);
    EXPECT_FALSE(lcd.back_light);
    ASSERT_EQ(bench.invoke(kUtilitySap, {70, obis(0, 0, 96, 3, 10), 1}, octets("0F00")), dlms::ActionResult::success);
    lcd = bench.meter->lcd();
    EXPECT_TRUE(lcd.icons.has(board::Icon::disconnect));
    EXPECT_FALSE(lcd.blinking.has(board::Icon::disconnect));
}

TEST_F(DisplayObjects, ButtonsArePressedOverDlmsOnlyWhereTheFactorySaysSo) {
    constexpr AttributeDescriptor kHeldButtons{1, obis(0, 0, 128, 30, 5), 2};
    EXPECT_EQ(bench.write(kUtilitySap, kHeldButtons, octets("1101")), DataAccessResult::read_write_denied);
    bench.factory.remote_buttons = true;
    bench.power_up();
    run(3);
    const auto parameters_changed = [&] { return bench.meter->instrument().event_logs.count(EventLog::standard); };
    const std::uint32_t events = parameters_changed();
    EXPECT_EQ(bench.write(kTechnicianSap, kHeldButtons, octets("1101")), DataAccessResult::success);
    EXPECT_EQ(to_hex(bench.read(kReaderSap, kHeldButtons)), "1101");
    EXPECT_EQ(value_of(text_of(bench.meter->lcd())).substr(0, 5), "1.8.1");
    EXPECT_EQ(bench.write(kTechnicianSap, kHeldButtons, octets("1100")), DataAccessResult::success);
    EXPECT_EQ(bench.write(kTechnicianSap, kHeldButtons, octets("1102")), DataAccessResult::success);
    EXPECT_TRUE(bench.meter->lcd().icons.has(board::Icon::disconnect));
    EXPECT_EQ(parameters_changed(), events) << "a press is no change of parameters";
    EXPECT_EQ(bench.write(kTechnicianSap, kHeldButtons, octets("1104")), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kTechnicianSap, kHeldButtons, octets("0301")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kReaderSap, kHeldButtons, octets("1101")), DataAccessResult::read_write_denied);
}

TEST_F(DisplayObjects, OnBatteryTheMeterWritesNothing) {
    run(7'200);
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    EXPECT_EQ(bench.meter->lcd(), board::Lcd{}) << "dark";
    const std::uint64_t before = bench.flash.operations();
    bench.meter =
        std::make_unique<Meter>(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(4711), bench.factory);
    bench.now = testing::plus_seconds(bench.now, 86'400);
    ASSERT_TRUE(bench.meter->start_on_battery(bench.now));
    EXPECT_EQ(bench.meter->lcd(), board::Lcd{});
    EXPECT_EQ(bench.watthours(1), 12'100U) << "the last value";
    bench.meter->press(board::Button::relay, true);
    bench.meter->press(board::Button::display, true);
    EXPECT_EQ(text_of(bench.meter->lcd()), "1.8.0 [00000012] k W h, battery");
    bench.meter->press(board::Button::display, false);
    bench.meter->observe(testing::plus_seconds(bench.now, 10));
    EXPECT_EQ(bench.meter->lcd(), board::Lcd{}) << "dark again";
    EXPECT_EQ(bench.flash.operations(), before);
    // Then the mains come.
    ASSERT_TRUE(bench.meter->start(bench.now));
    run(3);
    EXPECT_EQ(value_of(text_of(bench.meter->lcd())), "1.8.0 [00000012]");
}

}  // namespace
}  // namespace ferraris::meter
