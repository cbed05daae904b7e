#include "twin/scenario/world.hpp"

#include <algorithm>
#include <cmath>

#include "metrology/magnitude.hpp"
#include "twin/household.hpp"

namespace ferraris::twin::scenario {
namespace {

constexpr std::uint32_t kMillisecondsASecond = 1000;
constexpr std::uint32_t kNominalMillivolts = 230'000;
constexpr std::uint32_t kNominalMillihertz = 50'000;

metrology::DisturbanceTracker::Thresholds thresholds_of(const metrology::DisturbanceLimits& limits) {
    metrology::DisturbanceTracker::Thresholds thresholds;
    if (limits.sag_millivolts != 0) {
        thresholds.sag = limits.sag_millivolts;
        thresholds.sag_end = limits.sag_millivolts + limits.hysteresis_millivolts;
        thresholds.interruption = limits.interruption_millivolts;
    }
    if (limits.swell_millivolts != 0) {
        thresholds.swell = limits.swell_millivolts;
        thresholds.swell_end = limits.swell_millivolts - limits.hysteresis_millivolts;
    }
    return thresholds;
}

}  // namespace

World::World(Load* base, std::uint64_t seed) : base_(base), seed_(seed) { tracker_.set(thresholds_of(limits_)); }

void World::apply(const Change& change) {
    const auto number = static_cast<std::uint32_t>(change.value);
    switch (change.subject) {
        case Subject::voltage:
            millivolts_ = number;
            break;
        case Subject::frequency:
            millihertz_ = number;
            break;
        case Subject::voltage_distortion:
            voltage_distortion_ = number;
            break;
        case Subject::current_distortion:
            current_distortion_ = number;
            break;
        case Subject::power:
            milliwatts_ = change.value;
            follow_power_factor();
            break;
        case Subject::reactive_power:
            millivars_ = change.value;
            power_factor_thousandths_ = 0;
            break;
        case Subject::power_factor:
            power_factor_thousandths_ = change.value;
            follow_power_factor();
            break;
        case Subject::household:
            household_ = change.value != 0;
            rebuild_home();
            break;
        case Subject::solar:
            solar_watts_ = number;
            rebuild_home();
            break;
        case Subject::switch_on:
        case Subject::switch_off:
            on_[static_cast<std::size_t>(change.value)] = change.subject == Subject::switch_on;
            break;
        case Subject::interchanged:
            interchanged_ = change.value != 0;
            break;
        case Subject::disturbance:
            dips_.push_back({number, change.duration_ms});
            break;
        default:
            break;
    }
}

void World::rebuild_home() { home_ = household_ ? std::make_unique<Household>(seed_, solar_watts_) : nullptr; }

// Q = |P| tan(acos(PF)); a power factor of 0 would have no active power to go by.
void World::follow_power_factor() {
    if (power_factor_thousandths_ == 0) return;
    const double factor = static_cast<double>(power_factor_thousandths_) / 1000;
    const double size = std::abs(static_cast<double>(milliwatts_)) * std::sqrt(1 - factor * factor) / std::abs(factor);
    millivars_ = std::llround(factor < 0 ? -size : size);
}

void World::set_disturbance_limits(const metrology::DisturbanceLimits& limits) {
    limits_ = limits;
    tracker_.set(thresholds_of(limits));
    if (base_ != nullptr) base_->set_disturbance_limits(limits);
}

metrology::Measurement World::base_second(UtcTime end) {
    if (base_ != nullptr) return base_->second(end);
    if (home_) return home_->second(end);
    Mains mains;
    mains.voltage_millivolts = kNominalMillivolts;
    mains.frequency_millihertz = kNominalMillihertz;
    return measure_second(mains);
}

bool World::adds_nothing() const {
    return millivolts_ == 0 && millihertz_ == 0 && voltage_distortion_ == 0 && current_distortion_ == 0 &&
           milliwatts_ == 0 && millivars_ == 0 && !interchanged_ && dips_.empty() && !tracker_.is_disturbed() &&
           std::ranges::none_of(on_, [](bool on) { return on; });
}

metrology::Measurement World::second(UtcTime end) {
    const metrology::Measurement base = base_second(end);
    if (adds_nothing()) return base;
    Mains mains;
    mains.voltage_millivolts = millivolts_ != 0 ? millivolts_ : base.voltage_millivolts;
    mains.frequency_millihertz = millihertz_ != 0 ? millihertz_ : base.frequency_millihertz;
    mains.active_power_milliwatts = base.active_power_milliwatts + milliwatts_;
    mains.reactive_power_millivars = base.reactive_power_millivars + millivars_;
    for (std::size_t i = 0; i < kAppliances.size(); ++i) {
        if (!on_[i]) continue;
        mains.active_power_milliwatts += kAppliances[i].milliwatts;
        mains.reactive_power_millivars += kAppliances[i].millivars;
    }
    if (interchanged_) {
        mains.active_power_milliwatts = -mains.active_power_milliwatts;
        mains.reactive_power_millivars = -mains.reactive_power_millivars;
    }
    metrology::Measurement measurement = measure_second(mains);
    measurement.thd_voltage_hundredths_percent = voltage_distortion_;
    measurement.thd_current_hundredths_percent = current_distortion_;
    measurement.disturbances = base.disturbances;
    track_voltage(measurement);
    return measurement;
}

// The dips come at the beginning of the second, as cycles of their own would; the rest is at its steady voltage.
void World::track_voltage(metrology::Measurement& measurement) {
    const std::uint32_t steady = measurement.voltage_millivolts;
    std::uint32_t left = kMillisecondsASecond;
    std::uint64_t squares = 0;
    const auto pass = [&](std::uint32_t millivolts, std::uint32_t milliseconds) {
        left -= milliseconds;
        squares += std::uint64_t{millivolts} * millivolts / kMillisecondsASecond * milliseconds;
        measurement.least_cycle_millivolts = std::min(measurement.least_cycle_millivolts, millivolts);
        measurement.greatest_cycle_millivolts = std::max(measurement.greatest_cycle_millivolts, millivolts);
        const auto ended = tracker_.add(millivolts, milliseconds);
        if (!ended.any) return;
        measurement.disturbances.add(
            {ended.kind, static_cast<std::uint32_t>(ended.extreme), static_cast<std::uint32_t>(ended.duration)});
    };
    while (!dips_.empty() && left != 0) {
        Dip& dip = dips_.front();
        const std::uint32_t now = std::min(dip.milliseconds, left);
        pass(dip.millivolts, now);
        dip.milliseconds -= now;
        if (dip.milliseconds == 0) dips_.erase(dips_.begin());
    }
    const bool whole = left == kMillisecondsASecond;
    if (left != 0) pass(steady, left);
    if (!whole) measurement.voltage_millivolts = static_cast<std::uint32_t>(metrology::square_root(squares));
}

}  // namespace ferraris::twin::scenario
