#include "meter/event/limits.hpp"

#include <algorithm>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace limited {

using metrology::Measurement;

namespace {

constexpr std::int64_t kNotKnown = -1;
/// Below it nothing can be said of a voltage's shape.
constexpr std::uint32_t kLeastMillivolts = 50'000;

}  // namespace

std::int64_t voltage(const Measurement& m) { return (std::int64_t{m.voltage_millivolts} + 5) / 10; }
std::int64_t current(const Measurement& m) { return (std::int64_t{m.current_microamperes} + 500) / 1000; }
std::int64_t imported_power(const Measurement& m) { return std::max<std::int64_t>(m.active_power_milliwatts, 0); }
std::int64_t exported_power(const Measurement& m) { return std::max<std::int64_t>(-m.active_power_milliwatts, 0); }
std::int64_t frequency(const Measurement& m) {
    return m.frequency_millihertz == 0 ? kNotKnown : std::int64_t{m.frequency_millihertz};
}
std::int64_t distortion_of_voltage(const Measurement& m) {
    return m.voltage_millivolts < kLeastMillivolts ? kNotKnown : std::int64_t{m.thd_voltage_hundredths_percent};
}
std::int64_t distortion_of_current(const Measurement& m) {
    return m.active_anti_creep ? kNotKnown : std::int64_t{m.thd_current_hundredths_percent};
}
std::int64_t power_factor(const Measurement& m) {
    const std::int64_t thousandths = m.power_factor_thousandths();
    return m.active_anti_creep ? kNotKnown : std::max(thousandths, -thousandths);
}

}  // namespace limited

namespace {

using metrology::Measurement;

constexpr std::size_t kStoredLimit = 10;
constexpr auto kConditionBits = [] {
    std::array<std::uint32_t, kLimitCount> bits{};
    for (std::size_t i = 0; i < kLimitCount; ++i) bits[i] = condition_bit(kLimits[i].condition.began);
    return bits;
}();
static_assert(kLimits[kContractedPowerLimit].condition.began == Event::limiter_exceeded);

bool is_low(LimitKind kind) { return kind != LimitKind::over; }

/// Whether `value` is beyond the limit; once it was, only when it is well within again is it not.
bool is_beyond(const LimitRow& row, const Limit& limit, bool was, std::int64_t value) {
    if (limit.threshold == 0) return false;
    const std::int64_t threshold = limit.threshold;
    const std::int64_t hysteresis = was ? std::int64_t{limit.hysteresis} : 0;
    return is_low(row.kind) ? value < threshold + hysteresis
                            : value > std::max<std::int64_t>(threshold - hysteresis, 0);
}

std::uint32_t in_centiseconds(std::uint32_t seconds) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{seconds} * 100, UINT32_MAX));
}

std::int32_t as_value(std::int64_t value) {
    return static_cast<std::int32_t>(std::min<std::int64_t>(value, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

LimitMonitor::LimitMonitor() {
    for (std::size_t i = 0; i < kLimitCount; ++i) limits_[i] = kLimits[i].usual;
}

void LimitMonitor::recover(const ParameterStore& store) {
    for (std::size_t i = 0; i < kLimitCount; ++i) {
        std::array<std::uint8_t, kStoredLimit> octets{};
        if (store.read(key_number(ParameterKey::limit, i), octets) != octets.size()) continue;
        ByteReader in(octets);
        limits_[i].threshold = in.u32();
        limits_[i].hysteresis = in.u32();
        limits_[i].delay_s = in.u16();
    }
}

bool LimitMonitor::store(ParameterStore& parameters, std::size_t index, const Limit& limit) {
    std::array<std::uint8_t, kStoredLimit> octets{};
    ByteWriter out(octets);
    out.u32(limit.threshold);
    out.u32(limit.hysteresis);
    out.u16(limit.delay_s);
    if (!parameters.write(key_number(ParameterKey::limit, index), octets)) return false;
    limits_[index] = limit;
    return true;
}

void LimitMonitor::tick(const Measurement& measurement, std::uint32_t conditions, Occurrences& due,
                        const WatchedPower* contracted) {
    for (std::size_t i = 0; i < kLimitCount; ++i) {
        const LimitRow& row = kLimits[i];
        Limit limit = limits_[i];
        std::uint32_t end_delay_s = limit.delay_s;
        State& state = states_[i];
        const bool held = (conditions & kConditionBits[i]) != 0;
        if (held) ++state.active_s;
        std::int64_t value = row.quantity->value(measurement);
        if (i == kContractedPowerLimit && contracted != nullptr) {
            value = contracted->value;
            limit.threshold = contracted->threshold;
            end_delay_s = contracted->under_s;
        }
        const bool known = value >= 0 || limit.threshold == 0;
        const bool beyond = is_beyond(row, limit, held, value);
        if (known && beyond) {
            const auto now = static_cast<std::uint32_t>(value);
            const bool further = is_low(row.kind) ? now < state.extreme : now > state.extreme;
            if (!state.follows || further) state.extreme = now;
            state.follows = true;
        }
        if (!known || beyond == held) {
            state.pending_s = 0;
            if (!held) state.follows = false;
            continue;
        }
        if (++state.pending_s < (beyond ? limit.delay_s : end_delay_s) && limit.threshold != 0) continue;
        if (beyond) {
            state.active_s = state.pending_s;
            (void)due.push_back({row.condition.began, as_value(value), 0, 0});
        } else {
            state.last_duration_s = state.active_s - std::min(state.active_s, state.pending_s);
            state.last_extreme = state.extreme;
            state.follows = false;
            (void)due.push_back(
                {row.condition.ended, as_value(state.last_extreme), in_centiseconds(state.last_duration_s), 0});
        }
        state.pending_s = 0;
    }
}

}  // namespace ferraris::meter
