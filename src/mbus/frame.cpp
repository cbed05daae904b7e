#include "mbus/frame.hpp"

#include <algorithm>
#include <array>

#include "base/crc.hpp"

namespace ferraris::mbus {
namespace {

constexpr std::size_t kHead = 10;
constexpr std::size_t kCheck = 2;
constexpr std::size_t kBlockA = 16;
/// Of format B: the head and the second block, which share their check octets.
constexpr std::size_t kFirstB = 126;

/// EN 13757-4, table 15; the index is the half octet.
constexpr std::array<std::uint8_t, 16> kSymbols{0x16, 0x0D, 0x0E, 0x0B, 0x1C, 0x19, 0x1A, 0x13,
                                                0x2C, 0x25, 0x26, 0x23, 0x34, 0x31, 0x32, 0x29};

/// How many octets the check octets at `position` of a telegram guard; 0 behind its end.
std::size_t block_size(FrameFormat format, std::size_t position, std::size_t size) {
    const std::size_t rest = size - position;
    if (format == FrameFormat::a) return std::min(rest, position == 0 ? kHead : kBlockA);
    return std::min(rest, position == 0 ? kFirstB : rest);
}

std::size_t check_count(FrameFormat format, std::size_t size) {
    std::size_t blocks = 0;
    for (std::size_t position = 0; position < size; ++blocks) position += block_size(format, position, size);
    return blocks;
}

}  // namespace

Result<std::size_t, FrameError> add_check_octets(FrameFormat format, ByteView telegram, ByteSpan out) {
    if (telegram.size() < kHead || telegram.size() != std::size_t{telegram[0]} + 1) return Error(FrameError::too_short);
    const std::size_t size = telegram.size();
    const std::size_t checks = kCheck * check_count(format, size);
    if (size + checks > out.size()) return Error(FrameError::too_long);
    if (format == FrameFormat::b && size - 1 + checks > 0xFF) return Error(FrameError::too_long);
    ByteWriter frame(out);
    for (std::size_t position = 0; position < size;) {
        const std::size_t block = block_size(format, position, size);
        const std::size_t start = frame.size();
        frame.put(telegram.subspan(position, block));
        if (position == 0 && format == FrameFormat::b) out[0] = static_cast<std::uint8_t>(size - 1 + checks);
        frame.u16(crc16_en13757(out.subspan(start, block)));
        position += block;
    }
    return frame.size();
}

Result<std::size_t, FrameError> remove_check_octets(FrameFormat format, ByteView frame, ByteSpan out) {
    if (frame.size() < kHead + kCheck || frame[0] + std::size_t{1} < kHead) return Error(FrameError::too_short);
    std::size_t size = std::size_t{frame[0]} + 1;
    if (format == FrameFormat::b) {
        // L counts two pairs of check octets when it reaches beyond the first.
        const std::size_t checks = size > kFirstB + kCheck ? 2 * kCheck : kCheck;
        if (size < kHead + checks) return Error(FrameError::too_short);
        size -= checks;
    }
    const std::size_t expected = size + kCheck * check_count(format, size);
    if (frame.size() < expected) return Error(FrameError::too_short);
    if (frame.size() > expected || size > out.size()) return Error(FrameError::too_long);
    ByteReader in(frame);
    ByteWriter telegram(out);
    for (std::size_t position = 0; position < size;) {
        const ByteView block = in.take(block_size(format, position, size));
        if (in.u16() != crc16_en13757(block)) return Error(FrameError::wrong_check);
        telegram.put(block);
        position += block.size();
    }
    out[0] = static_cast<std::uint8_t>(size - 1);
    return size;
}

std::size_t code_three_of_six(ByteView octets, ByteSpan out) {
    ByteWriter symbols(out);
    for (std::size_t i = 0; i < octets.size(); i += 2) {
        const auto symbols_of = [](std::uint8_t octet) {
            return static_cast<std::uint32_t>(kSymbols[octet >> 4U]) << 6U | kSymbols[octet & 0xFU];
        };
        if (i + 1 < octets.size()) {
            symbols.unsigned_of(symbols_of(octets[i]) << 12U | symbols_of(octets[i + 1]), 3);
        } else {
            symbols.u16(static_cast<std::uint16_t>(symbols_of(octets[i]) << 4U | 0b0101U));
        }
    }
    return symbols.size();
}

Result<std::size_t, FrameError> decode_three_of_six(ByteView symbols, std::size_t count, ByteSpan out) {
    if (symbols.size() * 8 < count * 12) return Error(FrameError::too_short);
    if (count > out.size()) return Error(FrameError::too_long);
    for (std::size_t half = 0; half < 2 * count; ++half) {
        const std::size_t bit = half * 6;
        const std::size_t next = std::min(bit / 8 + 1, symbols.size() - 1);
        const unsigned two = static_cast<unsigned>(symbols[bit / 8]) << 8U | symbols[next];
        const auto symbol = static_cast<std::uint8_t>(two >> (10U - bit % 8) & 0x3FU);
        const auto* const found = std::ranges::find(kSymbols, symbol);
        if (found == kSymbols.end()) return Error(FrameError::wrong_symbol);
        const auto value = static_cast<unsigned>(found - kSymbols.begin());
        std::uint8_t& octet = out[half / 2];
        octet = static_cast<std::uint8_t>(half % 2 == 0 ? value << 4U : octet | value);
    }
    return count;
}

std::size_t write_chips(RadioMode mode, FrameFormat format, ByteView frame, ByteSpan out) {
    ByteWriter chips(out);
    // Alternating bits, then the sync word 0000111101 of mode T, which mode C has as 0x543D.
    chips.u32(0x55555555);
    chips.u16(0x543D);
    if (mode == RadioMode::t1) {
        chips.advance(code_three_of_six(frame, chips.unused()));
    } else {
        chips.u16(format == FrameFormat::a ? 0x54CD : 0x543D);
        chips.put(frame);
    }
    return chips.size();
}

}  // namespace ferraris::mbus
