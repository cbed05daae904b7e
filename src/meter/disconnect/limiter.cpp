#include "meter/disconnect/limiter.hpp"

#include <algorithm>
#include <array>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kMostStoredLimiter = 31 + 2 * EmergencyGroups::capacity();

void put_action(ByteWriter& out, const LimiterAction& action) {
    out.u8(static_cast<std::uint8_t>(action.target));
    out.u8(action.script);
}

LimiterAction take_action(ByteReader& in) {
    LimiterAction action;
    action.target = in.u8() == 0 ? LimiterTarget::supply : LimiterTarget::ripple_relay;
    action.script = std::min(in.u8(), kCloseScript);
    return action;
}

}  // namespace

void Limiter::recover(const ParameterStore& store) {
    std::array<std::uint8_t, kMostStoredLimiter> octets{};
    const auto size = store.read(key_number(ParameterKey::limiter), octets);
    if (!size) return;
    ByteReader in(ByteView(octets).first(*size));
    LimiterSetup setup;
    setup.monitored = static_cast<LimitedPower>(std::min<std::size_t>(in.u8(), kLimitedPowerCount - 1));
    setup.emergency_threshold = in.u32();
    setup.min_under_s = in.u32();
    setup.over = take_action(in);
    setup.under = take_action(in);
    setup.emergency.id = in.u16();
    setup.emergency.activation = dlms::decode_date_time(in.take(dlms::kDateTimeSize)).value_or(dlms::DateTime{});
    setup.emergency.duration_s = in.u32();
    while (in.remaining() >= sizeof(std::uint16_t)) (void)setup.groups.push_back(in.u16());
    if (!in.failed()) setup_ = setup;
}

bool Limiter::store(ParameterStore& store, const LimiterSetup& setup) {
    std::array<std::uint8_t, kMostStoredLimiter> octets{};
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(setup.monitored));
    out.u32(setup.emergency_threshold);
    out.u32(setup.min_under_s);
    put_action(out, setup.over);
    put_action(out, setup.under);
    out.u16(setup.emergency.id);
    out.put(dlms::encode(setup.emergency.activation));
    out.u32(setup.emergency.duration_s);
    for (const std::uint16_t group : setup.groups) out.u16(group);
    if (out.overflowed() || !store.write(key_number(ParameterKey::limiter), out.written())) return false;
    setup_ = setup;
    return true;
}

bool Limiter::is_emergency(const MeterClock& clock, std::int64_t at_s) const {
    const EmergencyProfile& profile = setup_.emergency;
    if (profile.duration_s == 0 || !clock.valid() ||
        std::ranges::find(setup_.groups, profile.id) == setup_.groups.end()) {
        return false;
    }
    const auto begin = clock.rule.utc(profile.activation);
    return begin && at_s >= begin->seconds() && at_s - begin->seconds() < std::int64_t{profile.duration_s};
}

bool Limiter::acts_again(const WatchedPower& watched) {
    const bool over = watched.threshold != 0 && watched.value > std::int64_t{watched.threshold};
    over_s_ = over ? over_s_ + 1 : 0;
    if (over_s_ == 0 || over_s_ < watched.over_s) return false;
    over_s_ = 0;
    return true;
}

}  // namespace ferraris::meter
