#include "meter/wireless/wireless.hpp"

#include <algorithm>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::uint64_t kCounterEnd = std::uint64_t{1} << 32U;

bool write_counter(ParameterStore& store, std::uint64_t bound) {
    std::array<std::uint8_t, 8> octets{};
    ByteWriter out(octets);
    out.u64(bound);
    return store.write(key_number(ParameterKey::wireless_counter), octets);
}

}  // namespace

bool WirelessSetup::possible() const {
    const bool known =
        security == mbus::Security::none || security == mbus::Security::mode_5 || security == mbus::Security::mode_7;
    return format < RadioFormat::count && known && interval_s >= kShortestInterval && interval_s <= kLongestInterval;
}

void Wireless::recover(const ParameterStore& store) {
    std::array<std::uint8_t, 8> octets{};
    if (store.read(key_number(ParameterKey::wireless_counter), octets)) {
        next_ = bound_ = ByteReader(octets).u64();
    }
    const auto size = store.read(key_number(ParameterKey::wireless_setup), octets);
    if (!size) return;
    ByteReader in(ByteView(octets).first(*size));
    WirelessSetup stored;
    stored.format = static_cast<RadioFormat>(in.u8());
    stored.security = static_cast<mbus::Security>(in.u8());
    stored.interval_s = in.u16();
    if (!in.failed() && stored.possible()) setup_ = stored;
}

bool Wireless::store_setup(ParameterStore& store, const WirelessSetup& setup) {
    std::array<std::uint8_t, 4> octets{};
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(setup.format));
    out.u8(static_cast<std::uint8_t>(setup.security));
    out.u16(setup.interval_s);
    if (!store.write(key_number(ParameterKey::wireless_setup), octets)) return false;
    setup_ = setup;
    last_ms_.reset();
    due_ = false;
    return true;
}

void Wireless::tick(UtcTime board) {
    if (setup_.format == RadioFormat::off) return;
    if (last_ms_ && board.milliseconds - *last_ms_ < std::int64_t{setup_.interval_s} * 1000) return;
    last_ms_ = board.milliseconds;
    due_ = true;
}

std::optional<std::uint32_t> Wireless::take_counter(ParameterStore& store) {
    if (next_ >= kCounterEnd) return std::nullopt;
    if (next_ >= bound_) {
        const std::uint64_t bound = std::min(next_ + kBlock, kCounterEnd);
        if (!write_counter(store, bound)) return std::nullopt;
        bound_ = bound;
    }
    return static_cast<std::uint32_t>(next_++);
}

bool Wireless::settle(ParameterStore& store) {
    if (bound_ == next_) return true;
    bound_ = next_;
    return write_counter(store, next_);
}

}  // namespace ferraris::meter
