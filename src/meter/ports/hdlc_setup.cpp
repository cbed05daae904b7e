#include "meter/ports/hdlc_setup.hpp"

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kRecordSize = 13;
/// There was one setup for all ports once: the optical port's is where it was.
std::uint16_t key_of(Port port) {
    return port == Port::optical ? key_number(ParameterKey::hdlc_setup)
                                 : key_number(ParameterKey::port_hdlc_setup, static_cast<std::size_t>(port));
}

constexpr bool is_window(std::uint8_t frames) { return frames >= 1 && frames <= dlms::hdlc::kMaxWindow; }

constexpr bool is_field(std::uint16_t octets) {
    return octets >= dlms::hdlc::kMinInformationField && octets <= dlms::hdlc::kMaxInformationField;
}

}  // namespace

HdlcSetup HdlcSetup::of(Port port) {
    HdlcSetup setup;
    if (port == Port::module) setup.comm_speed = kBaudRates.size() - 1;
    return setup;
}

bool HdlcSetup::possible() const {
    return comm_speed < kBaudRates.size() && is_window(link.window_transmit) && is_window(link.window_receive) &&
           is_field(link.max_information_transmit) && is_field(link.max_information_receive) &&
           inter_octet_timeout_ms >= 20 && inter_octet_timeout_ms <= 6000 && inactivity_timeout_s <= 120 &&
           device_address >= kLeastDeviceAddress && device_address <= kGreatestDeviceAddress;
}

void HdlcSetup::recover(const ParameterStore& store, Port port) {
    std::array<std::uint8_t, kRecordSize> octets{};
    if (store.read(key_of(port), octets) != octets.size()) return;
    ByteReader in(octets);
    HdlcSetup taken;
    taken.comm_speed = in.u8();
    taken.link.window_transmit = in.u8();
    taken.link.window_receive = in.u8();
    taken.link.max_information_transmit = in.u16();
    taken.link.max_information_receive = in.u16();
    taken.inter_octet_timeout_ms = in.u16();
    taken.inactivity_timeout_s = in.u16();
    taken.device_address = in.u16();
    if (taken.possible()) *this = taken;
}

bool HdlcSetup::write(ParameterStore& store, Port port) const {
    std::array<std::uint8_t, kRecordSize> octets{};
    ByteWriter out(octets);
    out.u8(comm_speed);
    out.u8(link.window_transmit);
    out.u8(link.window_receive);
    out.u16(link.max_information_transmit);
    out.u16(link.max_information_receive);
    out.u16(inter_octet_timeout_ms);
    out.u16(inactivity_timeout_s);
    out.u16(device_address);
    return store.write(key_of(port), octets);
}

}  // namespace ferraris::meter
