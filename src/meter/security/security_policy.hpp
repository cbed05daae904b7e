/// Security policies of class 64 (IEC 62056-6-2). Version 1 has a bit for each demand on requests and on answers.
#pragma once

#include <cstdint>

#include "dlms/security/protection.hpp"

namespace ferraris::meter::policy {

inline constexpr std::uint8_t kRequestAuthenticated = 1U << 2U;
inline constexpr std::uint8_t kRequestEncrypted = 1U << 3U;
inline constexpr std::uint8_t kRequestSigned = 1U << 4U;
inline constexpr std::uint8_t kAnswerAuthenticated = 1U << 5U;
inline constexpr std::uint8_t kAnswerEncrypted = 1U << 6U;
inline constexpr std::uint8_t kAnswerSigned = 1U << 7U;
inline constexpr std::uint8_t kUnused = 0x03;
inline constexpr std::uint8_t kSigned = kRequestSigned | kAnswerSigned;

/// Version 0 had numbers, which are still taken from factories and found in older flash: 1 authenticated, 2 encrypted,
/// 3 both, each for requests and answers.
[[nodiscard]] constexpr std::uint8_t of_any_version(std::uint8_t value) {
    if (value > kUnused) return value;
    const unsigned authenticated = (value & 1U) != 0 ? unsigned{kRequestAuthenticated} | kAnswerAuthenticated : 0U;
    const unsigned encrypted = (value & 2U) != 0 ? unsigned{kRequestEncrypted} | kAnswerEncrypted : 0U;
    return static_cast<std::uint8_t>(authenticated | encrypted);
}

[[nodiscard]] constexpr dlms::Protection of_requests(std::uint8_t value) {
    return {(value & kRequestAuthenticated) != 0, (value & kRequestEncrypted) != 0, (value & kRequestSigned) != 0};
}
[[nodiscard]] constexpr dlms::Protection of_answers(std::uint8_t value) {
    return {(value & kAnswerAuthenticated) != 0, (value & kAnswerEncrypted) != 0, (value & kAnswerSigned) != 0};
}

}  // namespace ferraris::meter::policy
