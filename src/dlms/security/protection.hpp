/// How well an APDU is protected, and under which key.
#pragma once

#include <cstdint>

namespace ferraris::dlms {

/// Protection of one APDU: bits 4 and 5 of the security control octet (IEC 62056-5-3, 5.3.5), and general-signing.
struct Protection {
    bool authenticated{false};
    bool encrypted{false};
    bool digitally_signed{false};

    friend constexpr bool operator==(const Protection&, const Protection&) = default;
    [[nodiscard]] constexpr bool any() const { return authenticated || encrypted || digitally_signed; }
    /// By a symmetric key: what a security control octet can say.
    [[nodiscard]] constexpr bool ciphered() const { return authenticated || encrypted; }
    /// At least what `required` asks for.
    [[nodiscard]] constexpr bool covers(Protection required) const {
        return (authenticated || !required.authenticated) && (encrypted || !required.encrypted) &&
               (digitally_signed || !required.digitally_signed);
    }
    [[nodiscard]] friend constexpr Protection operator|(Protection a, Protection b) {
        return {a.authenticated || b.authenticated, a.encrypted || b.encrypted,
                a.digitally_signed || b.digitally_signed};
    }
};

/// Which key protects, and therefore which counter counts.
enum class KeySet : std::uint8_t { global_unicast, global_broadcast, dedicated };

/// What a key pair and its certificate are for. The numbers are those of class 64, `certificate_type` (IEC 62056-6-2).
enum class KeyUse : std::uint8_t { digital_signature = 0, key_agreement = 1, tls = 2, other = 3 };

}  // namespace ferraris::dlms
