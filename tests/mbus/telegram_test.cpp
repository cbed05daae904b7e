#include "mbus/telegram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"

namespace ferraris::mbus {
namespace {

using Octets = std::vector<std::uint8_t>;

// Records of annex N of OMS volume 2: 28504.27 m3, 31.5.2008 23:50, no error.
constexpr const char* kRecords = "0C1427048502046D32371F1502FD170000";
constexpr Address kGasMeter{manufacturer_code("ELS"), 12345678, 0x33, 3};

Octets strip(const char* frame) {
    Octets out(kMaxTelegram);
    out.resize(remove_check_octets(FrameFormat::a, *from_hex(frame), out).value());
    return out;
}
Result<Octets, TelegramError> opened(const Octets& telegram, const char* key) {
    const auto crypto = make_openssl_crypto();
    const auto found = read_telegram(telegram);
    if (!found) return Error(found.error());
    Octets plain(kMaxTelegram);
    const auto size = open_records(*found, *from_hex(key), *crypto, plain);
    if (!size) return Error(size.error());
    plain.resize(*size);
    return plain;
}
Octets written(const TelegramHead& head, const Octets& records, const char* key) {
    const auto crypto = make_openssl_crypto();
    Octets out(kMaxTelegram);
    out.resize(write_telegram(head, records, *from_hex(key), *crypto, out).value());
    return out;
}

// Annex N.1.1, security profile A: CI 7A, ACC 2A, status 00, configuration 2520 (mode 5, synchronous, two blocks).
TEST(MbusTelegram, OpensMode5OfTheSpecification) {
    const Octets telegram = strip(
        "2E44931578563412330333637A2A0020255923C95AAA26D1B2E7493BC2AD"
        "013EC4A6F6D3529B520EDFF0EA6DEFC955B29D6D69EBF3EC8A");
    const auto found = read_telegram(telegram);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->head.address, kGasMeter);
    EXPECT_EQ(found->head.access_number, 0x2A);
    EXPECT_EQ(found->head.security, Security::mode_5);
    constexpr const char* kKey = "0102030405060708090A0B0C0D0E0F11";
    EXPECT_EQ(to_hex(opened(telegram, kKey).value()), "2F2F" + std::string(kRecords) + "2F2F2F2F2F2F2F2F2F2F2F2F2F");
    EXPECT_EQ(opened(telegram, "0102030405060708090A0B0C0D0E0F12").error(), TelegramError::wrong_key);
    // Our own telegram of the same says the same, but for the bit of synchronous sending, which it does not promise.
    const Octets ours = written({kGasMeter, Security::mode_5, 0x2A}, *from_hex(kRecords), kKey);
    Octets expected = telegram;
    expected[14] = 0x05;
    EXPECT_EQ(to_hex(ours), to_hex(expected));
}

// Annex N.1.3, security profile B: ELL 8C 20 75, AFL 90 0F 2C00 25 counter 00000AB3 MAC, CI 7A ACC 75 status 00
// configuration 0720 (mode 7, two blocks) 10 (derived key).
constexpr const char* kProfileB =
    "434493157856341233037AC98C2075900F002C25B30A000021924D4FBA372FB66E017A75002007109058475F4BC9D128"
    "1DF878B80A1B0F98B629024AAC7279429398BFC549233C0140829B93BAA1";
constexpr const char* kKeyB = "000102030405060708090A0B0C0D0E0F";

TEST(MbusTelegram, OpensMode7OfTheSpecification) {
    const Octets telegram = strip(kProfileB);
    const auto found = read_telegram(telegram);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->head.address, kGasMeter);
    EXPECT_EQ(found->head.counter, 0x00000AB3U);
    EXPECT_EQ(found->head.security, Security::mode_7);
    EXPECT_EQ(to_hex(opened(telegram, kKeyB).value()), "2F2F" + std::string(kRecords) + "2F2F2F2F2F2F2F2F2F2F2F2F2F");
    const Octets ours = written({kGasMeter, Security::mode_7, 0x75, 0, 0x0AB3}, *from_hex(kRecords), kKeyB);
    Octets expected = telegram;
    expected[11] = 0x00;  // the communication control of the link extension promises nothing
    EXPECT_EQ(to_hex(ours), to_hex(expected));
}

// Annex N.1.4: a radio adapter sends for the meter, whose own address is in the long header (CI 72).
TEST(MbusTelegram, OpensMode7BehindAnAdapter) {
    const Octets telegram = strip(
        "53082448443322110337D0468E80753A63665544330A31900F002C25E00AB30A0000AF5D74DF73A600D972785634C0"
        "27129315330375002007109058475F4BC955CF1DF878B80A1B0F98B629024AAC7279429398BFC549233C0140829B93BAA1");
    const auto found = read_telegram(telegram);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->head.address, kGasMeter);
    EXPECT_EQ(opened(telegram, kKeyB).value()[0], kIdleFiller);
}

TEST(MbusTelegram, NoOctetOfMode7CanChange) {
    Octets telegram = strip(kProfileB);
    // Besides the address of the link layer and its control, everything is covered: counter, MAC, header, records.
    for (std::size_t i = 17; i < telegram.size(); ++i) {
        telegram[i] ^= 1U;
        EXPECT_FALSE(opened(telegram, kKeyB)) << i;
        telegram[i] ^= 1U;
    }
}

TEST(MbusTelegram, WhatIsWrittenIsReadAgain) {
    EXPECT_TRUE(rc::check([] {
        TelegramHead head;
        head.address = {manufacturer_code("FRS"), *rc::gen::inRange<std::uint32_t>(0, 100'000'000), 1,
                        kElectricityMeter};
        head.security = *rc::gen::element(Security::none, Security::mode_5, Security::mode_7);
        head.access_number = *rc::gen::arbitrary<std::uint8_t>();
        head.counter = *rc::gen::arbitrary<std::uint32_t>();
        const auto size = *rc::gen::inRange<std::size_t>(0, 200);
        const Octets records = *rc::gen::container<Octets>(size, rc::gen::arbitrary<std::uint8_t>());
        const Octets telegram = written(head, records, kKeyB);
        const auto found = read_telegram(telegram).value();
        RC_ASSERT(found.head.address == head.address);
        RC_ASSERT(found.head.access_number == head.access_number);
        if (head.security == Security::none) {
            RC_ASSERT(to_hex(found.open_records) == to_hex(records));
            return;
        }
        Octets plain = opened(telegram, kKeyB).value();
        RC_ASSERT(plain.size() % kAesBlockSize == 0U);
        RC_ASSERT(to_hex(ByteView(plain).subspan(2, size)) == to_hex(records));
    }));
}

TEST(MbusTelegram, RefusesWhatIsNoneAndWhatIsTooMuch) {
    const auto crypto = make_openssl_crypto();
    const Octets whole = strip(kProfileB);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto found = read_telegram(ByteView(whole).first(size));
        ASSERT_FALSE(found) << size;
    }
    Octets other = whole;
    other[30] = 0x55;
    EXPECT_EQ(read_telegram(other).error(), TelegramError::unknown_layer);
    other = whole;
    other[34] = 0x08;
    EXPECT_EQ(read_telegram(other).error(), TelegramError::unknown_security);
    Octets out(kMaxTelegram);
    EXPECT_EQ(write_telegram({}, Octets(kMaxRecords + 1), {}, *crypto, out).error(), TelegramError::no_room);
    EXPECT_EQ(write_telegram({kGasMeter, Security::mode_5}, Octets(3), Octets(15), *crypto, out).error(),
              TelegramError::wrong_key);
    EXPECT_EQ(write_telegram({kGasMeter, Security::mode_7}, Octets(200), Octets(16), *crypto, ByteSpan(out).first(99))
                  .error(),
              TelegramError::no_room);
}

}  // namespace
}  // namespace ferraris::mbus
