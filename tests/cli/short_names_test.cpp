/// Verbs and their client against a meter that has nothing but short names.
#include "cli/short_names.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "child.hpp"
#include "cli/client.hpp"
#include "cli/error.hpp"
#include "cli/object_list.hpp"
#include "cli/profile_reader.hpp"
#include "dlms/apdu/acse.hpp"
#include "dlms/apdu/short_names.hpp"
#include "scripted_meter.hpp"

namespace ferraris::cli {
namespace {

using dlms::DataAccessResult;
using dlms::obis;
using Octets = std::vector<std::uint8_t>;

constexpr dlms::LogicalName kEnergyObject = obis(1, 0, 1, 8, 0);
constexpr dlms::LogicalName kProfileObject = obis(1, 0, 99, 1, 0);
constexpr dlms::LogicalName kNameObject = obis(0, 0, 42, 0, 0);

/// What its variables hold, encoded; a method is there, and holds nothing.
class ShortNameMeter {
public:
    [[nodiscard]] std::string address() const { return meter_.address(); }
    [[nodiscard]] std::vector<Octets> requests() { return meter_.requests(); }
    /// Of the last read with a selection: its selector.
    int selector{0};
    std::map<std::uint16_t, std::string> variables{
        // base_name, class, version, logical name: the association, a name, energy, a load profile
        {0xFA08,
         "0104"
         "020410FA0012000C1101"
         "09060000280000FF"
         "0204109000120001110009060000"
         "2A0000FF"
         "0204103000120003110009060100"
         "010800FF"
         "0204104000120007110109060100"
         "630100FF"},
        {0x9008, "09084D45544552303031"},
        {0x3008, "06000004D2"},
        {0x3010, "02020F00161E"},
        {0x3028, ""},
        // capture_objects: clock and energy; period, sort method, entries; the buffer
        {0x4010,
         "0102"
         "020412000809060000010000FF0F02120000"
         "020412000309060100010800FF0F02120000"},
        {0x4018, "0600000384"},
        {0x4020, "1601"},
        {0x4030, "0600000002"},
        {0x4008,
         "0102"
         "0202090C07EA010F040C0000008000000600000001"
         "0202090C07EA010F040C0F00008000000600000002"},
    };

private:
    std::optional<Octets> answer(const Octets& request) {
        switch (request[0]) {
            case 0x60: {
                const auto aarq = dlms::decode_aarq(request);
                const bool short_names =
                    aarq && equal(aarq->application_context_name,
                                  dlms::application_context_oid(dlms::ApplicationContext::short_names));
                // Rejected: application-context-name-not-supported; or accepted with vaa-name FA00.
                return from_hex(short_names ? "6129A109060760857405080102A203020100A305A103020100"
                                              "BE10040E0800065F1F0400181B20"
                                              "0400"
                                              "FA00"
                                            : "6117A109060760857405080102A203020101A305A103020102");
            }
            case 0x62:
                return from_hex("6303800100");
            case 0x05:
                return read(request);
            case 0x06:
                return write(request);
            default:
                return std::nullopt;
        }
    }
    Octets read(const Octets& request) {
        const auto decoded = dlms::decode_read_request(request).value();
        Octets response{0x0C, static_cast<std::uint8_t>(decoded.variables.count)};
        for (const dlms::VariableAccess& variable : decoded.variables) {
            if (variable.choice == dlms::VariableAccessChoice::parameterized_access)
                selector = variable.selection.selector;
            const auto found = variables.find(variable.name);
            const Octets value = found == variables.end() ? Octets{} : from_hex(found->second).value();
            response.push_back(value.empty() ? 1 : 0);
            if (value.empty()) response.push_back(4);  // object-undefined
            response.insert(response.end(), value.begin(), value.end());
        }
        return response;
    }
    Octets write(const Octets& request) {
        const auto decoded = dlms::decode_write_request(request).value();
        const std::uint16_t name = (*decoded.variables.begin()).name;
        const auto found = variables.find(name);
        if (found == variables.end()) return {0x0D, 0x01, 0x01, 0x04};
        found->second = to_hex((*decoded.values.begin()).octets);
        return {0x0D, 0x01, 0x00};
    }

    testing::ScriptedMeter meter_{[this](std::uint16_t, const Octets& request) { return answer(request); }};
};

ConnectOptions to(const ShortNameMeter& meter, bool short_names) {
    ConnectOptions options;
    options.address = meter.address();
    options.short_names = short_names;
    return options;
}

TEST(ShortNames, AreWhereTheObjectListSays) {
    const auto list = decode_value(from_hex("0102"
                                            "020410900012000111000906"
                                            "00002A0000FF"
                                            "0204100300120046110009060000600"
                                            "30AFF")
                                       .value());
    ASSERT_TRUE(list);
    const auto names = ShortNames::parse(*list);
    ASSERT_TRUE(names);
    EXPECT_EQ(names->objects().size(), 2U);
    EXPECT_EQ(names->of(dlms::AttributeDescriptor{1, kNameObject, 1}), 0x9000) << "negative in its type";
    EXPECT_EQ(names->of(dlms::AttributeDescriptor{1, kNameObject, 2}), 0x9008);
    EXPECT_EQ(names->of(dlms::AttributeDescriptor{3, kNameObject, 2}), std::nullopt) << "another class";
    EXPECT_EQ(names->of(dlms::MethodDescriptor{70, obis(0, 0, 96, 3, 10), 2}), dlms::method_short_name(0x0300, 70, 2));
    EXPECT_EQ(names->of(dlms::MethodDescriptor{1, kNameObject, 1}), std::nullopt) << "class 1 has no methods";
    EXPECT_EQ(ShortNames::parse(*decode_value(from_hex("1105").value())), std::nullopt);
}

TEST(ShortNames, AreTriedWhereLogicalNamesAreRefused) {
    ShortNameMeter meter;
    EXPECT_EQ(Client(to(meter, false)).get({3, kEnergyObject, 2}).value, from_hex("06000004D2"));
    const auto requests = meter.requests();
    ASSERT_GT(requests.size(), 4U);
    EXPECT_NE(to_hex(requests[0]).find("60857405080101"), std::string::npos) << "logical names";
    EXPECT_NE(to_hex(requests[1]).find("60857405080102"), std::string::npos) << "short names";
    EXPECT_EQ(to_hex(requests[2]), "050102FA08");
    EXPECT_EQ(to_hex(requests[3]), "0501023008");
}

TEST(ShortNames, ReadWriteAndCallAsLogicalOnes) {
    ShortNameMeter meter;
    Client client(to(meter, true));
    EXPECT_NE(to_hex(meter.requests()[0]).find("60857405080102"), std::string::npos) << "at once";
    const std::vector<ListedObject> list = read_object_list(client);
    ASSERT_EQ(list.size(), 4U);
    EXPECT_EQ(find_object(list, kEnergyObject, std::nullopt)->class_id, 3);

    const std::vector<dlms::AttributeDescriptor> attributes{
        {1, kNameObject, 2}, {3, kEnergyObject, 3}, {3, kEnergyObject, 2}};
    auto answers = client.get_all(attributes, nullptr);
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(to_hex(answers[1].value), "02020F00161E");
    EXPECT_EQ(to_hex(answers[2].value), "06000004D2");
    EXPECT_EQ(to_hex(meter.requests().back()), "0503029008023010023008") << "in one request";
    meter.variables.erase(0x3010);
    answers = client.get_all(attributes, nullptr);
    EXPECT_EQ(answers[1].result, DataAccessResult::object_undefined);
    EXPECT_EQ(to_hex(answers[2].value), "06000004D2");
    EXPECT_EQ(client.get({3, obis(1, 0, 2, 8, 0), 2}).result, DataAccessResult::object_undefined) << "not in the list";

    EXPECT_EQ(client.set({1, kNameObject, 2}, from_hex("0901FF").value()), DataAccessResult::success);
    EXPECT_EQ(meter.variables[0x9008], "0901FF");
    EXPECT_EQ(client.set({1, kNameObject, 3}, from_hex("0901FF").value()), DataAccessResult::object_undefined);
    EXPECT_EQ(client.call({3, kEnergyObject, 1}, from_hex("0F00").value()).result, dlms::ActionResult::success);
    EXPECT_EQ(meter.variables[0x3028], "0F00");
}

TEST(ShortNames, GiveRowsOfAProfile) {
    ShortNameMeter meter;
    Client client(to(meter, true));
    const ProfileLayout layout = read_profile_layout(client, kProfileObject);
    ASSERT_EQ(layout.columns.size(), 2U);
    EXPECT_EQ(layout.columns[1].scaler_unit->unit, 30);
    std::vector<ProfileRow> rows;
    ProfileQuery query;
    query.from = parse_user_time("2026-01-15");
    read_profile_rows(
        client, layout, query, {}, [&](const ProfileRow& row) { rows.push_back(row); }, nullptr, nullptr);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[1].values[1].integer(), 2);
    EXPECT_EQ(meter.selector, 1) << "selected by the meter, by range";
}

TEST(ShortNames, InTheVerbs) {
    ShortNameMeter meter;
    testing::Child read({"read", meter.address(), "--short-names", "1-0:1.8.0"});
    EXPECT_EQ(read.line(), "1-0:1.8.0       Active energy import (+A)  1.234 kWh");
    EXPECT_EQ(read.wait(), 0);
    EXPECT_EQ(testing::Child({"write", meter.address(), "--short-names", "0-0:42.0.0:2", "text:M2"}).wait(), 0);
    EXPECT_EQ(meter.variables[0x9008], "09024D32");
    testing::Child profile({"profile", meter.address(), "1-0:99.1.0", "--csv"});
    ASSERT_TRUE(profile.line());
    EXPECT_EQ(profile.line()->substr(0, 16), "2026-01-15T12:00") << "found out";
    EXPECT_EQ(profile.wait(), 0);
}

}  // namespace
}  // namespace ferraris::cli
