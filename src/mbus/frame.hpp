/// The data link layer of wireless M-Bus: check octets, and how an octet is coded for the radio (EN 13757-4, 12).
///
/// A telegram here begins with its L field and has no check octets: L counts what follows it. On the way it has them in
/// one of two formats:
///
///     format A   | L C M M A A A A A A | CRC | 16 octets | CRC | ... | up to 16 | CRC |    L counts no CRC
///     format B   | L C M M A A A A A A | up to 116 octets | CRC | the rest | CRC |        L counts the CRCs
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace ferraris::mbus {

enum class FrameFormat : std::uint8_t { a, b };
/// Mode T is coded three out of six, mode C is not coded; a meter that only sends speaks T1 or C1.
enum class RadioMode : std::uint8_t { c1, t1 };

/// A telegram's longest, with L.
inline constexpr std::size_t kMaxTelegram = 256;
/// The same with check octets: one pair behind the head, one for each 16 octets.
inline constexpr std::size_t kMaxFrame = kMaxTelegram + 2 * (1 + (kMaxTelegram - 10 + 15) / 16);
/// Preamble and sync word, format of mode C, two chips of six bits an octet.
inline constexpr std::size_t kMaxChips = 8 + (kMaxFrame * 12 + 7) / 8;

enum class FrameError : std::uint8_t {
    too_short,     ///< less than its L field says, or no head
    too_long,      ///< octets behind its end, or more than L can say
    wrong_check,   ///< check octets
    wrong_symbol,  ///< six bits that are no symbol
};

/// Writes `telegram`, whose L field fits it, with check octets. Nothing is written when L does not fit.
[[nodiscard]] Result<std::size_t, FrameError> add_check_octets(FrameFormat format, ByteView telegram, ByteSpan out);
/// Checks a whole frame and writes its telegram; how long it is. `out` has `kMaxTelegram` octets.
[[nodiscard]] Result<std::size_t, FrameError> remove_check_octets(FrameFormat format, ByteView frame, ByteSpan out);

/// Three out of six (EN 13757-4, 12.3.2): twelve bits for an octet, the high half first. The last octet is filled up
/// with alternating bits. How many octets; `out` has room for 3 for each 2 of `octets`, rounded up.
[[nodiscard]] std::size_t code_three_of_six(ByteView octets, ByteSpan out);
/// `count` octets back from their symbols.
[[nodiscard]] Result<std::size_t, FrameError> decode_three_of_six(ByteView symbols, std::size_t count, ByteSpan out);

/// What the radio sends: preamble, sync word, and `frame` as the mode codes it. `out` has `kMaxChips` octets.
[[nodiscard]] std::size_t write_chips(RadioMode mode, FrameFormat format, ByteView frame, ByteSpan out);

}  // namespace ferraris::mbus
