/// Telegrams of a meter: who sends, how they are protected, and the records within (EN 13757-3, EN 13757-4, EN 13757-7;
/// OMS volume 2). Two ways of protection:
///
///     mode 5   L C M A | CI=7A ACC ST CF=05.. | records: AES-CBC, the initial vector made of address and ACC
///     mode 7   L C M A | CI=8C CC ACC | CI=90 AFL: counter, MAC | CI=7A ACC ST CF=07.. CFE | records: AES-CBC with a
///              key made for this counter, and a CMAC over header and records
///
/// What a receiver knows of the meter is in front of all and never secret.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "mbus/frame.hpp"

namespace ferraris::mbus {

/// Who sends (EN 13757-3, 7.5.2).
struct Address {
    std::uint16_t manufacturer{0};    ///< `manufacturer_code`
    std::uint32_t identification{0};  ///< eight digits, as a number
    std::uint8_t version{0};
    std::uint8_t device_type{0};  ///< 2: electricity (EN 13757-7, table 11)

    friend constexpr bool operator==(const Address&, const Address&) = default;
};
inline constexpr std::uint8_t kElectricityMeter = 2;

/// Three capital letters in 15 bits (EN 62056-21 FLAG identifiers).
[[nodiscard]] constexpr std::uint16_t manufacturer_code(std::string_view letters) {
    unsigned code = 0;
    for (const char letter : letters.substr(0, 3)) code = code << 5U | (static_cast<unsigned>(letter) - 64U);
    return static_cast<std::uint16_t>(code & 0x7FFFU);
}

enum class Security : std::uint8_t { none = 0, mode_5 = 5, mode_7 = 7 };

inline constexpr std::size_t kKeySize = 16;

struct TelegramHead {
    Address address{};
    Security security{Security::none};
    std::uint8_t access_number{0};
    std::uint8_t status{0};    ///< bits of EN 13757-7, table 8
    std::uint32_t counter{0};  ///< mode 7: never twice under one key
};

/// Records behind a protected head begin so, and are filled up to whole blocks with it: a right key shows itself.
inline constexpr std::uint8_t kIdleFiller = 0x2F;
/// What a telegram of mode 7, the longest head, can hold: 15 blocks less the two octets that prove the key.
inline constexpr std::size_t kMaxRecords = 15 * kAesBlockSize - 2;

enum class TelegramError : std::uint8_t {
    truncated,
    unknown_layer,     ///< a CI field that is not among those above
    unknown_security,  ///< a mode other than 0, 5 and 7
    wrong_key,         ///< or octets that were changed
    no_room,
};

/// Writes the telegram with `records`. `key` has 16 octets, or none without security.
[[nodiscard]] Result<std::size_t, TelegramError> write_telegram(const TelegramHead& head, ByteView records,
                                                                ByteView key, Crypto& crypto, ByteSpan out);

/// A telegram without its check octets, taken apart: views into the octets that were read.
struct Telegram {
    TelegramHead head{};
    ByteView protected_records{};     ///< whole blocks; empty without security
    ByteView open_records{};          ///< those behind them, or all
    ByteView authenticated{};         ///< mode 7: what the MAC covers besides counter and control
    ByteView mac{};                   ///< mode 7
    std::uint8_t message_control{0};  ///< mode 7
};
[[nodiscard]] Result<Telegram, TelegramError> read_telegram(ByteView telegram);
/// Checks and deciphers the protected records into `out`; how many octets.
[[nodiscard]] Result<std::size_t, TelegramError> open_records(const Telegram& telegram, ByteView key, Crypto& crypto,
                                                              ByteSpan out);

}  // namespace ferraris::mbus
