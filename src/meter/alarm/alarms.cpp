#include "meter/alarm/alarms.hpp"

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kStoredRegister = 12;

}  // namespace

bool Alarms::raise(Alarm alarm) {
    AlarmRegister& target = registers[register_of(alarm)];
    const std::uint32_t bit = bit_of(alarm);
    const bool news = (target.active & bit) == 0 && (target.filter & bit) != 0;
    target.active |= bit;
    if (news) target.descriptor |= bit;
    return news;
}

void Alarms::clear(Alarm alarm) { registers[register_of(alarm)].active &= ~bit_of(alarm); }

void Alarms::recover(const ParameterStore& store) {
    std::array<std::uint8_t, kStoredRegister * kAlarmRegisterCount> octets{};
    const auto size = store.read(key_number(ParameterKey::alarms), octets);
    if (!size) return;
    ByteReader in(ByteView(octets).first(*size));
    // A meter of before had one register.
    for (std::size_t i = 0; i < *size / kStoredRegister; ++i) {
        registers[i].active = in.u32();
        registers[i].filter = in.u32();
        registers[i].descriptor = in.u32();
    }
}

bool Alarms::write(ParameterStore& store) const {
    std::array<std::uint8_t, kStoredRegister * kAlarmRegisterCount> octets{};
    ByteWriter out(octets);
    for (const AlarmRegister& each : registers) {
        out.u32(each.active);
        out.u32(each.filter);
        out.u32(each.descriptor);
    }
    return store.write(key_number(ParameterKey::alarms), out.written());
}

}  // namespace ferraris::meter
