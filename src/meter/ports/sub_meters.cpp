#include "meter/ports/sub_meters.hpp"

#include <algorithm>

#include "meter/ports/hdlc_setup.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kSubMeterSize = 3;  ///< kind, address
constexpr std::array kKinds{SubMeterKind::electricity, SubMeterKind::gas, SubMeterKind::heat, SubMeterKind::water};

}  // namespace

void SubMeters::recover(const ParameterStore& store) {
    std::array<std::uint8_t, kMaxSubMeters * kSubMeterSize> octets{};
    const auto size = store.read(key_number(ParameterKey::sub_meters), octets);
    if (!size) return;
    ByteReader in(ByteView(octets).first(*size));
    SubMeterList taken;
    while (in.remaining() >= kSubMeterSize) {
        const auto kind = static_cast<SubMeterKind>(in.u8());
        (void)taken.push_back({kind, in.u16()});
    }
    if (possible(taken)) list_ = taken;
}

bool SubMeters::store(ParameterStore& store, const SubMeterList& list) {
    std::array<std::uint8_t, kMaxSubMeters * kSubMeterSize> octets{};
    ByteWriter out(octets);
    for (const DeviceBehind& one : list) {
        out.u8(static_cast<std::uint8_t>(one.kind));
        out.u16(one.address);
    }
    if (!store.write(key_number(ParameterKey::sub_meters), out.written())) return false;
    list_ = list;
    answering_ = 0;
    return true;
}

bool SubMeters::possible(const SubMeterList& list) {
    return std::ranges::all_of(list, [&list](const DeviceBehind& one) {
        return std::ranges::find(kKinds, one.kind) != kKinds.end() && one.address >= kLeastDeviceAddress &&
               one.address <= kGreatestDeviceAddress &&
               std::ranges::count(list, one.address, &DeviceBehind::address) == 1;
    });
}

std::optional<std::size_t> SubMeters::find(ByteView gateway_address) const {
    constexpr std::size_t kMostDigits = 5;
    std::uint32_t number = 0;
    if (gateway_address.empty() || gateway_address.size() > kMostDigits) return std::nullopt;
    for (const std::uint8_t digit : gateway_address) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + (digit - '0');
    }
    const auto* const found = std::ranges::find(list_, number, &DeviceBehind::address);
    if (found == list_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - list_.begin());
}

void SubMeters::answered(std::size_t index, bool did) {
    if (index >= list_.size()) return;
    const auto bit = static_cast<std::uint8_t>(1U << index);
    answering_ = static_cast<std::uint8_t>(did ? answering_ | bit : answering_ & ~bit);
}

bool SubMeters::shown(SubMeterKind kind) const {
    for (std::size_t i = 0; i < list_.size(); ++i) {
        if (list_[i].kind == kind && ((answering_ >> i) & 1U) != 0) return true;
    }
    return false;
}

}  // namespace ferraris::meter
