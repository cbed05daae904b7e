// Compact data, class 62: what goes into the buffer, when, and that its template explains it.
#include "meter/profile/compact_data.hpp"

#include "meter/fixture.hpp"
#include "meter/profile/profile_table.hpp"

namespace ferraris::meter {
namespace {

using dlms::CaptureObject;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::octets;
using testing::utc;

constexpr dlms::LogicalName kCompact = obis(0, 0, 66, 0, 1);
constexpr CaptureObject kOwnTemplate{{62, kCompact, 4}, 0};
constexpr CaptureObject kVoltageOfNow{{3, obis(1, 0, 32, 7, 0), 2}, 0};

std::vector<std::uint8_t> compact_list(const std::vector<CaptureObject>& objects, std::uint8_t restriction = 0) {
    std::vector<std::uint8_t> list(30 * objects.size() + 10);
    ByteWriter out(list);
    dlms::DataWriter data(out);
    data.array(objects.size());
    for (const CaptureObject& object : objects) {
        data.structure(5);
        data.long_unsigned(object.attribute.class_id);
        data.octet_string(object.attribute.instance);
        data.integer(object.attribute.attribute);
        data.long_unsigned(object.data_index);
        data.structure(2);
        data.enum_(restriction);
        data.null_data();
    }
    list.resize(out.size());
    return list;
}

std::string show(Bench& bench, std::int8_t attribute) {
    return to_hex(bench.read(kReaderSap, {62, kCompact, attribute}));
}

TEST(CompactData, ShowsTheValuesOfNowWithoutTheirTypes) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    bench.run(3600, 1000);
    EXPECT_EQ(show(bench, 4), "1101");
    EXPECT_EQ(show(bench, 5),
              "09070205"
              "1109111515");
    EXPECT_EQ(show(bench, 6), "1601") << "captured on reading";
    EXPECT_EQ(show(bench, 2),
              "091F"                        // octet-string of 31
              "01"                          // template id
              "0C07EA010F040C000000FFC400"  // 2026-01-15 12:00:00, UTC + 1 h
              "00"                          // status
              "00000000000003E8"            // 1,000 Wh
              "0000000000000000");
}

TEST(CompactData, TakesAListThatBeginsWithItsTemplateId) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    bench.run(1, 1000);
    const auto write = [&](const std::vector<std::uint8_t>& list) {
        return bench.write(kUtilitySap, {62, kCompact, 3}, list);
    };
    const auto list = compact_list({kOwnTemplate, kVoltageOfNow});
    EXPECT_EQ(write(list), DataAccessResult::success);
    EXPECT_EQ(bench.write(kUtilitySap, {62, kCompact, 4}, octets("112A")), DataAccessResult::success);
    bench.power_up();
    bench.run(1, 1000);
    EXPECT_EQ(bench.read(kReaderSap, {62, kCompact, 3}), list);
    EXPECT_EQ(show(bench, 5), "090402021112");
    EXPECT_EQ(show(bench, 2), "09032A59D8");

    EXPECT_EQ(write(compact_list({kVoltageOfNow})), DataAccessResult::other_reason);
    EXPECT_EQ(write(compact_list({})), DataAccessResult::other_reason);
    EXPECT_EQ(write(compact_list({kOwnTemplate, {{3, obis(1, 0, 99, 99, 9), 2}, 0}})),
              DataAccessResult::object_undefined);
    EXPECT_EQ(write(compact_list({kOwnTemplate, {{7, obis(1, 0, 99, 1, 0), 2}, 0}})), DataAccessResult::type_unmatched);
    EXPECT_EQ(write(compact_list({kOwnTemplate, kVoltageOfNow}, 1)), DataAccessResult::other_reason);
    for (const std::uint8_t instance : {std::uint8_t{1}, std::uint8_t{2}}) {
        EXPECT_EQ(write(compact_list({kOwnTemplate, {{62, obis(0, 0, 66, 0, instance), 2}, 0}})),
                  DataAccessResult::other_reason)
            << "a buffer within a buffer";
    }
    std::vector<CaptureObject> long_list(65, kVoltageOfNow);
    long_list[0] = kOwnTemplate;
    EXPECT_EQ(write(compact_list(long_list)), DataAccessResult::other_reason);
    EXPECT_EQ(write(octets("1100")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kTechnicianSap, {62, kCompact, 3}, list), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.read(kReaderSap, {62, kCompact, 3}), list);
}

TEST(CompactData, KeepsWhatItCapturedWhenItWasCalled) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    bench.run(1, 1000);
    const auto invoke = [&](std::int8_t method, const char* parameter = "0F00") {
        return bench.invoke(kUtilitySap, {62, kCompact, method}, octets(parameter));
    };
    const auto list = compact_list({kOwnTemplate, {{3, obis(1, 0, 16, 7, 0), 2}, 0}});
    ASSERT_EQ(bench.write(kUtilitySap, {62, kCompact, 3}, list), DataAccessResult::success);
    ASSERT_EQ(bench.write(kUtilitySap, {62, kCompact, 6}, octets("1600")), DataAccessResult::success);
    EXPECT_EQ(bench.write(kUtilitySap, {62, kCompact, 6}, octets("1602")), DataAccessResult::other_reason);
    EXPECT_EQ(show(bench, 2), "0900");
    EXPECT_EQ(invoke(2, "1100"), dlms::ActionResult::type_unmatched);
    EXPECT_EQ(invoke(2), dlms::ActionResult::success);
    bench.run(10, 2000);
    EXPECT_EQ(show(bench, 2), "090501000F4240") << "a kilowatt, as it was";
    bench.power_up();
    EXPECT_EQ(show(bench, 2), "090501000F4240");
    EXPECT_EQ(invoke(1), dlms::ActionResult::success);
    EXPECT_EQ(show(bench, 2), "0900");
    ASSERT_EQ(invoke(2), dlms::ActionResult::success);
    ASSERT_EQ(bench.write(kUtilitySap, {62, kCompact, 3}, compact_list({kOwnTemplate})), DataAccessResult::success);
    EXPECT_EQ(show(bench, 2), "0900") << "a buffer of another template says nothing";
}

}  // namespace
}  // namespace ferraris::meter
