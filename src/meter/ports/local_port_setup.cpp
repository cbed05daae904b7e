#include "meter/ports/local_port_setup.hpp"

#include <algorithm>

#include "meter/security/client_level.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

/// IEC 62056-21 ends at 19,200 Bd.
constexpr std::uint8_t kFastestLocalBaud = 6;
/// As short as a secret of a client may be.
constexpr std::size_t kLeastLocalPassword = 8;

/// What stands in a message without being taken for a part of its frame.
constexpr bool is_plain(std::uint8_t character) {
    return character > 0x20 && character < 0x7F && character != '(' && character != ')' && character != '/' &&
           character != '!' && character != '*' && character != '?';
}

std::uint16_t setup_key(Port port) {
    return key_number(ParameterKey::local_port_setup, static_cast<std::size_t>(port));
}

/// Mode, speeds, response and address with its length; behind them each password with its length.
constexpr std::size_t kRecordRoom = 5 + 32 + kLocalPasswordCount * (1 + kMaxLocalPassword);
/// In place of the length of a password that was never written.
constexpr std::uint8_t kNeverWritten = 0xFF;

}  // namespace

std::uint16_t client_of(LocalPassword password) {
    constexpr std::array kClientOf{kReaderSap, kTechnicianSap, kUtilitySap};
    return kClientOf[static_cast<std::size_t>(password)];
}

LocalPortSetup LocalPortSetup::of(Port port) {
    LocalPortSetup setup;
    if (port == Port::rs485) setup.default_baud = setup.proposed_baud = 5;
    return setup;
}

bool LocalPortSetup::possible() const {
    const bool speaks = default_mode == LocalPortMode::iec62056_21 || default_mode == LocalPortMode::hdlc;
    const bool passwords_fit = std::ranges::all_of(passwords, [](const auto& password) {
        return !password || password->empty() ||
               (password->size() >= kLeastLocalPassword && std::ranges::all_of(*password, is_plain));
    });
    return speaks && default_baud <= kFastestLocalBaud && proposed_baud <= kFastestLocalBaud &&
           std::ranges::all_of(device_address, is_plain) && passwords_fit;
}

void LocalPortSetup::recover(const ParameterStore& store, Port port) {
    std::array<std::uint8_t, kRecordRoom> octets{};
    const auto size = store.read(setup_key(port), octets);
    if (!size) return;
    ByteReader in(ByteView(octets).first(*size));
    LocalPortSetup taken;
    taken.default_mode = static_cast<LocalPortMode>(in.u8());
    taken.default_baud = in.u8();
    taken.proposed_baud = in.u8();
    taken.fast_response = in.u8() != 0;
    bool whole = taken.device_address.assign(in.take(in.u8()));
    for (auto& password : taken.passwords) {
        const std::uint8_t length = in.u8();
        if (length != kNeverWritten) whole = password.emplace().assign(in.take(length)) && whole;
    }
    if (whole && !in.failed() && in.at_end() && taken.possible()) *this = taken;
}

bool LocalPortSetup::write(ParameterStore& store, Port port) const {
    std::array<std::uint8_t, kRecordRoom> octets{};
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(default_mode));
    out.u8(default_baud);
    out.u8(proposed_baud);
    out.u8(fast_response ? 1 : 0);
    out.u8(static_cast<std::uint8_t>(device_address.size()));
    out.put(device_address.view());
    for (const auto& password : passwords) {
        out.u8(password ? static_cast<std::uint8_t>(password->size()) : kNeverWritten);
        if (password) out.put(password->view());
    }
    return store.write(setup_key(port), out.written());
}

}  // namespace ferraris::meter
