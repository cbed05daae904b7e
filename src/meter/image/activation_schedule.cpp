#include "meter/image/activation_schedule.hpp"

#include <algorithm>

#include "dlms/data.hpp"
#include "meter/schedule/execution_times.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

/// When the times were last looked at, by the meter's clock, and who wrote them.
constexpr std::size_t kScheduleHead = 5;
using StoredSchedule = std::array<std::uint8_t, kScheduleHead + std::tuple_size_v<ActivationSchedule::Times>>;

ByteView read_schedule(const ParameterStore& store, StoredSchedule& octets) {
    const auto length = store.read(key_number(ParameterKey::image_activation_schedule), octets);
    return length && *length >= kScheduleHead ? ByteView(octets).first(*length) : ByteView{};
}

}  // namespace

ByteView ActivationSchedule::times(const ParameterStore& store, Times& buffer) {
    StoredSchedule octets{};
    const ByteView stored = read_schedule(store, octets);
    ByteWriter out(buffer);
    if (stored.empty()) {
        dlms::DataWriter(out).array(0);
    } else {
        out.put(stored.subspan(kScheduleHead));
    }
    return out.written();
}

void ActivationSchedule::recover(const ParameterStore& store, const MeterClock& clock) {
    StoredSchedule octets{};
    const ByteView stored = read_schedule(store, octets);
    if (stored.empty()) return;
    ByteReader in(stored);
    const std::uint32_t since = in.u32();
    client_sap_ = in.u8();
    next_s_ = next_execution_s(in.rest(), clock.rule, since);
}

bool ActivationSchedule::write(ParameterStore& store, ByteView times, std::uint8_t client_sap,
                               const MeterClock& clock) {
    StoredSchedule octets{};
    ByteWriter out(octets);
    out.u32(static_cast<std::uint32_t>(std::clamp<std::int64_t>(clock.seconds(), 0, UINT32_MAX)));
    out.u8(client_sap);
    out.put(times);
    if (out.overflowed() || !store.write(key_number(ParameterKey::image_activation_schedule), out.written())) {
        return false;
    }
    client_sap_ = client_sap;
    next_s_ = next_execution_s(times, clock.rule, clock.seconds());
    return true;
}

bool ActivationSchedule::take_due(ParameterStore& store, const MeterClock& clock) {
    if (clock.seconds() < next_s_ || !clock.valid()) return false;
    Times buffer;
    // A time that is not noted comes again after a loss of power: activation then finds nothing to do.
    if (!write(store, times(store, buffer), client_sap_, clock)) next_s_ = INT64_MAX;
    return true;
}

}  // namespace ferraris::meter
