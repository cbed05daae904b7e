/// Cyclic redundancy checks, table driven, the tables made by the compiler.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace ferraris {

namespace detail {
template <class T>
constexpr std::array<T, 256> reflected_crc_table(T polynomial) {
    std::array<T, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        T crc = static_cast<T>(i);
        for (int bit = 0; bit < 8; ++bit) {
            crc = static_cast<T>((crc & 1U) != 0 ? (crc >> 1U) ^ polynomial : crc >> 1U);
        }
        table[i] = crc;
    }
    return table;
}
template <class T>
constexpr std::array<T, 256> plain_crc_table(T polynomial) {
    constexpr T kTop = static_cast<T>(T{1} << (sizeof(T) * 8 - 1));
    std::array<T, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        T crc = static_cast<T>(i << (sizeof(T) * 8 - 8));
        for (int bit = 0; bit < 8; ++bit) {
            crc = static_cast<T>((crc & kTop) != 0 ? static_cast<T>(crc << 1U) ^ polynomial : crc << 1U);
        }
        table[i] = crc;
    }
    return table;
}
inline constexpr auto kCrc16Table = reflected_crc_table<std::uint16_t>(0x8408);
inline constexpr auto kCrc16Dnp = plain_crc_table<std::uint16_t>(0x3D65);
inline constexpr auto kCrc32Table = reflected_crc_table<std::uint32_t>(0xEDB88320);
}  // namespace detail

/// CRC-16/X-25: header and frame check sequence of HDLC (ISO/IEC 13239, 4.2.5). Sent low octet first. `previous` chains
/// calls over several pieces.
[[nodiscard]] constexpr std::uint16_t crc16_x25(ByteView data, std::uint16_t previous = 0) {
    auto crc = static_cast<std::uint16_t>(previous ^ 0xFFFFU);
    for (const std::uint8_t octet : data) {
        crc = static_cast<std::uint16_t>((crc >> 8U) ^ detail::kCrc16Table[(crc ^ octet) & 0xFFU]);
    }
    return static_cast<std::uint16_t>(crc ^ 0xFFFFU);
}

/// The check octets of wireless M-Bus (EN 13757-4, 12.2.3). Sent high octet first.
[[nodiscard]] constexpr std::uint16_t crc16_en13757(ByteView data) {
    std::uint16_t crc = 0;
    for (const std::uint8_t octet : data) {
        crc = static_cast<std::uint16_t>(static_cast<unsigned>(crc) << 8U ^ detail::kCrc16Dnp[(crc >> 8U) ^ octet]);
    }
    return static_cast<std::uint16_t>(crc ^ 0xFFFFU);
}

/// CRC-32 (IEEE 802.3): guards records in flash. `previous` chains calls over several pieces.
[[nodiscard]] constexpr std::uint32_t crc32(ByteView data, std::uint32_t previous = 0) {
    std::uint32_t crc = ~previous;
    for (const std::uint8_t octet : data) crc = (crc >> 8U) ^ detail::kCrc32Table[(crc ^ octet) & 0xFFU];
    return ~crc;
}

}  // namespace ferraris
