/// What happens to a virtual meter, and when: a table of steps, each of some changes to its world. `read_scenario`
/// makes one from a file (docs/scenarios.md), `Stage` plays it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dlms/logical_name.hpp"
#include "twin/scenario/moment.hpp"

namespace ferraris::twin::scenario {

/// What a change is of, with the unit of its value.
enum class Subject : std::uint8_t {
    // The mains and what is connected to them: `World`.
    voltage,             ///< mV
    frequency,           ///< mHz
    voltage_distortion,  ///< THD, hundredths of a percent
    current_distortion,
    power,           ///< mW; negative: export
    reactive_power,  ///< mvar
    power_factor,    ///< thousandths, positive: inductive; the reactive power follows from the power
    household,       ///< 0, 1
    solar,           ///< peak of the panels on the home's roof, W
    switch_on,       ///< row of `kAppliances`
    switch_off,
    interchanged,  ///< 0, 1: live and neutral, or the current's wires, changed places
    disturbance,   ///< mV, for `duration_ms`
    // What the board senses.
    meter_cover,  ///< 0: closed, 1: open; so the other covers
    terminal_cover,
    battery_cover,
    ripple_relay_cover,
    magnet,           ///< 0, 1
    temperature,      ///< hundredths of a degree Celsius
    battery_voltage,  ///< mV whatever the cell holds; 0: as it holds
    battery_charge,   ///< thousandths of the capacity
    battery,          ///< a fresh one
    supply_relay,     ///< 1: its contact is stuck where it is
    // What happens to the whole meter.
    mains,    ///< `MainsState`
    press,    ///< `board::Button`, for `duration_ms`
    restart,  ///< as by the watchdog: no last words, no time passes
    // What a utility does.
    set_clock,    ///< milliseconds since 1970 UTC
    shift_clock,  ///< seconds
    tariff,       ///< 1 to 6: its script is executed
    write,        ///< `request`
    execute,
};

enum class MainsState : std::uint8_t {
    off,  ///< with last words
    on,
    cut,  ///< off without last words
};

/// Of a COSEM object: an attribute to write or a method to execute, with its A-XDR.
struct CosemRequest {
    std::uint16_t class_id{0};
    dlms::LogicalName name{};
    std::int8_t number{0};
    std::vector<std::uint8_t> value{};
};

struct Change {
    Subject subject{};
    std::int64_t value{0};
    std::uint32_t duration_ms{0};
    CosemRequest request{};
};

struct Step {
    Moment at{};
    std::vector<Change> changes{};
    std::string text{};  ///< for a log: the changes as the file has them
};

struct Scenario {
    std::optional<UtcTime> start{};
    std::optional<Moment> end{};  ///< never one that repeats
    std::uint64_t seed{1};
    bool household{false};        ///< a home from the beginning
    std::vector<Change> world{};  ///< as it is from the beginning
    std::vector<Step> steps{};
};

/// A line of a file that is no scenario, with what to do.
struct Complaint {
    std::size_t line{0};
    std::string text{};
};

struct ScenarioFile {
    Scenario scenario{};
    std::vector<Complaint> complaints{};  ///< empty: the scenario is whole
};

/// `text` is TOML; `name` is its file's.
[[nodiscard]] ScenarioFile read_scenario(const std::string& text, const std::string& name);

}  // namespace ferraris::twin::scenario
