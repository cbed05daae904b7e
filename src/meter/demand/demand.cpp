#include "meter/demand/demand.hpp"

#include <algorithm>

#include "meter/profile/profile_status.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kPeriodsOctets = 6;
constexpr std::uint64_t kSecondsPerHour = 3600;

constexpr std::uint32_t saturated(std::uint64_t value) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
}

/// Milliwatts over `window_s` seconds.
constexpr std::uint32_t average(std::uint64_t milliwatthours, std::uint32_t window_s) {
    return saturated(milliwatthours * kSecondsPerHour / window_s);
}

}  // namespace

void put(ByteWriter& out, const Maxima& maxima) {
    for (const auto& channels : maxima) {
        for (const Maximum& maximum : channels) {
            out.u32(maximum.milliwatts);
            out.u32(maximum.stamp);
            out.u8(maximum.status);
        }
    }
}

void take(ByteReader& in, Maxima& maxima) {
    for (auto& channels : maxima) {
        for (Maximum& maximum : channels) {
            maximum.milliwatts = in.u32();
            maximum.stamp = in.u32();
            maximum.status = in.u8();
        }
    }
}

void Demand::recover(const ParameterStore& store, std::uint32_t billing_period) {
    billing_period_ = billing_period;
    std::array<std::uint8_t, kPeriodsOctets> settings{};
    if (store.read(key_number(ParameterKey::demand_periods), settings)) {
        ByteReader in(settings);
        const DemandPeriods stored{in.u32(), in.u16()};
        if (stored.possible()) periods_ = stored;
    }
    std::array<std::uint8_t, 4 + kMaximaOctets> octets{};
    if (!store.read(key_number(ParameterKey::demand_maxima), octets)) return;
    ByteReader in(octets);
    if (in.u32() == billing_period) take(in, maxima_);
}

void Demand::begin(std::uint32_t now, const EnergyRegisters& registers, std::uint8_t status) {
    ended_ = {};
    whole_ = 0;
    start_period(now, registers);
    mark(status);
}

bool Demand::advance(std::uint32_t now, const EnergyRegisters& registers, std::uint8_t status, ParameterStore& store) {
    const std::uint32_t end = start_ - start_ % periods_.period_s + periods_.period_s;
    if (now >= start_ && now < end) return true;
    // Not to the second: energy of seconds beyond the end is in the register already, or some were never measured.
    const bool on_time = now == end;
    if (!on_time) mark(profile_status::kDataNotValid);
    close_period(on_time ? now : std::min(now, end), registers, status);
    const bool risen = whole_ >= periods_.count && raise_maxima();
    start_period(now, registers);
    if (!on_time) mark(profile_status::kDataNotValid);
    return !risen || save(store);
}

bool Demand::configure(const DemandPeriods& periods, std::uint32_t now, const EnergyRegisters& registers,
                       ParameterStore& store) {
    std::array<std::uint8_t, kPeriodsOctets> settings{};
    ByteWriter out(settings);
    out.u32(periods.period_s);
    out.u16(periods.count);
    if (!store.write(key_number(ParameterKey::demand_periods), settings)) return false;
    periods_ = periods;
    cut(now, registers, profile_status::kDataNotValid, true);
    return true;
}

void Demand::cut(std::uint32_t now, const EnergyRegisters& registers, std::uint8_t status, bool forget) {
    mark(profile_status::kDataNotValid);
    close_period(now, registers, status);
    if (forget) {
        ended_ = {};
        last_ = {};
        last_stamp_ = 0;
    }
    start_period(now, registers);
    mark(profile_status::kDataNotValid);
}

void Demand::begin_billing_period(std::uint32_t billing_period) {
    billing_period_ = billing_period;
    maxima_ = {};
}

std::uint32_t Demand::current_average(std::size_t channel, const EnergyRegisters& registers) const {
    const std::uint64_t earlier = milliwatthours_of(channel, periods_.count - 1U);
    return average(earlier + milliwatthours_since_start(channel, registers), periods_.window_s());
}

std::uint32_t Demand::start_of_current() const { return start_ - (periods_.count - 1U) * periods_.period_s; }

std::uint32_t Demand::milliwatthours_since_start(std::size_t channel, const EnergyRegisters& registers) const {
    const std::uint64_t now = registers.milliwatthours(kDemandChannels[channel].energies, 0);
    const std::uint64_t then = start_counts_[channel];
    return saturated(now >= then ? now - then : now + kRollOverMilliwatthours - then);
}

std::uint64_t Demand::milliwatthours_of(std::size_t channel, std::size_t periods) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < periods; ++i) sum += ended_[i].milliwatthours[channel];
    return sum;
}

void Demand::start_period(std::uint32_t now, const EnergyRegisters& registers) {
    start_ = now;
    rate_ = kNoRate;
    marks_ = 0;
    for (std::size_t i = 0; i < kDemandChannelCount; ++i) {
        start_counts_[i] = registers.milliwatthours(kDemandChannels[i].energies, 0);
    }
}

void Demand::close_period(std::uint32_t stamp, const EnergyRegisters& registers, std::uint8_t status) {
    std::shift_right(ended_.begin(), ended_.end(), 1);
    ended_[0].rate = rate_;
    for (std::size_t i = 0; i < kDemandChannelCount; ++i) {
        ended_[0].milliwatthours[i] = milliwatthours_since_start(i, registers);
        last_[i] = average(milliwatthours_of(i, periods_.count), periods_.window_s());
    }
    whole_ =
        marks_ == 0 ? static_cast<std::uint16_t>(std::min<unsigned>(whole_ + 1U, DemandPeriods::kMostInAWindow)) : 0;
    const std::uint8_t missing = whole_ < periods_.count ? profile_status::kDataNotValid : std::uint8_t{0};
    last_status_ = static_cast<std::uint8_t>(status | marks_ | missing);
    last_stamp_ = stamp;
}

bool Demand::raise_maxima() {
    const Rate rate = ended_[0].rate;
    const bool one_rate = rate != kSeveralRates && rate != kNoRate &&
                          std::all_of(ended_.begin(), ended_.begin() + periods_.count,
                                      [rate](const Period& period) { return period.rate == rate; });
    bool risen = false;
    const auto raise = [&](Rate tariff) {
        for (std::size_t i = 0; i < kDemandChannelCount; ++i) {
            Maximum& maximum = maxima_[tariff][i];
            if (last_[i] <= maximum.milliwatts) continue;
            maximum = {last_[i], last_stamp_, last_status_};
            risen = true;
        }
    };
    raise(0);
    if (one_rate) raise(rate);
    return risen;
}

bool Demand::save(ParameterStore& store) const {
    std::array<std::uint8_t, 4 + kMaximaOctets> octets{};
    ByteWriter out(octets);
    out.u32(billing_period_);
    put(out, maxima_);
    return store.write(key_number(ParameterKey::demand_maxima), octets);
}

}  // namespace ferraris::meter
