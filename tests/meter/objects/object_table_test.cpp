#include "meter/objects/object_table.hpp"

#include "base/hex.hpp"
#include "meter/fixture.hpp"
#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;

constexpr std::array<std::uint16_t, kLevelCount> kSapOfLevel{kPublicSap, kReaderSap, kTechnicianSap, kUtilitySap};

TEST(ObjectTable, EachRowIsReadableAsItsAccessSaysAndNotOtherwise) {
    Bench bench;
    bench.run(1000, 1500);
    std::size_t read = 0;
    for (std::size_t level = 0; level < kLevelCount; ++level) {
        for (const ObjectRow& row : object_table()) {
            const ClassTable& object_class = *row.object_class;
            const Rights& rights = row.access->of(static_cast<Level>(level));
            for (int attribute = -1; attribute <= static_cast<int>(object_class.attributes.size()) + 3; ++attribute) {
                const auto value = bench.read(kSapOfLevel[level],
                                              {object_class.class_id, row.name, static_cast<std::int8_t>(attribute)});
                const bool exists = attribute >= 1 && attribute <= static_cast<int>(object_class.attributes.size()) + 1;
                const bool secret = object_class.class_id == 15 && attribute == 7;
                if (exists && rights.may_read(attribute) && !secret) {
                    ASSERT_EQ(bench.result, DataAccessResult::success) << to_hex(row.name.view()) << ' ' << attribute;
                    dlms::DataReader in(value);
                    EXPECT_TRUE(in.any().has_value()) << to_hex(row.name.view()) << ' ' << attribute;
                    EXPECT_TRUE(in.finished()) << to_hex(row.name.view()) << ' ' << attribute;
                    ++read;
                } else {
                    EXPECT_EQ(bench.result, DataAccessResult::read_write_denied)
                        << to_hex(row.name.view()) << ' ' << attribute;
                }
            }
        }
    }
    EXPECT_GT(read, 3 * object_table().size());
}

TEST(ObjectTable, RefusesWritesAndMethodsThatAreNotGranted) {
    Bench bench;
    const std::vector<std::uint8_t> null{0x00};
    for (std::size_t level = 0; level < kLevelCount; ++level) {
        for (const ObjectRow& row : object_table()) {
            const ClassTable& object_class = *row.object_class;
            const Rights& rights = row.access->of(static_cast<Level>(level));
            for (std::int8_t number = 0; number <= 12; ++number) {
                if (!rights.may_write(number)) {
                    EXPECT_EQ(bench.write(kSapOfLevel[level], {object_class.class_id, row.name, number}, null),
                              DataAccessResult::read_write_denied);
                }
                if (!rights.may_invoke(number)) {
                    EXPECT_EQ(bench.invoke(kSapOfLevel[level], {object_class.class_id, row.name, number}, null),
                              ActionResult::read_write_denied);
                }
            }
        }
    }
}

TEST(ObjectTable, TellsUnknownObjectsFromWrongClasses) {
    Bench bench;
    (void)bench.read(kUtilitySap, {3, obis(1, 0, 99, 8, 0), 2});
    EXPECT_EQ(bench.result, DataAccessResult::object_undefined);
    (void)bench.read(kUtilitySap, {4, obis(1, 0, 1, 8, 0), 2});
    EXPECT_EQ(bench.result, DataAccessResult::object_class_inconsistent);
    EXPECT_EQ(bench.write(kUtilitySap, {3, obis(1, 0, 99, 8, 0), 2}, {}), DataAccessResult::object_undefined);
    EXPECT_EQ(bench.write(kUtilitySap, {1, obis(0, 0, 1, 0, 0), 2}, {}), DataAccessResult::object_class_inconsistent);
    EXPECT_EQ(bench.invoke(kUtilitySap, {8, obis(0, 0, 1, 0, 7), 1}, {}), ActionResult::object_undefined);
    EXPECT_EQ(bench.invoke(kUtilitySap, {7, obis(0, 0, 1, 0, 0), 1}, {}), ActionResult::object_class_inconsistent);
}

TEST(ObjectTable, NamesTheMeter) {
    Bench bench;
    // octet-string(16) "FRS" + serial number of 13 digits
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {1, obis(0, 0, 42, 0, 0), 2})),
              "0910"
              "465253"
              "30303030303030303034373131");
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {1, obis(0, 0, 96, 1, 0), 2})), "090D30303030303030303034373131");
    // array(1) of structure(2) { long-unsigned 1, octet-string(16) logical device name }
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {17, obis(0, 0, 41, 0, 0), 2})),
              "01010202120001"
              "091046525330303030303030303034373131");
    EXPECT_EQ(to_hex(bench.meter->system_title()), "4652530000001267");
}

TEST(ObjectTable, ShowsEnergiesInWatthoursWithTheirUnits) {
    Bench bench;
    bench.run(3600, 1500);
    EXPECT_EQ(bench.watthours(1), 1500U);
    EXPECT_EQ(bench.watthours(15), 1500U);
    EXPECT_EQ(bench.watthours(2), 0U);
    // structure(2) { integer 0, enum }
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {3, obis(1, 0, 1, 8, 0), 3})), "02020F00161E");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {3, obis(1, 0, 5, 8, 4), 3})), "02020F001620");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {3, obis(1, 0, 9, 8, 0), 3})), "02020F00161F");
    // 230.00 V: long-unsigned 23000, scaler -2, volt
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {3, obis(1, 0, 32, 7, 0), 2})), "1259D8");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {3, obis(1, 0, 32, 7, 0), 3})), "02020FFE1623");
}

TEST(ObjectTable, SaysWhetherAntiCreepHoldsRegistersBack) {
    Bench bench;
    const auto indication = [&](std::uint8_t e) {
        return to_hex(bench.read(kReaderSap, {1, obis(0, 0, 96, 5, e), 2}));
    };
    metrology::Measurement measurement = testing::at_watts(100);
    measurement.active_anti_creep = false;
    bench.meter->tick(measurement, testing::plus_seconds(bench.now, 1));
    EXPECT_EQ(indication(1), "0300");
    EXPECT_EQ(indication(2), "0301");
    measurement.active_anti_creep = true;
    measurement.reactive_anti_creep = false;
    bench.meter->tick(measurement, testing::plus_seconds(bench.now, 2));
    EXPECT_EQ(indication(1), "0301");
    EXPECT_EQ(indication(2), "0300");
}

TEST(ObjectTable, ListsForEachLevelWhatItMayTouchThroughWindowsOfAnySize) {
    Bench bench;
    const dlms::AttributeDescriptor list{15, obis(0, 0, 40, 0, 0), 2};
    std::size_t previous = 0;
    for (const std::uint16_t sap : {kPublicSap, kReaderSap, kTechnicianSap, kUtilitySap}) {
        const auto whole = bench.read(sap, list);
        ASSERT_EQ(bench.result, DataAccessResult::success);
        EXPECT_EQ(bench.read(sap, list, nullptr, 7), whole);
        EXPECT_EQ(bench.read(sap, list, nullptr, 131), whole);
        dlms::DataReader in(whole);
        const std::size_t count = in.array();
        EXPECT_GE(count, previous);
        previous = count;
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_EQ(in.structure(), 4U);
            const std::uint16_t class_id = in.long_unsigned();
            const std::uint8_t version = in.unsigned_();
            const dlms::LogicalName name = in.logical_name();
            const ObjectRow* row = find_object(name);
            ASSERT_NE(row, nullptr);
            EXPECT_EQ(row->object_class->class_id, class_id);
            EXPECT_EQ(row->object_class->version, version);
            EXPECT_TRUE(in.any().has_value());
        }
        EXPECT_TRUE(in.finished());
    }
    EXPECT_EQ(previous, object_table().size()) << "the utility sees every object";
}

}  // namespace
}  // namespace ferraris::meter
