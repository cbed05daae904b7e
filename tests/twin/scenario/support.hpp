/// A stage on flash in memory, and what its meter wrote down.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "crypto/openssl.hpp"
#include "meter/profile/profile_status.hpp"
#include "meter/store/layout.hpp"
#include "twin/flash_memory.hpp"
#include "twin/scenario/stage.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin::scenario::testing {

/// A row of an event log with its default columns.
struct LoggedEvent {
    std::uint32_t stamp{0};
    meter::Event event{};
    std::int32_t value{0};
    std::uint32_t duration_cs{0};
};

/// A row of the load profile with its default columns.
struct LoadRow {
    std::uint32_t stamp{0};
    std::uint8_t status{0};
    std::uint64_t import_wh{0};
    std::uint64_t export_wh{0};
};

inline constexpr std::array kLogs{meter::ProfileIndex::standard_log,      meter::ProfileIndex::tou_log,
                                  meter::ProfileIndex::fraud_log,         meter::ProfileIndex::power_quality_log,
                                  meter::ProfileIndex::communication_log, meter::ProfileIndex::disconnector_log};

/// All rows of a profile, oldest first; `take(row)` for each.
template <class Take>
void each_row(const meter::Instrument& instrument, meter::ProfileIndex index, Take&& take) {
    const meter::Profile& profile = instrument.profiles[index];
    const meter::RowSpan rows = profile.all();
    meter::ProfileRow row;
    for (std::uint32_t i = 0; i < rows.span; ++i) {
        if (profile.read(rows.first + i, row)) take(row);
    }
}

inline LoggedEvent event_of(const meter::ProfileRow& row) {
    ByteReader in(row.octets);
    LoggedEvent event;
    event.stamp = row.stamp;
    event.event = static_cast<meter::Event>(in.u8());
    event.value = static_cast<std::int32_t>(in.u32());
    event.duration_cs = in.u32();
    return event;
}

inline std::vector<LoggedEvent> events_of(const meter::Instrument& instrument, meter::ProfileIndex log) {
    std::vector<LoggedEvent> events;
    each_row(instrument, log, [&](const meter::ProfileRow& row) { events.push_back(event_of(row)); });
    return events;
}

inline std::vector<LoadRow> load_rows(const meter::Instrument& instrument) {
    std::vector<LoadRow> rows;
    each_row(instrument, meter::ProfileIndex::load, [&](const meter::ProfileRow& row) {
        ByteReader in(row.octets);
        const std::uint64_t import_wh = in.u64();
        rows.push_back({row.stamp, row.status, import_wh, in.u64()});
    });
    return rows;
}

inline std::string text_of_file(const std::string& path) {
    std::ifstream in(path);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// One of examples/scenarios, without a complaint.
inline Scenario scenario_of_library(const std::string& name) {
    const std::string path = std::string(FERRARIS_SOURCE) + "/examples/scenarios/" + name + ".toml";
    ScenarioFile file = read_scenario(text_of_file(path), path);
    for (const Complaint& each : file.complaints) ADD_FAILURE() << path << ":" << each.line << ": " << each.text;
    return std::move(file.scenario);
}

inline StageSettings stage_settings() {
    StageSettings settings;
    settings.identity = meter::MeterIdentity::from_serial_number(1);
    settings.factory = test_factory_settings();
    return settings;
}

/// Plays a scenario on fresh flash.
class Played {
public:
    explicit Played(const Scenario& scenario)
        : start(scenario.start.value_or(UtcTime::from_seconds(1'767'571'200))),
          stage(flash, *crypto, stage_settings(), scenario, nullptr, start) {
        EXPECT_TRUE(stage.start());
        if (scenario.end) run_until(*scenario.end->first(start));
    }
    void run_until(UtcTime end) { stage.run(end.seconds() - stage.now().seconds()); }

    [[nodiscard]] const meter::Instrument& instrument() { return stage.device().instrument(); }
    [[nodiscard]] std::vector<LoggedEvent> events(meter::ProfileIndex log) { return events_of(instrument(), log); }
    /// Events with the seconds after the beginning at which they were noticed.
    [[nodiscard]] std::vector<std::pair<std::int64_t, meter::Event>> timed(meter::ProfileIndex log) {
        std::vector<std::pair<std::int64_t, meter::Event>> found;
        for (const LoggedEvent& each : events(log)) found.emplace_back(each.stamp - start.seconds(), each.event);
        return found;
    }
    [[nodiscard]] std::uint64_t watthours(metrology::Energy energy, meter::Rate rate = 0) {
        return instrument().registers.milliwatthours(meter::mask_of(energy), rate) / 1000;
    }
    [[nodiscard]] std::vector<std::uint8_t> octets() const {
        std::vector<std::uint8_t> all(flash.size());
        EXPECT_TRUE(flash.read(0, all));
        return all;
    }

    UtcTime start;
    FlashMemory flash{meter::kFlashSectors, meter::kSectorSize};
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    Stage stage;
};

}  // namespace ferraris::twin::scenario::testing
