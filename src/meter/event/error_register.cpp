#include "meter/event/error_register.hpp"

#include <array>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

bool write_errors(ParameterStore& store, std::uint32_t bits) {
    std::array<std::uint8_t, 4> octets{};
    ByteWriter(octets).u32(bits);
    return store.write(key_number(ParameterKey::error_register), octets);
}

}  // namespace

void ErrorRegister::recover(const ParameterStore& store) {
    std::array<std::uint8_t, 4> octets{};
    if (store.read(key_number(ParameterKey::error_register), octets) != octets.size()) return;
    bits_ = ByteReader(octets).u32();
}

bool ErrorRegister::set(ParameterStore& store, std::uint32_t bits) {
    if ((bits & ~bits_) == 0) return true;
    bits_ |= bits;
    return write_errors(store, bits_);
}

bool ErrorRegister::clear(ParameterStore& store, std::uint32_t bits) {
    if (!write_errors(store, bits_ & ~bits)) return false;
    bits_ &= ~bits;
    return true;
}

}  // namespace ferraris::meter
