#include "meter/wireless/wireless.hpp"

#include <set>

#include "mbus/record.hpp"
#include "mbus/telegram.hpp"
#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using namespace testing;
using dlms::DataAccessResult;
using dlms::obis;
using Octets = std::vector<std::uint8_t>;

constexpr dlms::AttributeDescriptor kSetup{1, obis(0, 0, 128, 8, 0), 2};
constexpr dlms::AttributeDescriptor kCounter{1, obis(0, 0, 128, 8, 1), 2};

/// structure { mode, security, interval }
Octets setup_of(unsigned format, unsigned security, unsigned interval) {
    Octets buffer(16);
    ByteWriter out(buffer);
    dlms::DataWriter data(out);
    data.structure(3);
    data.enum_(static_cast<std::uint8_t>(format));
    data.enum_(static_cast<std::uint8_t>(security));
    data.long_unsigned(static_cast<std::uint16_t>(interval));
    buffer.resize(out.size());
    return buffer;
}

struct Heard {
    mbus::TelegramHead head{};
    std::vector<Octets> quantities{};
    std::vector<std::int64_t> values{};
    std::vector<std::uint32_t> tariffs{};
};

class RadioBench : public Bench {
public:
    RadioBench() {
        factory.wireless_key = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
        power_up();
    }
    Octets frame() {
        EXPECT_TRUE(meter->telegram_due());
        Octets octets(mbus::kMaxFrame);
        octets.resize(meter->next_telegram(octets).value());
        EXPECT_FALSE(meter->telegram_due());
        return octets;
    }
    Heard hear(mbus::FrameFormat format = mbus::FrameFormat::a) {
        Octets telegram(mbus::kMaxTelegram);
        telegram.resize(mbus::remove_check_octets(format, frame(), telegram).value());
        const auto found = mbus::read_telegram(telegram).value();
        Octets plain(mbus::kMaxTelegram);
        plain.resize(mbus::open_records(found, factory.wireless_key, *crypto, plain).value());
        if (plain.empty()) plain.assign(found.open_records.begin(), found.open_records.end());
        Heard heard{found.head};
        ByteReader in(plain);
        while (!in.at_end()) {
            const auto record = mbus::read_record(in).value();
            if (record.filler) continue;
            heard.quantities.emplace_back(record.quantity.begin(), record.quantity.end());
            heard.values.push_back(mbus::integer_of(record));
            heard.tariffs.push_back(record.head.tariff);
        }
        return heard;
    }
};

TEST(Wireless, IsOffUntilSomebodySetsItUp) {
    RadioBench bench;
    bench.run(1000, 100);
    EXPECT_FALSE(bench.meter->telegram_due());
    EXPECT_EQ(bench.read(kUtilitySap, kSetup), setup_of(0, 7, 450));
}

TEST(Wireless, TellsWhatTheRegistersShow) {
    for (const unsigned security : {0U, 5U, 7U}) {
        RadioBench bench;
        ASSERT_EQ(bench.write(kUtilitySap, kSetup, setup_of(1, security, 60)), DataAccessResult::success);
        bench.run(7200, 1500);
        const Heard heard = bench.hear();
        EXPECT_EQ(heard.head.address.identification, 4711U);
        EXPECT_EQ(heard.head.address.manufacturer, mbus::manufacturer_code("FRS"));
        EXPECT_EQ(heard.head.address.device_type, mbus::kElectricityMeter);
        EXPECT_EQ(heard.head.status, 0);
        ASSERT_EQ(heard.values.size(), 14U);
        EXPECT_EQ(heard.quantities[1], (Octets{0x83, 0x3B}));
        EXPECT_EQ(heard.values[1], static_cast<std::int64_t>(bench.watthours(1)));
        EXPECT_EQ(heard.values[1], 3000);
        for (Rate rate = 1; rate <= kRateCount; ++rate) {
            EXPECT_EQ(heard.tariffs[1U + rate], rate);
            EXPECT_EQ(heard.values[1U + rate], static_cast<std::int64_t>(bench.watthours(1, rate))) << int{rate};
        }
        EXPECT_EQ(heard.values[8], 0) << "nothing was exported";
        EXPECT_EQ(heard.quantities[9], (Octets{0xAB, 0x3B}));
        EXPECT_EQ(heard.values[9], 1500);
        EXPECT_EQ(heard.quantities[11], (Octets{0xFD, 0x48}));
        EXPECT_EQ(heard.values[11], 2300) << "tenths of a volt";
    }
}

TEST(Wireless, SendsAtItsIntervalAndInEachFormat) {
    RadioBench bench;
    ASSERT_EQ(bench.write(kUtilitySap, kSetup, setup_of(2, 7, 60)), DataAccessResult::success);
    std::int64_t last = 0;
    int sent = 0;
    for (int second = 1; second <= 601; ++second) {
        bench.run(1, 100);
        if (!bench.meter->telegram_due()) continue;
        (void)bench.hear(mbus::FrameFormat::b);
        if (++sent > 1) {
            EXPECT_EQ(second - last, 60);
        }
        last = second;
    }
    EXPECT_EQ(sent, 11);
    ASSERT_EQ(bench.write(kUtilitySap, kSetup, setup_of(3, 7, 60)), DataAccessResult::success);
    bench.run(1, 100);
    (void)bench.hear();
}

// A counter that came twice under one key would give its secrets away.
TEST(Wireless, NoCounterComesTwiceWhateverCutsThePower) {
    RadioBench bench;
    ASSERT_EQ(bench.write(kUtilitySap, kSetup, setup_of(1, 7, 2)), DataAccessResult::success);
    std::set<std::uint32_t> seen;
    for (int cut = 0; cut < 5; ++cut) {
        for (int telegram = 0; telegram < 40; ++telegram) {
            bench.run(2, 100);
            const Heard heard = bench.hear();
            EXPECT_TRUE(seen.insert(heard.head.counter).second) << heard.head.counter;
            EXPECT_EQ(heard.head.access_number, static_cast<std::uint8_t>(heard.head.counter));
        }
        if (cut % 2 == 0) {
            ASSERT_TRUE(bench.meter->power_fail(bench.now));
        }
        bench.power_up();
        EXPECT_EQ(bench.read(kUtilitySap, kSetup), setup_of(1, 7, 2)) << "the setup outlives it";
    }
    const auto next = bench.read(kUtilitySap, kCounter);
    EXPECT_GT(dlms::DataReader(next).double_long_unsigned(), *seen.rbegin());
}

TEST(Wireless, RefusesImpossibleSetups) {
    RadioBench bench;
    const Octets good = setup_of(3, 5, 30);
    ASSERT_EQ(bench.write(kUtilitySap, kSetup, good), DataAccessResult::success);
    for (const Octets& bad : {setup_of(4, 5, 30), setup_of(1, 6, 30), setup_of(1, 5, 1), setup_of(1, 5, 3601)}) {
        EXPECT_EQ(bench.write(kUtilitySap, kSetup, bad), DataAccessResult::other_reason);
    }
    EXPECT_EQ(bench.write(kUtilitySap, kSetup, octets("1101")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kTechnicianSap, kSetup, good), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.read(kUtilitySap, kSetup), good);
}

}  // namespace
}  // namespace ferraris::meter
