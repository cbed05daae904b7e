#include "meter/disconnect/supply_schedule.hpp"

#include "meter/schedule/execution_times.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::int64_t kDay_s = 86'400;
constexpr std::array<std::uint8_t, 2> kNoTimes{static_cast<std::uint8_t>(dlms::DataTag::array), 0};

}  // namespace

void SupplySchedule::recover(const ParameterStore& store) {
    std::array<std::uint8_t, 1> script{};
    if (store.read(key_number(ParameterKey::supply_script), script) == script.size()) script_ = script[0];
    std::array<std::uint8_t, 8> stamp{};
    if (store.read(key_number(ParameterKey::supply_script_done), stamp) == stamp.size()) {
        done_s_ = static_cast<std::int64_t>(ByteReader(stamp).u64());
    }
}

ByteView SupplySchedule::times(const ParameterStore& store, Times& buffer) {
    const auto size = store.read(key_number(ParameterKey::supply_schedule), buffer);
    return size ? ByteView(buffer).first(*size) : ByteView(kNoTimes);
}

bool SupplySchedule::store_script(ParameterStore& store, std::uint8_t script) {
    const std::array<std::uint8_t, 1> octets{script};
    if (!store.write(key_number(ParameterKey::supply_script), octets)) return false;
    script_ = script;
    return true;
}

bool SupplySchedule::store_times(ParameterStore& store, ByteView times, const MeterClock& clock) {
    if (!store.write(key_number(ParameterKey::supply_schedule), times)) return false;
    refresh(store, clock, clock.seconds());
    return true;
}

void SupplySchedule::refresh(const ParameterStore& store, const MeterClock& clock, std::int64_t after_s) {
    Times buffer;
    if (done_s_ > after_s && done_s_ - after_s < kDay_s) after_s = done_s_;
    next_s_ = next_execution_s(times(store, buffer), clock.rule, after_s);
}

bool SupplySchedule::done(ParameterStore& store, const MeterClock& clock) {
    std::array<std::uint8_t, 8> octets{};
    ByteWriter(octets).u64(static_cast<std::uint64_t>(clock.seconds()));
    const bool stored = store.write(key_number(ParameterKey::supply_script_done), octets);
    done_s_ = clock.seconds();
    refresh(store, clock, done_s_);
    return stored;
}

}  // namespace ferraris::meter
