// The object list, its access modes, and what the utility may change about it (class 15, version 3).
#include <map>

#include "base/hex.hpp"
#include "meter/fixture.hpp"
#include "meter/objects/object_table.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;

constexpr dlms::LogicalName kCurrent = obis(0, 0, 40, 0, 0);

/// Elements of an object list by the name of the object.
std::map<dlms::LogicalName, std::vector<std::uint8_t>> elements_of(const std::vector<std::uint8_t>& list) {
    std::map<dlms::LogicalName, std::vector<std::uint8_t>> elements;
    dlms::DataReader in(list);
    const std::size_t count = in.array();
    for (std::size_t i = 0; i < count; ++i) {
        const auto element = in.any();
        if (!element) return {};
        dlms::DataReader fields(element->encoded);
        (void)fields.structure();
        (void)fields.long_unsigned();
        (void)fields.unsigned_();
        elements[fields.logical_name()] = {element->encoded.begin(), element->encoded.end()};
    }
    return elements;
}

TEST(ObjectList, HasTheAccessModesOfVersion3) {
    Bench bench;
    const auto utility = elements_of(bench.read(kUtilitySap, {15, kCurrent, 2}));
    // class 15, version 3, 0-0:40.0.2: 11 attributes of { number, mode, no selectors }, 6 methods of { number, mode }.
    // Read 1, write 2; 6C: request and answer authenticated (04, 20) and encrypted (08, 40).
    EXPECT_EQ(to_hex(utility.at(obis(0, 0, 40, 0, 2))),
              "020412000F110309060000280002FF0202010B"
              "02030F01160100"
              "02030F02160100"
              "02030F03160100"
              "02030F04160100"
              "02030F05160100"
              "02030F06160100"
              "02030F07166E00"
              "02030F08160100"
              "02030F09160100"
              "02030F0A160100"
              "02030F0B160100"
              "0106"
              "02020F011600"
              "02020F02166D"
              "02020F03166D"
              "02020F04166D"
              "02020F05166D"
              "02020F06166D");
    const auto reader = elements_of(bench.read(kReaderSap, {15, kCurrent, 2}));
    // class 7: the buffer may be selected by range (1) and entry (2)
    EXPECT_NE(to_hex(reader.at(obis(1, 0, 99, 1, 0))).find("02030F02160101020F010F02"), std::string::npos);
    EXPECT_FALSE(reader.contains(obis(0, 0, 40, 0, 2)));
}

/// A meter from the factory with associations of `version`.
void deliver(Bench& bench, std::uint8_t version) {
    bench.factory.association_version = version;
    bench.power_up();
}

/// Element of the utility's association, and what it can read of it, where associations are of `version`.
std::string association_element(std::uint8_t version) {
    Bench bench;
    deliver(bench, version);
    return to_hex(elements_of(bench.read(kUtilitySap, {15, kCurrent, 2})).at(obis(0, 0, 40, 0, 2)));
}

TEST(ObjectList, HasTheAccessModesOfVersion2) {
    // 1 read, 5 authenticated write; methods: 2 authenticated access.
    EXPECT_EQ(association_element(2),
              "020412000F110209060000280002FF0202010B"
              "02030F01160100"
              "02030F02160100"
              "02030F03160100"
              "02030F04160100"
              "02030F05160100"
              "02030F06160100"
              "02030F07160500"
              "02030F08160100"
              "02030F09160100"
              "02030F0A160100"
              "02030F0B160100"
              "0106"
              "02020F011600"
              "02020F021602"
              "02020F031602"
              "02020F041602"
              "02020F051602"
              "02020F061602");
}

TEST(ObjectList, HasNoUsersInVersion1) {
    EXPECT_EQ(association_element(1),
              "020412000F110109060000280002FF02020109"
              "02030F01160100"
              "02030F02160100"
              "02030F03160100"
              "02030F04160100"
              "02030F05160100"
              "02030F06160100"
              "02030F07160500"
              "02030F08160100"
              "02030F09160100"
              "0104"
              "02020F011600"
              "02020F021602"
              "02020F031602"
              "02020F041602");
    Bench bench;
    deliver(bench, 1);
    (void)bench.read(kUtilitySap, {15, kCurrent, 10});
    EXPECT_EQ(bench.result, DataAccessResult::read_write_denied);
    (void)bench.read(kUtilitySap, {15, kCurrent, 9});
    EXPECT_EQ(bench.result, DataAccessResult::success);
    const auto user = from_hex("020211050A0141").value();
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, obis(0, 0, 40, 0, 2), 5}, user), ActionResult::read_write_denied);
}

TEST(ObjectList, ObjectsComeAndGoInEveryVersion) {
    for (std::uint8_t version = 1; version <= 3; ++version) {
        Bench bench;
        deliver(bench, version);
        const auto list = [&] { return elements_of(bench.read(kUtilitySap, {15, obis(0, 0, 40, 0, 2), 2})); };
        const dlms::LogicalName energy = obis(1, 0, 1, 8, 0);
        const auto element = list().at(energy);
        EXPECT_EQ(bench.invoke(kUtilitySap, {15, obis(0, 0, 40, 0, 2), 4}, element), ActionResult::success);
        EXPECT_FALSE(list().contains(energy)) << int{version};
        EXPECT_EQ(bench.invoke(kUtilitySap, {15, obis(0, 0, 40, 0, 2), 3}, element), ActionResult::success);
        EXPECT_EQ(list().at(energy), element);
    }
}

TEST(ObjectList, ProtectedAttributesAndMethodsWantARequestAsProtectedAsTheModeSays) {
    Bench bench;
    const std::vector<std::uint8_t> secret = from_hex("09084242424242424242").value();
    const auto write = [&] { return bench.write(kUtilitySap, {15, obis(0, 0, 40, 0, 2), 7}, secret); };
    const auto change = [&] { return bench.invoke(kTechnicianSap, {15, kCurrent, 2}, secret); };
    for (const dlms::Protection weak : {dlms::Protection{}, {true, false}, {false, true}}) {
        bench.protection = weak;
        EXPECT_EQ(write(), DataAccessResult::read_write_denied);
        EXPECT_EQ(change(), ActionResult::read_write_denied);
        EXPECT_FALSE(bench.read(kUtilitySap, {15, obis(0, 0, 40, 0, 2), 8}).empty()) << "others do not";
    }
    bench.protection = {true, true};
    EXPECT_EQ(write(), DataAccessResult::success);
    EXPECT_EQ(change(), ActionResult::success);
}

TEST(ObjectList, LosesAndRegainsObjectsByMethod) {
    Bench bench;
    const dlms::LogicalName voltage = obis(1, 0, 32, 7, 0);
    const dlms::LogicalName association = obis(0, 0, 40, 0, 2);
    const auto before = elements_of(bench.read(kReaderSap, {15, kCurrent, 2}));
    const std::vector<std::uint8_t> element = before.at(voltage);
    EXPECT_EQ(bench.invoke(kReaderSap, {15, association, 4}, element), ActionResult::read_write_denied);
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, association, 4}, element), ActionResult::success);
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, association, 4}, element), ActionResult::other_reason) << "gone already";
    bench.power_up();
    const auto after = elements_of(bench.read(kReaderSap, {15, kCurrent, 2}));
    EXPECT_EQ(after.size(), before.size() - 1);
    EXPECT_FALSE(after.contains(voltage));
    (void)bench.read(kReaderSap, {3, voltage, 2});
    EXPECT_EQ(bench.result, DataAccessResult::object_undefined);
    (void)bench.read(kTechnicianSap, {3, voltage, 2});
    EXPECT_EQ(bench.result, DataAccessResult::success) << "others have it still";
    // The same with a right more: the first attribute's mode 01 becomes 03.
    std::vector<std::uint8_t> greedy = element;
    greedy[from_hex("02041200031100090601002007"
                    "00FF0202010302030F0116")
               .value()
               .size()] = 3;
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, association, 3}, greedy), ActionResult::other_reason);
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, association, 3}, element), ActionResult::success);
    EXPECT_EQ(elements_of(bench.read(kReaderSap, {15, kCurrent, 2})), before);
}

TEST(ObjectList, KeepsWhatNobodyCanDoWithout) {
    Bench bench;
    const auto utility = elements_of(bench.read(kUtilitySap, {15, kCurrent, 2}));
    const dlms::MethodDescriptor remove{15, obis(0, 0, 40, 0, 1), 4};
    for (const dlms::LogicalName name :
         {kCurrent, obis(0, 0, 40, 0, 1), obis(0, 0, 41, 0, 0), obis(0, 0, 42, 0, 0), obis(0, 0, 43, 0, 1)}) {
        EXPECT_EQ(bench.invoke(kUtilitySap, remove, utility.at(name)), ActionResult::other_reason);
    }
    EXPECT_EQ(bench.invoke(kUtilitySap, remove, from_hex("0F00").value()), ActionResult::type_unmatched);
    const std::string unknown =
        "02041200031100090601006307"
        "00FF020201000100";
    EXPECT_EQ(bench.invoke(kUtilitySap, remove, from_hex(unknown).value()), ActionResult::object_undefined);
}

TEST(ObjectList, ThatChangesWhileItIsReadIsReadAfresh) {
    Bench bench;
    const dlms::Association association = testing::association_of(kReaderSap);
    const dlms::Caller caller{association, {}};
    dlms::ReadCursor cursor;
    std::array<std::uint8_t, 64> window{};
    ByteWriter first(window);
    ASSERT_FALSE(bench.meter->read(caller, {15, kCurrent, 2}, nullptr, cursor, first).complete);
    const auto element = elements_of(bench.read(kReaderSap, {15, kCurrent, 2})).at(obis(1, 0, 32, 7, 0));
    ASSERT_EQ(bench.invoke(kUtilitySap, {15, obis(0, 0, 40, 0, 2), 4}, element), ActionResult::success);
    ByteWriter second(window);
    EXPECT_EQ(bench.meter->read(caller, {15, kCurrent, 2}, nullptr, cursor, second).result,
              DataAccessResult::long_get_aborted);
}

}  // namespace
}  // namespace ferraris::meter
