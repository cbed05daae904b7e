#include "meter/event/power_failures.hpp"

#include <array>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kPowerFailureOctets = 12;

}  // namespace

void PowerFailures::recover(const ParameterStore& store) {
    std::array<std::uint8_t, kPowerFailureOctets> octets{};
    if (store.read(key_number(ParameterKey::power_failures), octets) != octets.size()) return;
    ByteReader in(octets);
    count_ = in.u32();
    last_s_ = in.u32();
    threshold_s_ = in.u32();
}

void PowerFailures::ended(ParameterStore& store, std::uint32_t seconds) {
    if (seconds < threshold_s_) return;
    ++count_;
    last_s_ = seconds;
    (void)write(store);
}

bool PowerFailures::store_threshold(ParameterStore& store, std::uint32_t seconds) {
    PowerFailures changed = *this;
    changed.threshold_s_ = seconds;
    if (!changed.write(store)) return false;
    *this = changed;
    return true;
}

bool PowerFailures::write(ParameterStore& store) const {
    std::array<std::uint8_t, kPowerFailureOctets> octets{};
    ByteWriter out(octets);
    out.u32(count_);
    out.u32(last_s_);
    out.u32(threshold_s_);
    return store.write(key_number(ParameterKey::power_failures), octets);
}

}  // namespace ferraris::meter
