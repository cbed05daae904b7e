// Class 30: values, writes and calls through the Data protection object, as a client with the utility's keys sees them.
#include <gtest/gtest.h>

#include "dlms/security/data_protection.hpp"
#include "meter/fixture.hpp"
#include "meter/security/data_protection.hpp"

namespace ferraris::meter::data_protection {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using dlms::ProtectionElement;
using dlms::ProtectionElements;
using testing::Bench;
using testing::octets;
using Octets = std::vector<std::uint8_t>;

constexpr dlms::LogicalName kObject = obis(0, 0, 43, 2, 0);
constexpr std::uint16_t kClass = 30;
enum Method : std::int8_t { get = 1, set = 2, call = 3 };
constexpr dlms::AttributeDescriptor kEnergy{3, obis(1, 0, 1, 8, 0), 2};
constexpr dlms::AttributeDescriptor kShiftLimit{3, obis(1, 0, 0, 9, 11), 2};
constexpr dlms::AttributeDescriptor kOwnBuffer{kClass, kObject, 2};
const Octets kTitle = octets("4D4D4D0000000001");
const Octets kTransaction = octets("A1A2A3A4A5A6A7A8");

ProtectionElement both(dlms::KeyChoice key = dlms::KeyChoice::identified_unicast) {
    ProtectionElement element;
    element.transaction_id = kTransaction;
    element.key = key;
    return element;
}
ProtectionElement only(dlms::Protection protection) {
    ProtectionElement element = both();
    element.protection = protection;
    return element;
}

template <class Write>
Octets encoded(Write&& write) {
    Octets memory(2048);
    ByteWriter out(memory);
    dlms::DataWriter data(out);
    write(data);
    EXPECT_FALSE(out.overflowed());
    memory.resize(out.size());
    return memory;
}

struct ThroughProtection : public ::testing::Test {
    ThroughProtection() { bench.client_system_title = kTitle; }

    [[nodiscard]] dlms::GeneralKeys keys() const {
        const SecuritySettings& security = bench.meter->instrument().security[kUtilityIndex];
        dlms::GeneralKeys known;
        known.own_system_title = title;
        known.peer_system_title = bench.meter->system_title();
        known.unicast_encryption = ByteView(security.unicast_encryption).first(16);
        known.authentication = ByteView(security.authentication).first(16);
        known.master = ByteView(security.master).first(16);
        return known;
    }
    static void put_list(dlms::DataWriter& data, std::initializer_list<dlms::AttributeDescriptor> list) {
        data.array(list.size());
        for (const dlms::AttributeDescriptor& attribute : list) {
            data.structure(5);
            data.long_unsigned(attribute.class_id);
            data.octet_string(attribute.instance);
            data.integer(attribute.attribute);
            data.long_unsigned(0);
            data.structure(2);
            data.enum_(0);
            data.null_data();
        }
    }
    ActionResult invoke(std::int8_t method, const Octets& parameters) {
        return bench.invoke(kUtilitySap, {kClass, kObject, method}, parameters);
    }
    ActionResult read(std::initializer_list<dlms::AttributeDescriptor> list, const ProtectionElement& element) {
        return invoke(get, encoded([&](dlms::DataWriter& data) {
                          data.structure(2);
                          put_list(data, list);
                          data.array(1);
                          dlms::put_protection_element(data, element);
                      }));
    }
    /// The text that the last method returned under protection.
    std::string returned() {
        dlms::DataReader in(bench.returned);
        EXPECT_EQ(in.structure(), 2U);
        const auto elements = dlms::take_protection_parameters(in);
        const ByteView protected_octets = in.octet_string();
        EXPECT_TRUE(in.finished());
        if (!elements) return "no parameters";
        EXPECT_TRUE(equal((*elements)[0].transaction_id, kTransaction));
        return opened(*elements, protected_octets);
    }
    std::string opened(const ProtectionElements& elements, ByteView protected_octets) {
        Octets memory(2048);
        const auto text = dlms::open_data(*bench.crypto, 0, elements, keys(), protected_octets, memory);
        return text ? to_hex(text->text) : "error " + std::to_string(static_cast<int>(text.error()));
    }
    /// Parameters as they are sent, and the octets.
    std::pair<Octets, Octets> protect(const Octets& text, std::uint32_t counter, const ProtectionElement& element) {
        Octets memory(2048);
        std::ranges::copy(text, memory.begin());
        ProtectionElements elements;
        (void)elements.push_back(element);
        Octets protected_octets;
        Octets parameters = encoded([&](dlms::DataWriter& data) {
            const auto made =
                dlms::protect_data(*bench.crypto, 0, elements, counter, keys(), memory, 0, text.size(), data);
            EXPECT_TRUE(made);
            if (made) protected_octets.assign(made->begin(), made->end());
        });
        return {parameters, protected_octets};
    }
    Octets set_request(std::initializer_list<dlms::AttributeDescriptor> list, const Octets& values,
                       std::uint32_t counter, const ProtectionElement& element = both()) {
        const auto [parameters, protected_octets] = protect(values, counter, element);
        return encoded([&](dlms::DataWriter& data) {
            data.structure(3);
            put_list(data, list);
            data.out().put(parameters);
            data.octet_string(protected_octets);
        });
    }
    Octets call_request(const dlms::MethodDescriptor& method, const Octets& text, std::uint32_t counter) {
        const auto [parameters, protected_octets] = protect(text, counter, both());
        return encoded([&](dlms::DataWriter& data) {
            data.structure(3);
            data.structure(3);
            data.long_unsigned(method.class_id);
            data.octet_string(method.instance);
            data.integer(method.method);
            data.out().put(parameters);
            data.octet_string(protected_octets);
        });
    }
    std::string value_of(const dlms::AttributeDescriptor& attribute) {
        return to_hex(bench.read(kUtilitySap, attribute));
    }

    Bench bench;
    Octets title = kTitle;  ///< of who protects
};

TEST_F(ThroughProtection, ValuesAreReadWithEveryKeyOfSuiteZero) {
    bench.run(10, 3'600);
    for (const auto key : {dlms::KeyChoice::identified_unicast, dlms::KeyChoice::wrapped}) {
        ASSERT_EQ(read({kEnergy, kShiftLimit}, both(key)), ActionResult::success);
        EXPECT_EQ(returned(), to_hex(octets("0202")) + value_of(kEnergy) + value_of(kShiftLimit));
    }
}

TEST_F(ThroughProtection, TwoAnswersNeverHaveTheSameCounter) {
    ASSERT_EQ(read({kEnergy}, both()), ActionResult::success);
    const Octets first = bench.returned;
    ASSERT_EQ(read({kEnergy}, both()), ActionResult::success);
    EXPECT_NE(first, bench.returned);
    const auto counter = [](const Octets& answer) {
        dlms::DataReader in(answer);
        (void)in.structure();
        (void)dlms::take_protection_parameters(in);
        ByteReader content(in.octet_string());
        (void)content.u8();
        return content.u32();
    };
    EXPECT_GT(counter(bench.returned), counter(first));
}

TEST_F(ThroughProtection, GivesNoMoreRightsThanThereAreWithoutIt) {
    EXPECT_EQ(read({{15, obis(0, 0, 40, 0, 1), 7}}, both()), ActionResult::read_write_denied) << "a secret";
    EXPECT_EQ(read({{3, obis(1, 0, 99, 99, 9), 2}}, both()), ActionResult::object_undefined);
    EXPECT_EQ(read({{1, kEnergy.instance, 2}}, both()), ActionResult::object_undefined) << "another class";
    EXPECT_EQ(read({kOwnBuffer}, both()), ActionResult::scope_of_access_violated) << "itself";
    EXPECT_EQ(bench.invoke(kReaderSap, {kClass, kObject, get}, {}), ActionResult::read_write_denied);
    EXPECT_EQ(bench.invoke(kPublicSap, {kClass, kObject, get}, {}), ActionResult::read_write_denied);
}

TEST_F(ThroughProtection, AnswersHaveTheProtectionThatIsRequired) {
    EXPECT_EQ(read({kEnergy}, only({true, false, false})), ActionResult::read_write_denied);
    EXPECT_EQ(read({kEnergy}, only({false, true, false})), ActionResult::read_write_denied);
    ASSERT_EQ(bench.write(kUtilitySap, {kClass, kObject, 6}, octets("1624")), DataAccessResult::success)
        << "requests and answers authenticated";
    EXPECT_EQ(read({kEnergy}, only({true, false, false})), ActionResult::success);
    EXPECT_EQ(read({kEnergy}, only({false, true, false})), ActionResult::read_write_denied);
}

TEST_F(ThroughProtection, AnAnswerThatIsTooLongIsNone) {
    EXPECT_EQ(read({{7, obis(1, 0, 99, 1, 0), 2}}, both()), ActionResult::success) << "an empty buffer";
    bench.run(86'400 * 3, 100);
    EXPECT_EQ(read({{7, obis(1, 0, 99, 1, 0), 2}}, both()), ActionResult::other_reason);
    EXPECT_TRUE(bench.returned.empty());
}

TEST_F(ThroughProtection, ValuesAreWrittenOnceAndDurably) {
    const Octets request = set_request({kShiftLimit}, octets("0201"), 7);
    EXPECT_NE(invoke(set, request), ActionResult::success) << "no value in it";
    const std::string before = value_of(kShiftLimit);
    Octets value = octets(before);
    value.back() ^= 0x05U;
    Octets values = octets("0201");
    values.insert(values.end(), value.begin(), value.end());
    const Octets good = set_request({kShiftLimit}, values, 8);
    ASSERT_EQ(invoke(set, good), ActionResult::success);
    EXPECT_EQ(value_of(kShiftLimit), to_hex(value));
    EXPECT_EQ(invoke(set, good), ActionResult::read_write_denied) << "played back";
    bench.power_up();
    EXPECT_EQ(value_of(kShiftLimit), to_hex(value));
    EXPECT_EQ(invoke(set, good), ActionResult::read_write_denied) << "played back after a loss of power";
    EXPECT_EQ(invoke(set, set_request({kShiftLimit}, values, 9)), ActionResult::success);
}

TEST_F(ThroughProtection, WhatIsAlteredWeakOrSignedOnlyWritesNothing) {
    const std::string before = value_of(kShiftLimit);
    Octets value = octets(before);
    value.back() ^= 0x05U;
    Octets values = octets("0201");
    values.insert(values.end(), value.begin(), value.end());
    Octets altered = set_request({kShiftLimit}, values, 20);
    altered.back() ^= 1U;
    EXPECT_EQ(invoke(set, altered), ActionResult::read_write_denied);
    EXPECT_EQ(invoke(set, set_request({kShiftLimit}, values, 21, only({true, false, false}))),
              ActionResult::read_write_denied)
        << "less than required";
    ASSERT_EQ(bench.write(kUtilitySap, {kClass, kObject, 6}, octets("1600")), DataAccessResult::success);
    ProtectionElement signature = only({false, false, true});
    Octets signed_only = encoded([&](dlms::DataWriter& data) {
        data.structure(3);
        put_list(data, {kShiftLimit});
        data.array(1);
        dlms::put_protection_element(data, signature);
        data.octet_string(values);
    });
    EXPECT_EQ(invoke(set, signed_only), ActionResult::read_write_denied);
    EXPECT_EQ(value_of(kShiftLimit), before);
    // None of these took a counter.
    EXPECT_EQ(invoke(set, set_request({kShiftLimit}, values, 1)), ActionResult::success);
}

TEST_F(ThroughProtection, AListOfAnotherLengthOrOfWhatIsNotThereWritesNothing) {
    const std::string before = value_of(kShiftLimit);
    Octets values = octets("0202");
    Octets value = octets(before);
    value.back() ^= 0x05U;
    values.insert(values.end(), value.begin(), value.end());
    values.insert(values.end(), value.begin(), value.end());
    EXPECT_EQ(invoke(set, set_request({kShiftLimit}, values, 1)), ActionResult::type_unmatched);
    EXPECT_EQ(invoke(set, set_request({kShiftLimit, {3, obis(1, 0, 99, 99, 9), 2}}, values, 2)),
              ActionResult::object_undefined);
    EXPECT_EQ(invoke(set, set_request({kShiftLimit, kOwnBuffer}, values, 3)), ActionResult::scope_of_access_violated);
    EXPECT_EQ(value_of(kShiftLimit), before);
}

TEST_F(ThroughProtection, AMethodIsCalledAndItsAnswerProtected) {
    // adjust_to_minute returns nothing.
    ASSERT_EQ(invoke(call, call_request({8, obis(0, 0, 1, 0, 0), 3}, octets("0F00"), 1)), ActionResult::success);
    EXPECT_TRUE(bench.returned.empty());
    EXPECT_EQ(invoke(call, call_request({8, obis(0, 0, 1, 0, 0), 3}, octets("0F00"), 1)),
              ActionResult::read_write_denied)
        << "played back";
    EXPECT_EQ(invoke(call, call_request({8, obis(0, 0, 1, 0, 0), 9}, octets("0F00"), 2)),
              ActionResult::read_write_denied)
        << "no such method";
    EXPECT_EQ(invoke(call, call_request({kClass, kObject, 1}, octets("0F00"), 3)),
              ActionResult::scope_of_access_violated);
    EXPECT_EQ(invoke(call, call_request({8, obis(0, 0, 1, 0, 0), 3}, octets("0F00FF"), 4)),
              ActionResult::type_unmatched)
        << "more than one value";
}

TEST_F(ThroughProtection, TheBufferIsWhatTheListSays) {
    const Octets list = encoded([](dlms::DataWriter& data) { put_list(data, {kEnergy, kShiftLimit}); });
    ASSERT_EQ(bench.write(kUtilitySap, {kClass, kObject, 3}, list), DataAccessResult::success);
    EXPECT_EQ(bench.read(kUtilitySap, {kClass, kObject, 3}), list);
    const Octets parameters = bench.read(kUtilitySap, {kClass, kObject, 4});
    const Octets buffer = bench.read(kUtilitySap, kOwnBuffer);
    ASSERT_EQ(bench.result, DataAccessResult::success);
    // Titles that the list leaves open are those of meter and client; here the client said none.
    dlms::DataReader in(parameters);
    auto elements = dlms::take_protection_parameters(in);
    ASSERT_TRUE(elements);
    (*elements)[0].originator_system_title = bench.meter->system_title();
    dlms::DataReader content(buffer);
    EXPECT_EQ(opened(*elements, content.octet_string()),
              to_hex(octets("0202")) + value_of(kEnergy) + value_of(kShiftLimit));
    EXPECT_TRUE(bench.read(kUtilitySap, kOwnBuffer, nullptr, 20).empty());
    EXPECT_EQ(bench.result, DataAccessResult::other_reason) << "in one piece, or not at all";
}

TEST_F(ThroughProtection, TheBufferIsWrittenUnderTheParametersToSet) {
    Octets value = octets(value_of(kShiftLimit));
    value.back() ^= 0x05U;
    Octets values = octets("0201");
    values.insert(values.end(), value.begin(), value.end());
    const auto [parameters, protected_octets] = protect(values, 5, both(dlms::KeyChoice::wrapped));
    const Octets list = encoded([](dlms::DataWriter& data) { put_list(data, {kShiftLimit}); });
    ASSERT_EQ(bench.write(kUtilitySap, {kClass, kObject, 3}, list), DataAccessResult::success);
    ASSERT_EQ(bench.write(kUtilitySap, {kClass, kObject, 5}, parameters), DataAccessResult::success);
    const Octets buffer = encoded([&](dlms::DataWriter& data) { data.octet_string(protected_octets); });
    EXPECT_EQ(bench.write(kUtilitySap, kOwnBuffer, buffer), DataAccessResult::success);
    EXPECT_EQ(value_of(kShiftLimit), to_hex(value));
    EXPECT_EQ(bench.write(kUtilitySap, kOwnBuffer, buffer), DataAccessResult::read_write_denied) << "played back";
}

TEST_F(ThroughProtection, SettingsThatCannotBeAreRefused) {
    const auto write = [&](std::int8_t attribute, const std::string& hex) {
        return bench.write(kUtilitySap, {kClass, kObject, attribute}, octets(hex));
    };
    EXPECT_EQ(write(3, "1600"), DataAccessResult::type_unmatched);
    EXPECT_EQ(write(6, "1601"), DataAccessResult::other_reason) << "bits that mean nothing";
    EXPECT_EQ(write(6, "1100"), DataAccessResult::type_unmatched);
    const Octets unknown = encoded([](dlms::DataWriter& data) { put_list(data, {{3, obis(1, 0, 99, 99, 9), 2}}); });
    EXPECT_EQ(bench.write(kUtilitySap, {kClass, kObject, 3}, unknown), DataAccessResult::object_undefined);
    const Octets wrapped = encoded([](dlms::DataWriter& data) {
        data.array(1);
        dlms::put_protection_element(data, both(dlms::KeyChoice::wrapped));
    });
    EXPECT_EQ(bench.write(kUtilitySap, {kClass, kObject, 4}, wrapped), DataAccessResult::other_reason)
        << "a fresh key cannot be said beforehand";
    EXPECT_EQ(bench.write(kUtilitySap, {kClass, kObject, 5}, wrapped), DataAccessResult::success);
    EXPECT_EQ(bench.write(kTechnicianSap, {kClass, kObject, 6}, octets("1600")), DataAccessResult::read_write_denied);
}

/// Who protects need not be who associates.
TEST_F(ThroughProtection, CountersAreKeptForAsManyPartiesAsThereArePlaces) {
    Octets values = octets("0201");
    const Octets value = octets(value_of(kShiftLimit));
    values.insert(values.end(), value.begin(), value.end());
    for (std::size_t i = 0; i < kMaxProtectingParties; ++i) {
        title[7] = static_cast<std::uint8_t>(0x10 + i);
        EXPECT_EQ(invoke(set, set_request({kShiftLimit}, values, 10)), ActionResult::success) << i;
        EXPECT_EQ(invoke(set, set_request({kShiftLimit}, values, 10)), ActionResult::read_write_denied) << i;
    }
    title[7] = 0x20;
    EXPECT_EQ(invoke(set, set_request({kShiftLimit}, values, 10)), ActionResult::temporary_failure);
    title[7] = 0x10;
    EXPECT_EQ(invoke(set, set_request({kShiftLimit}, values, 11)), ActionResult::success);
}

}  // namespace
}  // namespace ferraris::meter::data_protection
