#include "meter/clock/lost_time.hpp"

#include <array>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kStoredLoss = 5;

bool write_loss(ParameterStore& store, bool lost, std::uint32_t since) {
    std::array<std::uint8_t, kStoredLoss> octets{};
    ByteWriter out(octets);
    out.u8(lost ? 1 : 0);
    out.u32(since);
    return store.write(key_number(ParameterKey::lost_time), octets);
}

}  // namespace

void LostTime::recover(const ParameterStore& store) {
    std::array<std::uint8_t, kStoredLoss> octets{};
    if (store.read(key_number(ParameterKey::lost_time), octets) != octets.size()) return;
    ByteReader in(octets);
    lost_ = in.u8() != 0;
    since_ = in.u32();
}

bool LostTime::lose(ParameterStore& store, std::uint32_t since) {
    lost_ = true;
    since_ = since;
    return write_loss(store, true, since);
}

bool LostTime::find(ParameterStore& store) {
    if (!lost_) return true;
    if (!write_loss(store, false, 0)) return false;
    lost_ = false;
    since_ = 0;
    return true;
}

}  // namespace ferraris::meter
