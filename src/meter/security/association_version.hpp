/// Class 15 in its versions 1, 2 and 3 (IEC 62056-6-2): which attributes and methods it has, and how an object list
/// writes access modes. What is allowed is the same in all of them.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ferraris::meter {

/// The bits of version 3 that this meter uses.
namespace access_mode {
inline constexpr unsigned kRead = 0x01;
inline constexpr unsigned kWrite = 0x02;
inline constexpr unsigned kInvoke = 0x01;
/// Request and answer authenticated and encrypted.
inline constexpr unsigned kProtected = 0x04 | 0x08 | 0x20 | 0x40;
}  // namespace access_mode

struct AssociationVersion {
    static constexpr std::uint16_t kClassId = 15;
    static constexpr std::uint8_t kOldest = 1;
    static constexpr std::uint8_t kNewest = 3;

    std::uint8_t number{kNewest};

    /// Version 2 brought user_list, current_user, add_user and remove_user.
    [[nodiscard]] constexpr int last_attribute() const { return number == 1 ? 9 : 11; }
    [[nodiscard]] constexpr int last_method() const { return number == 1 ? 4 : 6; }

    /// From the bits of version 3. Before it: 0 none, 1 read, 2 write, 3 both, 4 to 6 the same authenticated.
    [[nodiscard]] constexpr std::uint8_t attribute_mode(unsigned bits) const {
        if (number >= 3) return static_cast<std::uint8_t>(bits);
        const unsigned rights = bits & (access_mode::kRead | access_mode::kWrite);
        const bool authenticated = rights != 0 && (bits & access_mode::kProtected) != 0;
        return static_cast<std::uint8_t>(rights + (authenticated ? 3U : 0U));
    }
    /// Before version 3: 0 none, 1 access, 2 authenticated access.
    [[nodiscard]] constexpr std::uint8_t method_mode(unsigned bits) const {
        if (number >= 3) return static_cast<std::uint8_t>(bits);
        const bool authenticated = bits != 0 && (bits & access_mode::kProtected) != 0;
        return static_cast<std::uint8_t>((bits & access_mode::kInvoke) + (authenticated ? 1U : 0U));
    }
};

}  // namespace ferraris::meter
