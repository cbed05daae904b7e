/// Octets as hexadecimal text and back; for logs, files and tests, not for portable code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace ferraris {

[[nodiscard]] inline std::string to_hex(ByteView data) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string text;
    text.reserve(data.size() * 2);
    for (const std::uint8_t octet : data) {
        text.push_back(kDigits[octet >> 4U]);
        text.push_back(kDigits[octet & 0x0FU]);
    }
    return text;
}

/// Pairs of digits; white space between them is skipped. Nothing when there is any other character or an odd digit.
[[nodiscard]] inline std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
    std::vector<std::uint8_t> data;
    int high = -1;
    for (const char c : text) {
        int digit = -1;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        } else if (high < 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
            continue;
        } else {
            return std::nullopt;
        }
        if (high < 0) {
            high = digit;
        } else {
            data.push_back(static_cast<std::uint8_t>(high * 16 + digit));
            high = -1;
        }
    }
    if (high >= 0) return std::nullopt;
    return data;
}

}  // namespace ferraris
