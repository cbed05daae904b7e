#include "mbus/telegram.hpp"

#include <algorithm>

namespace ferraris::mbus {
namespace {

constexpr std::uint8_t kSendNoReply = 0x44;
/// CI fields.
constexpr std::uint8_t kLongHeader = 0x72;
constexpr std::uint8_t kShortHeader = 0x7A;
constexpr std::uint8_t kShortLinkExtension = 0x8C;
/// The same with the address of the other side.
constexpr std::uint8_t kLongLinkExtension = 0x8E;
constexpr std::uint8_t kAuthentication = 0x90;

constexpr std::size_t kAddressEnd = 10;
constexpr std::size_t kMacSize = 8;
/// Of the authentication and fragmentation layer: length, FCL, MCL, counter, MAC.
constexpr std::uint8_t kAuthenticationLength = 2 + 1 + 4 + kMacSize;
/// Fragmentation control: message control, key information absent, MAC and counter present; no more fragments.
constexpr std::uint16_t kFragmentControl = 0x2C00;
constexpr std::uint16_t kCounterPresent = 0x0800;
constexpr std::uint16_t kMacPresent = 0x0400;
constexpr std::uint16_t kControlPresent = 0x2000;
/// Message control: counter in the message, AES-CMAC of 128 bits shortened to 8 octets.
constexpr std::uint8_t kMessageControl = 0x25;
/// Extension of the configuration field: the key is derived, key 0.
constexpr std::uint8_t kDerivedKey = 0x10;

/// Numbers of M-Bus go low octet first.
void put_low_first(ByteWriter& out, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) out.u8(static_cast<std::uint8_t>(value >> (8 * i)));
}
std::uint64_t low_first(ByteView octets) {
    std::uint64_t value = 0;
    for (std::size_t i = octets.size(); i > 0; --i) value = value << 8U | octets[i - 1];
    return value;
}
std::uint16_t u16_low_first(ByteReader& in) { return static_cast<std::uint16_t>(low_first(in.take(2))); }

std::uint32_t bcd_of(std::uint32_t digits) {
    std::uint32_t bcd = 0;
    for (unsigned shift = 0; shift < 32; shift += 4, digits /= 10) bcd |= digits % 10 << shift;
    return bcd;
}
std::uint32_t digits_of(std::uint32_t bcd) {
    std::uint32_t digits = 0;
    for (unsigned shift = 32; shift > 0; shift -= 4) digits = digits * 10 + (bcd >> (shift - 4) & 0xFU);
    return digits;
}

void write_identification(const Address& address, ByteWriter& out) {
    put_low_first(out, bcd_of(address.identification), 4);
}
/// In the order of the link layer: manufacturer first.
void write_address(const Address& address, ByteWriter& out) {
    put_low_first(out, address.manufacturer, 2);
    write_identification(address, out);
    out.u8(address.version);
    out.u8(address.device_type);
}
Address read_address(ByteReader& in) {
    Address address;
    address.manufacturer = u16_low_first(in);
    address.identification = digits_of(static_cast<std::uint32_t>(low_first(in.take(4))));
    address.version = in.u8();
    address.device_type = in.u8();
    return address;
}

/// Mode 5: address, then the access number eight times (EN 13757-7, 7.6.3).
AesBlock initial_vector(const TelegramHead& head) {
    AesBlock iv{};
    ByteWriter out(iv);
    write_address(head.address, out);
    while (out.room() > 0) out.u8(head.access_number);
    return iv;
}

enum class Derived : std::uint8_t { encryption = 0, authentication = 1 };

/// The key of one message: CMAC over purpose, counter, identification and filling (EN 13757-7, 9.4).
bool derive(const TelegramHead& head, Derived purpose, ByteView key, Crypto& crypto, AesBlock& out) {
    AesBlock block{};
    ByteWriter in(block);
    in.u8(static_cast<std::uint8_t>(purpose));
    put_low_first(in, head.counter, 4);
    write_identification(head.address, in);
    while (in.room() > 0) in.u8(7);
    const std::array<ByteView, 1> message{block};
    return crypto.cmac(key, message, out);
}

bool message_mac(const TelegramHead& head, std::uint8_t control, ByteView text, ByteView key, Crypto& crypto,
                 AesBlock& mac) {
    AesBlock derived{};
    std::array<std::uint8_t, 5> counted{control};
    ByteWriter out(ByteSpan(counted).subspan(1));
    put_low_first(out, head.counter, 4);
    const std::array<ByteView, 2> message{counted, text};
    const bool good = derive(head, Derived::authentication, key, crypto, derived) && crypto.cmac(derived, message, mac);
    wipe(derived);
    return good;
}

bool cipher(const TelegramHead& head, ByteView key, Crypto& crypto, ByteSpan records) {
    if (head.security == Security::mode_5) return crypto.cbc_encrypt(key, initial_vector(head), records, records);
    AesBlock derived{};
    const bool good = derive(head, Derived::encryption, key, crypto, derived) &&
                      crypto.cbc_encrypt(derived, AesBlock{}, records, records);
    wipe(derived);
    return good;
}

void write_short_header(const TelegramHead& head, std::size_t blocks, ByteWriter& out) {
    out.u8(kShortHeader);
    out.u8(head.access_number);
    out.u8(head.status);
    put_low_first(out, static_cast<std::uint64_t>(head.security) << 8U | blocks << 4U, 2);
    if (head.security == Security::mode_7) out.u8(kDerivedKey);
}

/// AFL of a message in one piece with counter and MAC.
bool read_authentication(ByteReader& in, Telegram& found) {
    const ByteView layer = in.take(in.u8());
    ByteReader fields(layer);
    const std::uint16_t fragment = u16_low_first(fields);
    if ((fragment & kControlPresent) != 0) found.message_control = fields.u8();
    if ((fragment & kCounterPresent) != 0) found.head.counter = static_cast<std::uint32_t>(low_first(fields.take(4)));
    if ((fragment & kMacPresent) != 0) found.mac = fields.take(kMacSize);
    found.authenticated = in.rest();
    return !fields.failed();
}

}  // namespace

Result<std::size_t, TelegramError> write_telegram(const TelegramHead& head, ByteView records, ByteView key,
                                                  Crypto& crypto, ByteSpan out) {
    const bool secured = head.security != Security::none;
    const std::size_t filled = secured ? (records.size() + 2 + kAesBlockSize - 1) / kAesBlockSize * kAesBlockSize : 0;
    const std::size_t blocks = filled / kAesBlockSize;
    if (records.size() > kMaxRecords) return Error(TelegramError::no_room);
    if (secured && key.size() != kKeySize) return Error(TelegramError::wrong_key);
    ByteWriter telegram(out.first(std::min(out.size(), kMaxTelegram)));
    telegram.u8(0);  // L, known at the end
    telegram.u8(kSendNoReply);
    write_address(head.address, telegram);
    std::size_t mac = 0;
    if (head.security == Security::mode_7) {
        telegram.u8(kShortLinkExtension);
        telegram.u8(0);  // communication control: nothing is promised
        telegram.u8(head.access_number);
        telegram.u8(kAuthentication);
        telegram.u8(kAuthenticationLength);
        put_low_first(telegram, kFragmentControl, 2);
        telegram.u8(kMessageControl);
        put_low_first(telegram, head.counter, 4);
        mac = telegram.size();
        telegram.u64(0);
    }
    const std::size_t header = telegram.size();
    write_short_header(head, blocks, telegram);
    const std::size_t start = telegram.size();
    if (secured) telegram.u16(std::uint16_t{kIdleFiller} << 8U | kIdleFiller);
    telegram.put(records);
    while (secured && telegram.produced() - start < filled) telegram.u8(kIdleFiller);
    if (telegram.overflowed()) return Error(TelegramError::no_room);
    out[0] = static_cast<std::uint8_t>(telegram.size() - 1);
    if (secured && !cipher(head, key, crypto, out.subspan(start, filled))) return Error(TelegramError::wrong_key);
    if (head.security == Security::mode_7) {
        AesBlock tag{};
        if (!message_mac(head, kMessageControl, telegram.written().subspan(header), key, crypto, tag)) {
            return Error(TelegramError::wrong_key);
        }
        std::copy_n(tag.begin(), kMacSize, out.begin() + static_cast<std::ptrdiff_t>(mac));
    }
    return telegram.size();
}

Result<Telegram, TelegramError> read_telegram(ByteView telegram) {
    ByteReader in(telegram);
    Telegram found;
    const std::size_t length = in.u8();
    in.skip(1);
    found.head.address = read_address(in);
    if (in.failed() || in.position() != kAddressEnd || length != telegram.size() - 1) {
        return Error(TelegramError::truncated);
    }
    if (in.peek() == kShortLinkExtension) {
        in.skip(3);
    } else if (in.peek() == kLongLinkExtension) {
        in.skip(11);
    }
    if (in.peek() == kAuthentication) {
        in.skip(1);
        if (!read_authentication(in, found)) return Error(TelegramError::truncated);
    }
    const std::uint8_t control = in.u8();
    if (in.failed()) return Error(TelegramError::truncated);
    if (control != kShortHeader && control != kLongHeader) return Error(TelegramError::unknown_layer);
    if (control == kLongHeader) {
        // Identification first here: the address of the meter behind a radio adapter.
        const ByteView identification = in.take(4);
        found.head.address.manufacturer = u16_low_first(in);
        found.head.address.identification = digits_of(static_cast<std::uint32_t>(low_first(identification)));
        found.head.address.version = in.u8();
        found.head.address.device_type = in.u8();
    }
    found.head.access_number = in.u8();
    found.head.status = in.u8();
    const std::uint16_t configuration = u16_low_first(in);
    const unsigned mode = configuration >> 8U & 0x1FU;
    if (in.failed()) return Error(TelegramError::truncated);
    if (mode != 0 && mode != 5 && mode != 7) return Error(TelegramError::unknown_security);
    found.head.security = static_cast<Security>(mode);
    if (mode == 7) {
        in.skip(1);
        if (found.mac.size() != kMacSize) return Error(TelegramError::truncated);
    }
    if (mode != 0) found.protected_records = in.take((configuration >> 4U & 0xFU) * kAesBlockSize);
    if (in.failed()) return Error(TelegramError::truncated);
    found.open_records = in.rest();
    return found;
}

Result<std::size_t, TelegramError> open_records(const Telegram& telegram, ByteView key, Crypto& crypto, ByteSpan out) {
    const ByteView records = telegram.protected_records;
    if (out.size() < records.size()) return Error(TelegramError::no_room);
    const ByteSpan plain = out.first(records.size());
    const TelegramHead& head = telegram.head;
    bool good = key.size() == kKeySize;
    if (head.security == Security::mode_5) {
        good = good && crypto.cbc_decrypt(key, initial_vector(head), records, plain);
    } else if (head.security == Security::mode_7) {
        AesBlock mac{};
        AesBlock derived{};
        good = good && message_mac(head, telegram.message_control, telegram.authenticated, key, crypto, mac) &&
               constant_time_equal(ByteView(mac).first(kMacSize), telegram.mac) &&
               derive(head, Derived::encryption, key, crypto, derived) &&
               crypto.cbc_decrypt(derived, AesBlock{}, records, plain);
        wipe(derived);
    }
    // Mode 5 has no other proof of the key than what the records begin with.
    good = good && (records.empty() || (plain[0] == kIdleFiller && plain[1] == kIdleFiller));
    if (good) return records.size();
    std::ranges::fill(plain, std::uint8_t{0});
    return Error(TelegramError::wrong_key);
}

}  // namespace ferraris::mbus
