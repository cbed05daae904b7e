/// One virtual meter: a whole meter with its flash, its load and its time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "board/flash.hpp"
#include "crypto/crypto.hpp"
#include "meter/flash_condition.hpp"
#include "meter/image/boot_loader.hpp"
#include "meter/meter.hpp"
#include "twin/load.hpp"
#include "twin/scenario/stage.hpp"

namespace ferraris::twin {

/// An image whose payload begins with this never comes up, as if it hung before its first second: for trials of the way
/// back to the old one. All other payloads are the program of this process under another version.
inline constexpr std::string_view kHangingProgram = "ferraris twin: hangs";

struct VirtualMeterSettings {
    std::string load{"household"};  ///< as for `open_load`; a scenario has its own
    LoadOptions load_options{};
    std::optional<std::filesystem::path> state{};  ///< folder of the flash; without one it is gone with the meter
    /// Without one: where the load begins, else `default_start`, but not before what `state` remembers.
    std::optional<UtcTime> start{};
    UtcTime default_start{};
    std::uint64_t serial_number{1};
    meter::FactorySettings factory{};
    std::optional<scenario::Scenario> scenario{};
    std::optional<double> crystal_ppm{};  ///< without one the board's clock has no error
    double celsius{23};
    std::function<void(const std::string&)> log{};  ///< gets a line for each step of the scenario
};

class VirtualMeter {
public:
    /// Opens load and flash and starts the meter. The error is one line that says what to do. `crypto` outlives it.
    [[nodiscard]] static Result<std::unique_ptr<VirtualMeter>, std::string> open(const VirtualMeterSettings& settings,
                                                                                 Crypto& crypto);

    /// At one address always, also where the scenario takes its power away and gives it back.
    [[nodiscard]] meter::Meter& device() { return stage_.device(); }
    /// What the flash held before the meter started from it.
    [[nodiscard]] const meter::FlashCondition& found() const { return found_; }
    /// The time of mains and load; the meter's own clock may have been set to another.
    [[nodiscard]] UtcTime now() const { return stage_.now(); }
    [[nodiscard]] scenario::Stage& stage() { return stage_; }
    /// Relay 1, which the load is behind, and relay 2.
    [[nodiscard]] RelayModel& supply_relay() { return stage_.supply_relay(); }
    [[nodiscard]] RelayModel& ripple_relay() { return stage_.ripple_relay(); }
    /// Where a load or a scenario that does not go on for ever is over.
    [[nodiscard]] std::optional<UtcTime> load_end() const { return load_ ? load_->end() : end_; }

    /// Meters the next `seconds`, as fast as the machine can.
    void advance(std::int64_t seconds) { stage_.run(seconds); }
    /// The same, but not beyond the second in which a push comes due. How many seconds passed.
    std::int64_t advance_to_push(std::int64_t seconds) { return stage_.run_to_push(seconds); }
    /// Where the meter stands between two seconds: its clock then answers to the millisecond. `milliseconds` after
    /// `now()`, below a second.
    void observe(std::int64_t milliseconds) {
        // What is left of a meter without power still has a glass, which goes by time.
        if (stage_.is_powered() || !stage_.device().instrument().display.has_mains()) {
            stage_.device().observe({stage_.board().milliseconds + milliseconds});
        }
    }
    /// How often power has come; nothing while there is none.
    [[nodiscard]] std::optional<std::uint32_t> power() const {
        return stage_.is_powered() ? std::optional(stage_.power_ups()) : std::nullopt;
    }
    /// Power goes: everything pending is in the flash when this returns true.
    [[nodiscard]] bool power_fail() { return stage_.power_fail(); }

private:
    VirtualMeter(std::unique_ptr<board::Flash> flash, std::unique_ptr<Load> load, UtcTime start, Crypto& crypto,
                 const VirtualMeterSettings& settings, const meter::FlashCondition& found);

    meter::FlashCondition found_;
    std::unique_ptr<board::Flash> flash_;
    std::unique_ptr<Load> load_;
    scenario::Stage stage_;
    std::optional<UtcTime> end_{};  ///< of the scenario
};

}  // namespace ferraris::twin
