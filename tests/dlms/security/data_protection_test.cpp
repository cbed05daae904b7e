#include "dlms/security/data_protection.hpp"

#include <gtest/gtest.h>

#include <array>

#include "crypto/openssl.hpp"
#include "dlms/octets.hpp"

namespace ferraris::dlms::data_protection {
namespace {

using testing::octets;
using testing::Octets;

const Octets kMeterTitle = octets("4645520000001267");
const Octets kClientTitle = octets("4D4D4D0000000001");
const Octets kUnicast = octets("000102030405060708090A0B0C0D0E0F");
const Octets kAuthentication = octets("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
const Octets kMaster = octets("101112131415161718191A1B1C1D1E1F");
const Octets kTransaction = octets("0102030405060708");
/// structure{double-long-unsigned 1234567}
const Octets kText = octets("0201060012D687");

/// Two parties with key pairs of their own, so that every kind of key has something to work with.
struct Parties {
    explicit Parties(std::uint8_t suite) {
        const auto curve = curve_of_suite(suite);
        if (!curve) return;
        for (Pair* pair : {&meter_signing, &meter_agreement, &client_signing, &client_agreement}) {
            pair->secret.resize(private_key_size(*curve));
            pair->open.resize(public_key_size(*curve));
            EXPECT_TRUE(crypto->generate_key_pair(*curve, pair->secret, pair->open));
        }
    }
    struct Pair {
        Octets secret, open;
    };
    [[nodiscard]] GeneralKeys meter() const {
        return {kMeterTitle,
                kClientTitle,
                kUnicast,
                {},
                {},
                kAuthentication,
                kMaster,
                meter_signing.secret,
                meter_agreement.secret,
                client_signing.open,
                client_agreement.open};
    }
    [[nodiscard]] GeneralKeys client() const {
        return {kClientTitle,
                kMeterTitle,
                kUnicast,
                {},
                {},
                kAuthentication,
                kMaster,
                client_signing.secret,
                client_agreement.secret,
                meter_signing.open,
                meter_agreement.open};
    }

    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    Pair meter_signing, meter_agreement, client_signing, client_agreement;
};

ProtectionElement ciphering(KeyChoice key, Protection protection = {true, true}) {
    ProtectionElement element;
    element.protection = protection;
    element.transaction_id = kTransaction;
    element.key = key;
    return element;
}

ProtectionElement signing() {
    ProtectionElement element;
    element.protection = {false, false, true};
    element.transaction_id = kTransaction;
    return element;
}

ProtectionElements elements_of(std::initializer_list<ProtectionElement> list) {
    ProtectionElements elements;
    for (const ProtectionElement& element : list) (void)elements.push_back(element);
    return elements;
}

struct Protected {
    Octets parameters, octets;
    bool good{false};
};

Protected protect(const Parties& parties, std::uint8_t suite, const ProtectionElements& elements) {
    Octets memory(1024);
    std::ranges::copy(kText, memory.begin());
    Protected made;
    made.parameters.resize(kMaxProtectionParameters);
    ByteWriter out(made.parameters);
    DataWriter parameters(out);
    const auto sealed =
        protect_data(*parties.crypto, suite, elements, 42, parties.meter(), memory, 0, kText.size(), parameters);
    made.good = sealed.has_value() && !out.overflowed();
    made.parameters.resize(out.size());
    if (sealed) made.octets.assign(sealed->begin(), sealed->end());
    return made;
}

std::string open(const Parties& parties, std::uint8_t suite, const Protected& made) {
    DataReader in(made.parameters);
    const auto elements = take_protection_parameters(in);
    if (!elements || !in.finished()) return "parameters";
    Octets memory(made.octets.size() + 400);
    const auto opened = open_data(*parties.crypto, suite, *elements, parties.client(), made.octets, memory);
    return opened ? to_hex(opened->text) : "error " + std::to_string(static_cast<int>(opened.error()));
}

TEST(DataProtection, ParametersAreAsTheClassHasThem) {
    const Parties parties(0);
    const Protected made = protect(parties, 0, elements_of({ciphering(KeyChoice::identified_unicast)}));
    ASSERT_TRUE(made.good);
    EXPECT_EQ(to_hex(made.parameters), to_hex(octets("0101"                  // array of one element
                                                     "0202"                  // structure: type, options
                                                     "1602"                  // authentication and encryption
                                                     "0205"                  //
                                                     "09080102030405060708"  // transaction_id
                                                     "09084645520000001267"  // originator_system_title
                                                     "09084D4D4D0000000001"  // recipient_system_title
                                                     "0900"                  // other_information
                                                     "0202"                  // key_info
                                                     "1600"                  // identified key
                                                     "0201"                  //
                                                     "1600")));              // global unicast
    EXPECT_EQ(to_hex(ByteView(made.octets).first(5)), to_hex(octets("300000002A"))) << "security control and counter";
    EXPECT_EQ(made.octets.size(), 5 + kText.size() + kGcmTagSize);
}

/// The octets are the ciphered content of the general-ciphering APDU with the same header: one rule, two carriers.
TEST(DataProtection, IsWhatGeneralCipheringCarries) {
    const Parties parties(0);
    const Protected made = protect(parties, 0, elements_of({ciphering(KeyChoice::identified_unicast)}));
    ASSERT_TRUE(made.good);
    Octets memory(256);
    std::ranges::copy(kText, memory.begin());
    const GeneralCipherParameters parameters{KeyChoice::identified_unicast, 0, {true, true}, 42, kTransaction};
    const auto apdu = seal_general_ciphering(*parties.crypto, parameters, parties.meter(), memory, 0, kText.size());
    ASSERT_TRUE(apdu);
    EXPECT_EQ(to_hex(decode_general_ciphering(*apdu)->content), to_hex(made.octets));
}

TEST(DataProtection, EveryKeyAndEveryOrderOpensAgain) {
    for (const std::uint8_t suite : std::array<std::uint8_t, 3>{0, 1, 2}) {
        // Keys of 16 octets do not fit suite 2 where they are used as they are.
        const bool symmetric = suite != 2;
        const Parties parties(suite);
        std::vector<ProtectionElements> all;
        if (symmetric) {
            for (const Protection protection :
                 {Protection{true, false}, Protection{false, true}, Protection{true, true}})
                all.push_back(elements_of({ciphering(KeyChoice::identified_unicast, protection)}));
            all.push_back(elements_of({ciphering(KeyChoice::wrapped)}));
        }
        if (suite == 1) {
            all.push_back(elements_of({ciphering(KeyChoice::one_pass)}));
            all.push_back(elements_of({ciphering(KeyChoice::static_unified)}));
            all.push_back(elements_of({signing(), ciphering(KeyChoice::identified_unicast)}));
            all.push_back(elements_of({ciphering(KeyChoice::one_pass), signing()}));
        }
        if (suite != 0) all.push_back(elements_of({signing()}));
        for (const ProtectionElements& elements : all) {
            const Protected made = protect(parties, suite, elements);
            ASSERT_TRUE(made.good) << int{suite};
            EXPECT_EQ(open(parties, suite, made), to_hex(kText)) << int{suite};
        }
    }
}

TEST(DataProtection, NothingOfItCanBeChanged) {
    const Parties parties(1);
    const Protected made = protect(parties, 1, elements_of({signing(), ciphering(KeyChoice::wrapped)}));
    ASSERT_TRUE(made.good);
    for (std::size_t i = 0; i < made.octets.size(); ++i) {
        Protected altered = made;
        altered.octets[i] ^= 0x01U;
        EXPECT_NE(open(parties, 1, altered), to_hex(kText)) << "octet " << i;
    }
    // Titles, transaction ids and the wrapped key; only the order of elements and types of keys remain as they are.
    for (std::size_t i = 0; i < made.parameters.size(); ++i) {
        Protected altered = made;
        altered.parameters[i] ^= 0x01U;
        const std::string text = open(parties, 1, altered);
        // Of the element that signs, the key is nothing.
        const bool of_no_meaning = text == to_hex(kText);
        const std::size_t signing_end = made.parameters.size() / 2;
        EXPECT_TRUE(!of_no_meaning || i < signing_end) << "octet " << i;
    }
}

TEST(DataProtection, WhatIsCutShortIsRefused) {
    const Parties parties(1);
    const Protected made = protect(parties, 1, elements_of({ciphering(KeyChoice::identified_unicast), signing()}));
    ASSERT_TRUE(made.good);
    for (std::size_t length = 0; length < made.octets.size(); ++length) {
        Protected cut = made;
        cut.octets.resize(length);
        EXPECT_NE(open(parties, 1, cut), to_hex(kText)) << length;
    }
    for (std::size_t length = 0; length < made.parameters.size(); ++length) {
        Protected cut = made;
        cut.parameters.resize(length);
        EXPECT_EQ(open(parties, 1, cut), "parameters") << length;
    }
}

TEST(DataProtection, SomebodyElsesKeyDoesNotOpenIt) {
    const Parties parties(1);
    const Parties others(1);
    EXPECT_NE(open(others, 1, protect(parties, 1, elements_of({signing()}))), to_hex(kText));
    EXPECT_NE(open(others, 1, protect(parties, 1, elements_of({ciphering(KeyChoice::one_pass)}))), to_hex(kText));
    EXPECT_NE(open(others, 1, protect(parties, 1, elements_of({ciphering(KeyChoice::static_unified)}))), to_hex(kText));
}

TEST(DataProtection, ImpossibleParametersAreNone) {
    const std::string element = "0202160202050900090009000900020216000201";
    const auto possible = [](const std::string& hex) {
        const Octets list = octets(hex);
        DataReader in(list);
        return take_protection_parameters(in).has_value();
    };
    EXPECT_TRUE(possible("0101" + element + "1600"));
    EXPECT_TRUE(possible("0100")) << "no protection";
    EXPECT_FALSE(possible("0101" + element + "1602")) << "no such key";
    EXPECT_FALSE(possible("0102" + element + "1600" + element + "1600")) << "ciphered twice";
    EXPECT_FALSE(
        possible("0101"
                 "0202"
                 "1604"
                 "0205"
                 "0900"
                 "0900"
                 "0900"
                 "0900"
                 "0202"
                 "1600"
                 "0201"
                 "1600"))
        << "no such protection type";
    EXPECT_FALSE(
        possible("0101"
                 "0202"
                 "1602"
                 "0205"
                 "0900"
                 "0901AA"
                 "0900"
                 "0900"
                 "0202"
                 "1600"
                 "0201"
                 "1600"))
        << "a title of one octet";
    EXPECT_FALSE(
        possible("0101"
                 "0202"
                 "1602"
                 "0205"
                 "0900"
                 "0900"
                 "0900"
                 "0900"
                 "0202"
                 "1602"
                 "0202"
                 "090103"
                 "0900"))
        << "no such key agreement";
}

TEST(DataProtection, NoRoomIsAnError) {
    const Parties parties(0);
    Octets memory(kText.size() + 10);
    std::ranges::copy(kText, memory.begin());
    Octets parameter_memory(kMaxProtectionParameters);
    ByteWriter out(parameter_memory);
    DataWriter parameters(out);
    const auto sealed = protect_data(*parties.crypto, 0, elements_of({ciphering(KeyChoice::identified_unicast)}), 1,
                                     parties.meter(), memory, 0, kText.size(), parameters);
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error(), SecurityError::no_room);
}

}  // namespace
}  // namespace ferraris::dlms::data_protection
