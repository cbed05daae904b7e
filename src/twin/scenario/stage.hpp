/// A meter on its board, in a world that a scenario changes: mains, load, clock, battery, covers, and the loss of
/// power, after which only the flash, the board's clock and what it latched are left. Everything follows from scenario,
/// seed and flash; no thread, no wall clock.
///
///     twin::scenario::Stage stage(flash, crypto, settings, scenario, nullptr, start);
///     if (!stage.start()) ...                 // the flash does not answer
///     stage.run(86'400);                      // a day
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "meter/image/boot_loader.hpp"
#include "meter/meter.hpp"
#include "twin/backup_battery.hpp"
#include "twin/real_time_clock.hpp"
#include "twin/relay_model.hpp"
#include "twin/scenario/world.hpp"
#include "twin/watchdog.hpp"

namespace ferraris::twin::scenario {

/// A clock without any error, which no board has.
[[nodiscard]] CrystalSettings ideal_crystal();
/// One that is `ppm` too fast at 25 °C, compensated as well as its thermometer allows.
[[nodiscard]] CrystalSettings crystal_of(double ppm);

struct StageSettings {
    meter::MeterIdentity identity{};
    /// What runs, asked each time that the meter starts; without it there is no boot loader, and always `identity`.
    std::function<meter::MeterIdentity(meter::BootLoader&)> program{};
    /// What the meter checks of its program; it outlives the stage. Null: nothing.
    const board::Program* code{nullptr};
    meter::FactorySettings factory{};
    CrystalSettings crystal{ideal_crystal()};
    double celsius{23};
    CellSettings cell{};
};

class Stage {
public:
    /// Flash, crypto and `base` outlive it; `base` null: the scenario has the load.
    Stage(board::Flash& flash, Crypto& crypto, const StageSettings& settings, Scenario scenario, Load* base,
          UtcTime start);

    /// Gets one line for each step. Before `start`.
    void on_step(std::function<void(const std::string&)> log) { log_ = std::move(log); }
    /// Power comes for the first time. False: the flash does not answer.
    [[nodiscard]] bool start();

    void run_second();
    void run(std::int64_t seconds) {
        for (std::int64_t i = 0; i < seconds; ++i) run_second();
    }
    /// The same, but not beyond the second in which a push or a telegram comes due. How many seconds passed.
    std::int64_t run_to_push(std::int64_t seconds);
    /// At once, as a step would.
    void apply(const Change& change);
    /// A finger comes down on a button, or lets it go. Without mains the display button lights the glass of a meter
    /// that had its last words, as long as the battery holds.
    void hold(board::Button button, bool down);
    /// Last words, where there is power. Everything pending is in the flash when this returns true.
    [[nodiscard]] bool power_fail();

    /// At one address always; while the mains are away it is what is left of the meter that lost power.
    [[nodiscard]] meter::Meter& device() { return *meter_; }
    [[nodiscard]] bool is_powered() const { return powered_; }
    /// How often power has come.
    [[nodiscard]] std::uint32_t power_ups() const { return power_ups_; }
    /// The flash answered each time that power came.
    [[nodiscard]] bool is_well() const { return well_; }
    /// How often the meter refused what the scenario wanted of it: a time, a script, a request.
    [[nodiscard]] std::uint32_t refusals() const { return refusals_; }
    /// The true time, of mains and load.
    [[nodiscard]] UtcTime now() const { return now_; }
    /// What the board's clock shows.
    [[nodiscard]] UtcTime board() const { return clock_.now(); }
    /// Relay 1, which the load is behind, and relay 2: they stay as they are without power.
    [[nodiscard]] RelayModel& supply_relay() { return supply_relay_; }
    [[nodiscard]] RelayModel& ripple_relay() { return ripple_relay_; }
    [[nodiscard]] const BackupBattery& battery() const { return battery_; }
    [[nodiscard]] const World& world() const { return world_; }
    /// What the board senses, as it is now.
    [[nodiscard]] const board::Inputs& inputs() const { return inputs_; }
    [[nodiscard]] double celsius() const { return celsius_; }
    /// A fault: the meter's program hangs, until the watchdog bites.
    void hang() { hangs_ = true; }
    /// A fault: the front end gives no samples.
    void fail_front_end(bool failed) { front_end_failed_ = failed; }
    /// What the last second was, where there was power.
    [[nodiscard]] const metrology::Measurement& last_second() const { return last_second_; }

private:
    struct Due {
        UtcTime at{};
        std::size_t step{0};
        /// The earliest on top; of the same time, in the order of the file.
        friend bool operator<(const Due& a, const Due& b) { return a.at != b.at ? a.at > b.at : a.step > b.step; }
    };

    void apply_due_steps();
    void press(board::Button button, std::int64_t milliseconds);
    void release_buttons();
    void apply_to_board(const Change& change);
    void set_input(board::Input input, bool active);
    void sense_battery();
    [[nodiscard]] bool power_up();
    [[nodiscard]] bool start_meter();
    void lose_power(bool last_words);
    void demand(bool granted) { refusals_ += granted ? 0U : 1U; }
    [[nodiscard]] bool set_meter_clock(UtcTime utc);
    [[nodiscard]] bool select_tariff(std::uint8_t tariff);
    [[nodiscard]] bool request(Subject subject, const CosemRequest& request);

    board::Flash& flash_;
    Crypto& crypto_;
    StageSettings settings_;
    Scenario scenario_;
    World world_;
    RealTimeClock clock_;
    BackupBattery battery_;
    std::priority_queue<Due> due_{};
    std::function<void(const std::string&)> log_{};
    RelayModel supply_relay_{};
    RelayModel ripple_relay_{};
    std::array<std::optional<UtcTime>, board::kButtonCount> pressed_until_{};
    Watchdog watchdog_{};
    meter::BootLoader boot_;
    std::optional<meter::Meter> meter_{};  ///< since `start`
    metrology::Measurement last_second_{};
    metrology::DisturbanceLimits limits_{};  ///< that the world knows
    board::Inputs inputs_{};
    board::LatchedChanges latched_{};
    UtcTime now_;
    double celsius_;
    std::uint32_t forced_millivolts_{0};
    std::uint32_t power_ups_{0};
    std::uint32_t refusals_{0};
    bool hangs_{false};
    bool front_end_failed_{false};
    bool powered_{false};
    bool well_{true};
};

}  // namespace ferraris::twin::scenario
