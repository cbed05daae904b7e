// What the meter compresses, the client makes whole: whatever is captured, and however it is encoded, the rows are the
// same.
#include "cli/profile_reader.hpp"
#include "dlms/apdu/selective_access.hpp"
#include "meter/fixture.hpp"
#include "meter/objects/object_table.hpp"
#include "meter/profile/profile_table.hpp"

namespace ferraris::cli {
namespace {

using dlms::CaptureObject;
using dlms::obis;
using meter::testing::Bench;

constexpr dlms::LogicalName kCompressedProfile = obis(1, 0, 99, 1, 0);

std::vector<std::uint8_t> encoded_list(const std::vector<CaptureObject>& objects) {
    std::vector<std::uint8_t> octets(20 * objects.size() + 10);
    ByteWriter out(octets);
    dlms::DataWriter(out).array(objects.size());
    for (const CaptureObject& object : objects) put(out, object);
    octets.resize(out.size());
    return octets;
}

struct ExpandedRow {
    std::string time;
    std::vector<Value> values;
    friend bool operator==(const ExpandedRow&, const ExpandedRow&) = default;
};

/// The buffer in the encoding of that number, read in windows of `window` octets and expanded.
std::vector<ExpandedRow> expanded(Bench& bench, int encoding, const ProfileLayout& layout, std::size_t window) {
    const std::vector<std::uint8_t> value{0x16, static_cast<std::uint8_t>(encoding)};
    EXPECT_EQ(bench.write(meter::kUtilitySap, {1, obis(0, 0, 128, 7, 0), 2}, value), dlms::DataAccessResult::success);
    std::vector<ExpandedRow> rows;
    ProfileRows parser(layout, [&](const ProfileRow& row) {
        rows.push_back({row.time ? date_time_text(*row.time) : "", row.values});
    });
    EXPECT_TRUE(parser.push(bench.read(meter::kUtilitySap, {7, kCompressedProfile, 2}, nullptr, window)));
    EXPECT_TRUE(parser.complete());
    return rows;
}

TEST(ProfileEncoding, RowsAreTheSameInEachOfThem) {
    std::vector<CaptureObject> choices{meter::kStampColumn, meter::kStatusColumn, {{3, obis(1, 0, 1, 8, 0), 3}, 1}};
    for (const meter::ObjectRow& row : meter::object_table()) {
        const auto class_id = row.object_class->class_id;
        if (class_id == 1 || class_id == 3) choices.push_back({{class_id, row.name, 2}, 0});
    }
    EXPECT_TRUE(rc::check([&choices] {
        Bench bench(meter::testing::utc(2026, 3, 28, 20, 0, 0));
        bench.conformance = dlms::Conformance::delta_value_encoding;
        const std::size_t count = *rc::gen::inRange<std::size_t>(1, 20);
        std::vector<CaptureObject> list;
        ProfileLayout layout;
        layout.capture_period_s = 900;
        for (std::size_t i = 0; i < count; ++i) {
            list.push_back(*rc::gen::elementOf(choices));
            // A clock more than once has no more than one time.
            if (layout.clock_column() && list.back() == meter::kStampColumn) list.back() = meter::kStatusColumn;
            layout.columns.push_back({list.back(), std::nullopt});
        }
        const auto written = bench.write(meter::kUtilitySap, {7, kCompressedProfile, 3}, encoded_list(list));
        RC_PRE(written == dlms::DataAccessResult::success);
        // Power as it comes, power that goes, a clock that is set, over the night in which clocks go forward.
        for (int i = *rc::gen::inRange(0, 40); i > 0; --i) {
            const auto watts = *rc::gen::element<std::uint64_t>(0, 0, 1, 100, 20'000'000, 1'000'000'000);
            for (int minute = 0; minute < 15; ++minute) {
                bench.now = meter::testing::plus_seconds(bench.now, 60);
                bench.meter->tick(meter::testing::at_watts(watts), bench.now);
            }
            if (*rc::gen::inRange(0, 15) == 0) {
                bench.now = meter::testing::plus_seconds(bench.now, *rc::gen::inRange(0, 5000));
                bench.power_up();
            }
        }
        const auto plain = expanded(bench, 0, layout, 100'000);
        for (int encoding = 1; encoding < 4; ++encoding) {
            RC_ASSERT(expanded(bench, encoding, layout, *rc::gen::inRange<std::size_t>(1, 300)) == plain);
        }
    }));
}

}  // namespace
}  // namespace ferraris::cli
