#include "meter/quality/voltage_quality.hpp"

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kStoredLimits = 16;
constexpr std::uint8_t kMostRowsAMinute = 12;

}  // namespace

void VoltageQuality::recover(const ParameterStore& store) {
    std::array<std::uint8_t, kStoredLimits> octets{};
    if (store.read(key_number(ParameterKey::disturbance_limits), octets) != octets.size()) return;
    ByteReader in(octets);
    limits_.sag_millivolts = in.u32();
    limits_.swell_millivolts = in.u32();
    limits_.interruption_millivolts = in.u32();
    limits_.hysteresis_millivolts = in.u32();
}

bool VoltageQuality::store(ParameterStore& parameters, const metrology::DisturbanceLimits& limits) {
    std::array<std::uint8_t, kStoredLimits> octets{};
    ByteWriter out(octets);
    out.u32(limits.sag_millivolts);
    out.u32(limits.swell_millivolts);
    out.u32(limits.interruption_millivolts);
    out.u32(limits.hysteresis_millivolts);
    if (!parameters.write(key_number(ParameterKey::disturbance_limits), octets)) return false;
    limits_ = limits;
    return true;
}

void VoltageQuality::tick(const metrology::Measurement& measurement, Occurrences& due) {
    constexpr std::uint8_t kMinute = 60;
    if (++second_ >= kMinute) second_ = told_ = 0;
    for (const metrology::Disturbance& each : measurement.disturbances) {
        last_[static_cast<std::size_t>(each.kind)] = each;
        if (told_ >= kMostRowsAMinute) continue;
        ++told_;
        (void)due.push_back({event_of(each.kind), static_cast<std::int32_t>((each.extreme_millivolts + 5) / 10),
                             each.duration_milliseconds / 10, 0});
    }
}

Event VoltageQuality::event_of(metrology::DisturbanceKind kind) {
    constexpr std::array<Event, kDisturbanceKinds> kEvents{Event::voltage_sag, Event::voltage_swell,
                                                           Event::voltage_interruption};
    return kEvents[static_cast<std::size_t>(kind)];
}

bool are_possible(const metrology::DisturbanceLimits& limits) {
    const bool sags = limits.sag_millivolts != 0;
    const bool swells = limits.swell_millivolts != 0;
    if (sags && limits.interruption_millivolts >= limits.sag_millivolts) return false;
    if (limits.hysteresis_millivolts > limits.swell_millivolts && swells) return false;
    return !sags || !swells ||
           limits.sag_millivolts + std::uint64_t{limits.hysteresis_millivolts} <= limits.swell_millivolts;
}

}  // namespace ferraris::meter
