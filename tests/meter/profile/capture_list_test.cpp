// What a profile captures, as the utility writes it: lists that fit, lists that do not, and power cut while one is
// written.
#include "dlms/apdu/selective_access.hpp"
#include "meter/fixture.hpp"
#include "meter/objects/object_table.hpp"
#include "meter/profile/profile_status.hpp"

namespace ferraris::meter {
namespace {

using dlms::CaptureObject;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::plus_seconds;
using testing::Tear;
using testing::utc;

constexpr dlms::LogicalName kListedProfile = obis(1, 0, 99, 1, 0);
constexpr dlms::LogicalName kOtherProfile = obis(1, 0, 99, 2, 0);
constexpr CaptureObject kImportColumn{{3, obis(1, 0, 1, 8, 0), 2}, 0};
constexpr CaptureObject kVoltageNow{{3, obis(1, 0, 32, 7, 0), 2}, 0};
constexpr CaptureObject kPowerColumn{{3, obis(1, 0, 16, 7, 0), 2}, 0};
constexpr CaptureObject kUnitColumn{{3, obis(1, 0, 1, 8, 0), 3}, 2};
constexpr CaptureObject kSerialNumberColumn{{1, obis(0, 0, 96, 1, 0), 2}, 0};

std::vector<std::uint8_t> encoded_list(const std::vector<CaptureObject>& objects) {
    std::vector<std::uint8_t> octets(20 * objects.size() + 10);
    ByteWriter out(octets);
    dlms::DataWriter(out).array(objects.size());
    for (const CaptureObject& object : objects) put(out, object);
    octets.resize(out.size());
    return octets;
}

std::size_t row_count(Bench& bench, const dlms::LogicalName& name) {
    const auto value = bench.read(kReaderSap, {7, name, 2});
    return dlms::DataReader(value).array();
}

DataAccessResult write_list(Bench& bench, const std::vector<CaptureObject>& objects,
                            const dlms::LogicalName& name = kListedProfile) {
    return bench.write(kUtilitySap, {7, name, 3}, encoded_list(objects));
}

TEST(CaptureList, TakesNumbersStringsAndElementsOfStructures) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    const std::vector<CaptureObject> list{kPowerColumn,        kStampColumn,  kUnitColumn,
                                          kSerialNumberColumn, kStatusColumn, kVoltageNow};
    ASSERT_EQ(write_list(bench, list), DataAccessResult::success);
    EXPECT_EQ(bench.read(kReaderSap, {7, kListedProfile, 3}), encoded_list(list));
    bench.run(900, 1000);
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {7, kListedProfile, 2})),
              "0101"                          // one row
              "0206"                          // of six values
              "05000F4240"                    // 1,000,000 mW
              "090C07EA010F040B0F0000FFC400"  // 2026-01-15 11:15:00, UTC + 1 h
              "161E"                          // the unit, element 2 of scaler_unit: Wh
              "090D" +
                  to_hex(bench.meter->instrument().identity.serial_number.view()) +
                  "1100"      // status
                  "1259D8");  // 230.00 V
}

TEST(CaptureList, ClearsItsOwnProfileOnlyAndSurvives) {
    Bench bench(utc(2026, 1, 15, 22, 30, 0));
    bench.run(3600, 1000);
    EXPECT_EQ(row_count(bench, kListedProfile), 4U);
    EXPECT_EQ(write_list(bench, {kStampColumn, kImportColumn}), DataAccessResult::success);
    EXPECT_EQ(row_count(bench, kListedProfile), 0U);
    EXPECT_EQ(row_count(bench, kOtherProfile), 1U);
    bench.run(1800, 1000);
    bench.power_up();
    EXPECT_EQ(bench.read(kReaderSap, {7, kListedProfile, 3}), encoded_list({kStampColumn, kImportColumn}));
    EXPECT_EQ(row_count(bench, kListedProfile), 2U);
    EXPECT_EQ(write_list(bench, {kStampColumn, kImportColumn}), DataAccessResult::success);
    EXPECT_EQ(row_count(bench, kListedProfile), 2U) << "the same list is no change";
}

TEST(CaptureList, RefusesWhatDoesNotFitAndKeepsTheOldOne) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    bench.run(3600, 1000);
    const auto before = bench.read(kReaderSap, {7, kListedProfile, 3});
    const auto with = [](CaptureObject object) { return std::vector<CaptureObject>{kStampColumn, object}; };
    EXPECT_EQ(write_list(bench, with({{3, obis(1, 0, 99, 99, 9), 2}, 0})), DataAccessResult::object_undefined);
    EXPECT_EQ(write_list(bench, with({{4, obis(1, 0, 1, 8, 0), 2}, 0})), DataAccessResult::object_class_inconsistent);
    EXPECT_EQ(write_list(bench, with({{3, obis(1, 0, 1, 8, 0), 9}, 0})), DataAccessResult::read_write_denied);
    EXPECT_EQ(write_list(bench, with({{3, obis(1, 0, 1, 8, 0), 3}, 0})), DataAccessResult::type_unmatched)
        << "a whole structure";
    EXPECT_EQ(write_list(bench, with({{3, obis(1, 0, 1, 8, 0), 3}, 3})), DataAccessResult::type_unmatched)
        << "an element that it does not have";
    EXPECT_EQ(write_list(bench, with({{7, kListedProfile, 2}, 0})), DataAccessResult::type_unmatched) << "a profile";
    EXPECT_EQ(write_list(bench, with({{15, obis(0, 0, 40, 0, 2), 7}, 0})), DataAccessResult::read_write_denied)
        << "a secret";
    EXPECT_EQ(write_list(bench, {}), DataAccessResult::other_reason);
    EXPECT_EQ(write_list(bench, std::vector<CaptureObject>(96, kImportColumn)), DataAccessResult::other_reason);
    EXPECT_EQ(write_list(bench, std::vector<CaptureObject>(95, {{1, obis(0, 0, 42, 0, 0), 2}, 0})),
              DataAccessResult::other_reason)
        << "95 strings of 16 octets";
    EXPECT_EQ(bench.write(kUtilitySap, {7, kListedProfile, 3}, testing::octets("0900")),
              DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kUtilitySap, {7, kListedProfile, 3}, testing::octets("01010201120003")),
              DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kTechnicianSap, {7, kListedProfile, 3}, encoded_list({kImportColumn})),
              DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.read(kReaderSap, {7, kListedProfile, 3}), before);
    EXPECT_EQ(row_count(bench, kListedProfile), 4U);
}

TEST(CaptureList, Holds95Values) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    std::vector<CaptureObject> list{kStampColumn, kStatusColumn};
    list.resize(95, kImportColumn);
    ASSERT_EQ(write_list(bench, list), DataAccessResult::success);
    bench.run(1800, 3600);
    const auto value = bench.read(kReaderSap, {7, kListedProfile, 2}, nullptr, 100);
    dlms::DataReader in(value);
    ASSERT_EQ(in.array(), 2U);
    for (const std::uint64_t watthours : {900U, 1800U}) {
        ASSERT_EQ(in.structure(), 95U);
        (void)in.octet_string();
        (void)in.unsigned_();
        for (int i = 2; i < 95; ++i) ASSERT_EQ(in.long64_unsigned(), watthours);
    }
    EXPECT_TRUE(in.finished());
    // What is shown at most is what the flash has room for.
    const auto entries = bench.read(kReaderSap, {7, kListedProfile, 8});
    EXPECT_EQ(dlms::DataReader(entries).double_long_unsigned(), 124U * 5);
}

/// Every flash operation of writing a list, cut before, inside and after it.
TEST(CaptureList, IsTheOldOneWithItsRowsOrTheNewOneWithNoneWhereverPowerGoes) {
    const std::vector<CaptureObject> list{kStampColumn, kImportColumn, kVoltageNow};
    const auto prepare = [](Bench& bench) { bench.run(2000, 1000); };
    std::uint64_t operations = 0;
    std::vector<std::uint8_t> old_list;
    std::vector<std::uint8_t> old_rows;
    {
        Bench bench;
        prepare(bench);
        old_list = bench.read(kReaderSap, {7, kListedProfile, 3});
        old_rows = bench.read(kReaderSap, {7, kListedProfile, 2});
        const std::uint64_t begin = bench.flash.operations();
        ASSERT_EQ(write_list(bench, list), DataAccessResult::success);
        operations = bench.flash.operations() - begin;
    }
    ASSERT_GE(operations, 4U) << "erase, setup, erase, head of the first sector";
    bool seen_old = false;
    bool seen_new = false;
    for (std::uint64_t operation = 0; operation < operations; ++operation) {
        for (const Tear tear : {Tear::before, Tear::inside, Tear::after}) {
            for (std::uint32_t seed = 0; seed < 8; ++seed) {
                Bench bench;
                prepare(bench);
                bench.flash.cut_at(operation, tear, seed);
                (void)write_list(bench, list);
                ASSERT_TRUE(bench.flash.powerless());
                bench.flash.restore_power();
                bench.power_up();
                const auto found = bench.read(kReaderSap, {7, kListedProfile, 3});
                const auto rows = bench.read(kReaderSap, {7, kListedProfile, 2});
                if (found == old_list) {
                    EXPECT_EQ(rows, old_rows) << operation;
                    seen_old = true;
                } else {
                    EXPECT_EQ(found, encoded_list(list)) << operation;
                    EXPECT_EQ(to_hex(rows), "0100") << operation;
                    seen_new = true;
                }
                EXPECT_EQ(row_count(bench, obis(1, 0, 99, 4, 0)), 3U) << "others are not concerned";
                bench.run(900, 1000);
                EXPECT_EQ(row_count(bench, kListedProfile), found == old_list ? 3U : 1U) << "and it goes on";
            }
        }
    }
    EXPECT_TRUE(seen_old);
    EXPECT_TRUE(seen_new);
}

TEST(CaptureList, EveryObjectOfTheTableIsCapturedAsItIsReadOrRefused) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    std::size_t taken = 0;
    for (const ObjectRow& row : object_table()) {
        // What associations show depends on who asks; what this profile shows changes with the row.
        if (row.object_class->class_id == 15 || row.name == kListedProfile) continue;
        for (int attribute = 1; attribute <= static_cast<int>(row.object_class->attributes.size()) + 1; ++attribute) {
            const CaptureObject object{{row.object_class->class_id, row.name, static_cast<std::int8_t>(attribute)}, 0};
            if (object == kStampColumn || object == kStatusColumn) continue;
            if (write_list(bench, {object}) != DataAccessResult::success) continue;
            ASSERT_EQ(bench.invoke(kUtilitySap, {7, kListedProfile, 2}, testing::octets("0F00")),
                      dlms::ActionResult::success);
            const std::string value = to_hex(bench.read(kUtilitySap, object.attribute));
            EXPECT_EQ(to_hex(bench.read(kUtilitySap, {7, kListedProfile, 2})), "01010201" + value)
                << to_hex(row.name.view());
            ++taken;
        }
    }
    EXPECT_GT(taken, object_table().size()) << "of each at least its name";
}

}  // namespace
}  // namespace ferraris::meter
