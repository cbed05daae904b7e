#include "twin/load.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numbers>

#include "crypto/openssl.hpp"
#include "dlms/date_time.hpp"
#include "meter/meter.hpp"
#include "meter/store/layout.hpp"
#include "shared.hpp"
#include "twin/flash_memory.hpp"
#include "twin/household.hpp"
#include "twin/load_minutes.hpp"
#include "twin/load_waveform.hpp"
#include "twin/simulation.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

using metrology::Energy;

/// A meter on flash in memory, started at `from`.
struct Twin {
    explicit Twin(UtcTime from) { EXPECT_TRUE(meter.start(from)); }
    std::uint64_t watthours(meter::EnergyMask energies, meter::Rate rate = 0) const {
        return meter.instrument().registers.milliwatthours(energies, rate) / 1000;
    }

    FlashMemory flash{meter::kFlashSectors, meter::kSectorSize};
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    meter::Meter meter{flash, *crypto, meter::MeterIdentity::from_serial_number(1), test_factory_settings()};
};

std::filesystem::path write_file(const std::string& name, const std::string& text) {
    const auto path = std::filesystem::path(::testing::TempDir()) / name;
    std::ofstream(path) << text;
    return path;
}

std::string error_of(const std::string& text) {
    const auto path = write_file("bad.csv", text);
    const auto load = MinutesLoad::open(path);
    if (load) return "no error";
    return load.error().substr(path.parent_path().string().size() + 1);
}

constexpr const char* kHead =
    "Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;Sub_metering_1;Sub_metering_2;"
    "Sub_metering_3\n";
constexpr const char* kRow = "16/12/2006;17:24:00;4.216;0.418;234.840;18.400;0.000;1.000;17.000\n";

TEST(MinutesLoad, SaysWhereAndWhyARowIsBad) {
    const std::string good = std::string(kHead) + kRow;
    EXPECT_EQ(error_of(""), "bad.csv:1: no minute in it; give a file with rows");
    EXPECT_EQ(error_of(good + "16/12/2006;17:25:00;4.216\n"), "bad.csv:3: not 9 fields with semicolons between them");
    EXPECT_EQ(error_of(good + "16/12/2006;17:25:00;?;0.4;234;18;0;1;17\n"),
              "bad.csv:3: field 3: \"?\" is no number of at most 6 decimals");
    EXPECT_EQ(error_of(good + "31/02/2006;17:25:00;4.2;0.4;234;18;0;1;17\n"),
              "bad.csv:3: \"31/02/2006 17:25:00\" is no date and whole minute like 16/12/2006 17:24:00");
    EXPECT_EQ(error_of(good + "16/12/2006;17:27:00;4.2;0.4;234;18;0;1;17\n"),
              "bad.csv:3: this minute does not follow the one before; fill the gap or cut the file");
    EXPECT_EQ(error_of(good + "16/12/2006;17:25:00;4200;0.4;234;18;0;1;17\n"),
              "bad.csv:3: field 3: 4200 is more than a household meter measures");
    EXPECT_EQ(error_of(good + "16/12/2006;17:25:00;4.2;0.4;-234;18;0;1;17\n"),
              "bad.csv:3: field 5: -234 is less than zero");
    // Columns that the meter does not use.
    EXPECT_EQ(error_of(good + "16/12/2006;17:25:00;4.2;0.4;234;18;x.000;1;17\n"),
              "bad.csv:3: field 7: \"x.000\" is no number of at most 3 decimals");
    EXPECT_EQ(error_of(good + "16/12/2006;17:25:00;4.2;0.4;234;18;0;1;\n"),
              "bad.csv:3: field 9: \"\" is no number of at most 3 decimals");
    EXPECT_EQ(error_of(good + "16/12/2006;17:25:00;4.2;0.4;234;18;0;-1;17\n"),
              "bad.csv:3: field 8: -1 is less than zero");
    EXPECT_FALSE(MinutesLoad::open("/nonexistent.csv"));
    EXPECT_FALSE(open_load("fridge", {}));
}

TEST(MinutesLoad, IsConstantWithinAMinuteAndLoops) {
    const auto path =
        write_file("good.csv", std::string(kHead) + kRow + "16/12/2006;17:25:00;-1.000;-0.500;231.000;4.800;0;0;0\r\n");
    auto load = MinutesLoad::open(path);
    ASSERT_TRUE(load) << load.error();
    const UtcTime begin = *load->begin();
    EXPECT_EQ(begin, utc_from_civil({2006, 12, 16, 17, 24, 0, 0}));
    const auto at = [&](std::int64_t second) { return load->second({begin.milliseconds + second * 1000}); };
    for (const std::int64_t second : {1, 60, 121, 180, -119, -60}) {
        const auto measurement = at(second);
        EXPECT_EQ(measurement.active_power_milliwatts, 4'216'000) << second;
        EXPECT_EQ(measurement.energy[Energy::active_import], 4'216'000'000U);
        EXPECT_EQ(measurement.energy[Energy::reactive_q1], 418'000'000U);
        EXPECT_EQ(measurement.voltage_millivolts, 234'840U);
        EXPECT_EQ(measurement.current_microamperes, 18'400'000U);
        EXPECT_EQ(measurement.quadrant, metrology::Quadrant::q1);
    }
    for (const std::int64_t second : {61, 120, 240, 0, -59}) {
        const auto measurement = at(second);
        EXPECT_EQ(measurement.energy[Energy::active_export], 1'000'000'000U) << second;
        EXPECT_EQ(measurement.energy[Energy::reactive_q3], 500'000'000U);
        EXPECT_EQ(measurement.energy[Energy::active_import], 0U);
        EXPECT_EQ(measurement.quadrant, metrology::Quadrant::q3);
    }
}

TEST(MinutesLoad, RegistersAndProfileEqualTheFilesOwnIntegral) {
    FERRARIS_NEEDS_SHARED("data/household_minutes.csv");
    auto load = MinutesLoad::open(testing::shared("data/household_minutes.csv"));
    ASSERT_TRUE(load) << load.error();
    Twin twin(*load->begin());
    Simulation simulation(twin.meter, *load, *load->begin());
    const auto minutes = static_cast<std::int64_t>(load->minutes().size());
    simulation.run(minutes * 60);

    // The integral, in double precision, straight from the file: kWh/60 a minute.
    std::ifstream file(testing::shared("data/household_minutes.csv"));
    std::string line;
    std::getline(file, line);
    double active_wh = 0;
    double reactive_varh = 0;
    std::map<std::int64_t, std::pair<double, double>> at_minute;
    for (std::int64_t minute = 0; std::getline(file, line); ++minute) {
        const std::size_t third = line.find(';', line.find(';') + 1) + 1;
        char* rest = nullptr;
        active_wh += std::strtod(line.c_str() + third, &rest) * 1000 / 60;
        reactive_varh += std::strtod(rest + 1, nullptr) * 1000 / 60;
        at_minute[load->begin()->seconds() / 60 + minute + 1] = {active_wh, reactive_varh};
    }
    EXPECT_NEAR(static_cast<double>(twin.watthours(meter::mask_of(Energy::active_import))), active_wh, 1.0);
    EXPECT_NEAR(static_cast<double>(twin.watthours(meter::mask_of(Energy::reactive_q1))), reactive_varh, 1.0);

    const meter::Profile& profile = twin.meter.instrument().profiles[meter::ProfileIndex::load];
    const meter::RowSpan rows = profile.all();
    EXPECT_EQ(rows.span, static_cast<std::uint32_t>((load->begin()->seconds() + minutes * 60) / 900 -
                                                    load->begin()->seconds() / 900));
    for (std::uint32_t i = 0; i < rows.span; ++i) {
        meter::ProfileRow row;
        ASSERT_TRUE(profile.read(rows.first + i, row));
        EXPECT_EQ(row.status, 0);
        const auto [active, reactive] = at_minute.at(row.stamp / 60);
        // Six channels of eight octets.
        ByteReader values(row.octets);
        EXPECT_NEAR(static_cast<double>(values.u64()), active, 1.0);
        values.skip(8);
        EXPECT_NEAR(static_cast<double>(values.u64()), reactive, 1.0);
    }
}

TEST(Household, IsPlausibleAndTheSameForTheSameSeed) {
    const UtcTime from = utc_from_civil({2026, 3, 2, 0, 0, 0, 0});
    constexpr std::int64_t kDays = 28;
    double least = 1e9;
    double most = 0;
    double total = 0;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        Household one(seed);
        Household other(seed);
        for (std::int64_t day = 0; day < kDays; ++day) {
            double energy = 0;
            for (std::int64_t second = 1; second <= 86'400; ++second) {
                const UtcTime end{from.milliseconds + (day * 86'400 + second) * 1000};
                const auto measurement = one.second(end);
                energy += static_cast<double>(measurement.energy[Energy::active_import]) / 3.6e12;
                ASSERT_GT(measurement.active_power_milliwatts, 40'000);
                ASSERT_LT(measurement.active_power_milliwatts, 14'000'000);
                ASSERT_GT(measurement.voltage_millivolts, 205'000U);
                ASSERT_LT(measurement.voltage_millivolts, 235'000U);
                if (second % 1009 == 0) {
                    ASSERT_EQ(other.second(end).energy.microjoules, measurement.energy.microjoules);
                }
            }
            least = std::min(least, energy);
            most = std::max(most, energy);
            total += energy;
        }
    }
    const double mean = total / (3 * kDays);
    RecordProperty("mean_kwh_per_day", std::to_string(mean));
    EXPECT_GT(mean, 8);
    EXPECT_LT(mean, 12);
    EXPECT_GT(least, 5);
    EXPECT_LT(most, 16);
    EXPECT_NE(Household(1).second(from).energy.microjoules, Household(2).second(from).energy.microjoules);
}

TEST(Household, ExportsWhenTheSunShinesOnItsPanels) {
    Household home(1, 5000);
    const UtcTime noon = utc_from_civil({2026, 6, 14, 11, 0, 0, 0});
    std::uint64_t exported = 0;
    for (std::int64_t second = 1; second <= 3600; ++second) {
        exported += home.second({noon.milliseconds + second * 1000}).energy[Energy::active_export];
    }
    EXPECT_GT(exported, 1000 * std::uint64_t{3'600'000'000});
    const UtcTime midnight = utc_from_civil({2026, 6, 14, 23, 0, 0, 0});
    EXPECT_EQ(home.second(midnight).energy[Energy::active_export], 0U);
}

TEST(WaveformLoad, AgreesWithTheSecondBySecondDepth) {
    FERRARIS_NEEDS_SHARED("data/waveforms/manifest.json");
    const auto manifest = testing::shared_json("data/waveforms/manifest.json");
    const WaveformScale scale{manifest["sample_rate_hz"], manifest["amps_per_count"], manifest["volts_per_count"]};
    for (const std::string name : {"electric_kettle_1", "refrigerator_1", "television_1"}) {
        auto samples = read_waveform(testing::shared("data/waveforms/" + name + ".i16"));
        ASSERT_TRUE(samples) << samples.error();
        auto load = WaveformLoad::make(*samples, scale);
        ASSERT_TRUE(load) << load.error();
        const UtcTime from = utc_from_civil({2026, 1, 1, 12, 0, 0, 0});
        Twin deep(from);
        Simulation(deep.meter, *load, from).run(60);

        // The same powers as a load of one second after the other, from the recording's means.
        const auto means = measure_waveform(*samples, scale);
        ASSERT_TRUE(means) << means.error();
        struct Constant final : Load {
            Mains mains;
            metrology::Measurement second(UtcTime) override { return measure_second(mains); }
        } constant;
        constant.mains.active_power_milliwatts = means->averages.active_power_microwatts / 1000;
        constant.mains.reactive_power_millivars = means->averages.reactive_power_microvars / 1000;
        // Below the starting current, 25 mA, the metrology registers no reactive energy.
        const double volts = static_cast<double>(means->averages.voltage_microvolts) / 1e6;
        if (std::abs(static_cast<double>(constant.mains.reactive_power_millivars)) < 25 * volts) {
            constant.mains.reactive_power_millivars = 0;
        }
        Twin shallow(from);
        Simulation(shallow.meter, constant, from).run(60);
        for (const Energy energy : {Energy::active_import, Energy::reactive_q1, Energy::reactive_q4}) {
            const auto a =
                static_cast<double>(deep.meter.instrument().registers.milliwatthours(meter::mask_of(energy), 0));
            const auto b =
                static_cast<double>(shallow.meter.instrument().registers.milliwatthours(meter::mask_of(energy), 0));
            // The processor registers whole windows of a fifth of a second, the first after it has found the mains:
            // half a second of sixty may still be in it; and 10 mWh are for a load that drifts within its recording.
            EXPECT_NEAR(a, b, 0.01 * b + 10) << name;
        }
    }
}

/// The very first second of a recording at 60 Hz is as good as any: the load knows its frequency before it begins.
TEST(WaveformLoad, IsRightFromTheFirstSecondAtSixtyHertz) {
    std::vector<WaveformSample> samples;
    for (int k = 0; k < 3000; ++k) {
        // A hundred samples a cycle: the loop has no seam.
        const double angle = 2 * std::numbers::pi * 60 * k / 6000 + 1;
        samples.push_back({static_cast<std::int16_t>(std::lround(2000 * std::sin(angle - 1))),
                           static_cast<std::int16_t>(std::lround(16'000 * std::sin(angle)))});
    }
    auto load = WaveformLoad::make(samples, {6000, 0.005, 0.02});
    ASSERT_TRUE(load) << load.error();
    const metrology::Measurement first = load->second({});
    EXPECT_LE(first.thd_voltage_hundredths_percent, 20U);
    const double var = 16'000 * 0.02 * 2000 * 0.005 / 2 * std::sin(1.0);
    EXPECT_NEAR(static_cast<double>(first.reactive_power_millivars) / 1000, var, var * 5e-4);
}

TEST(Simulation, RunsADayInLessThanTwoSeconds) {
    const UtcTime from = utc_from_civil({2026, 1, 1, 0, 0, 0, 0});
    Twin twin(from);
    Household home(1);
    const auto begin = std::chrono::steady_clock::now();
    Simulation(twin.meter, home, from).run(86'400);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    RecordProperty("seconds", std::to_string(took.count()));
    EXPECT_LT(took.count(), 2.0);
    EXPECT_EQ(twin.meter.instrument().profiles[meter::ProfileIndex::load].entries_in_use(), 96U);
}

}  // namespace
}  // namespace ferraris::twin
