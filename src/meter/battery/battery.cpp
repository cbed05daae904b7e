#include "meter/battery/battery.hpp"

#include <algorithm>
#include <array>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kStoredRecord = 8;
constexpr std::int64_t kNanoampereSecondsAMilliamperehour = 3'600'000'000;
constexpr std::int64_t kCapacity_nAs = kBatteryCapacity_mAh * kNanoampereSecondsAMilliamperehour;

}  // namespace

void Battery::recover(const ParameterStore& store) {
    std::array<std::uint8_t, kStoredRecord> octets{};
    if (store.read(key_number(ParameterKey::battery), octets) == octets.size()) {
        ByteReader in(octets);
        record_.installed = in.u32();
        record_.use_s = in.u32();
    }
    std::array<std::uint8_t, 2> threshold{};
    if (store.read(key_number(ParameterKey::battery_threshold), threshold) == threshold.size()) {
        threshold_mv_ = ByteReader(threshold).u16();
    }
}

bool Battery::write(ParameterStore& store, const Record& record) {
    std::array<std::uint8_t, kStoredRecord> octets{};
    ByteWriter out(octets);
    out.u32(record.installed);
    out.u32(record.use_s);
    return store.write(key_number(ParameterKey::battery), octets);
}

void Battery::carried(ParameterStore& store, std::int64_t seconds) {
    if (seconds <= 0) return;
    record_.use_s = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(record_.use_s + static_cast<std::uint64_t>(seconds), UINT32_MAX));
    (void)write(store, record_);
}

bool Battery::replace(ParameterStore& store, std::uint32_t now) {
    const Record fresh{now, 0};
    if (!write(store, fresh)) return false;
    record_ = fresh;
    return true;
}

bool Battery::store_threshold(ParameterStore& store, std::uint16_t millivolts) {
    std::array<std::uint8_t, 2> octets{};
    ByteWriter(octets).u16(millivolts);
    if (!store.write(key_number(ParameterKey::battery_threshold), octets)) return false;
    threshold_mv_ = millivolts;
    return true;
}

std::int64_t Battery::charge_nas(std::int64_t seconds_in_service) const {
    const std::int64_t used = std::int64_t{record_.use_s} * kBatteryLoad_nA +
                              std::max<std::int64_t>(seconds_in_service, 0) * kBatterySelfDischarge_nA;
    return std::max<std::int64_t>(kCapacity_nAs - used, 0);
}

std::uint32_t Battery::charge_permille(std::int64_t seconds_in_service) const {
    return static_cast<std::uint32_t>(charge_nas(seconds_in_service) / (kCapacity_nAs / 1000));
}

std::uint32_t Battery::remaining_hours(std::int64_t seconds_in_service) const {
    constexpr std::int64_t kSecondsAnHour = 3600;
    return static_cast<std::uint32_t>(charge_nas(seconds_in_service) /
                                      (kSecondsAnHour * (kBatteryLoad_nA + kBatterySelfDischarge_nA)));
}

}  // namespace ferraris::meter
