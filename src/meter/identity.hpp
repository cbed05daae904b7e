/// What a factory gives a meter: who it is, and the secrets it starts its life with.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/fixed_vector.hpp"
#include "dlms/enumerations.hpp"
#include "meter/image/firmware_version.hpp"

namespace ferraris::meter {

inline constexpr std::string_view kTypeDesignation = "Ferraris 1P 230 V 5(80) A class B";
/// Letters of the manufacturer, as FLAG identifiers are: first in the system title and in the logical device name.
inline constexpr std::string_view kManufacturer = "FRS";

struct MeterIdentity {
    FixedVector<std::uint8_t, 16> serial_number{};       ///< printable characters
    std::array<std::uint8_t, 8> system_title{};          ///< manufacturer and five octets
    std::array<std::uint8_t, 16> logical_device_name{};  ///< manufacturer and thirteen characters
    FirmwareVersion firmware_version{kFirmwareVersion};  ///< of the program that runs
    std::uint32_t firmware_signature{0};                 ///< check sum of the legally relevant program

    /// The serial number as thirteen digits, and names made of it: unique as the number is, below 2^40.
    [[nodiscard]] static MeterIdentity from_serial_number(std::uint64_t number);
};

/// An AES key; suites 0 and 1 use the first 16 octets.
using Key = std::array<std::uint8_t, 32>;
using Secret = FixedVector<std::uint8_t, 32>;

/// Security setup of one client that ciphers (class 64).
struct SecuritySettings {
    std::uint8_t policy{0};  ///< bits of class 64 version 1, or 1 to 3 as in version 0 (security_policy.hpp)
    std::uint8_t suite{0};
    Key unicast_encryption{};
    Key broadcast_encryption{};
    Key authentication{};
    Key master{};  ///< wraps the others when they are transferred
};

/// Clients that have secrets, in the order of their SAP: utility 1, reader 2, technician 3.
inline constexpr std::size_t kSecretClientCount = 3;
inline constexpr std::size_t kUtilityIndex = 0;
inline constexpr std::size_t kReaderIndex = 1;
inline constexpr std::size_t kTechnicianIndex = 2;

struct FactorySettings {
    /// The reader's password (low level security), and the secrets of utility and technician for mechanisms other than
    /// GMAC.
    std::array<Secret, kSecretClientCount> secrets{};
    /// The reader's is not used: low level security does not cipher.
    std::array<SecuritySettings, kSecretClientCount> security{};
    /// How each of them proves who it is.
    std::array<dlms::AuthenticationMechanism, kSecretClientCount> mechanisms{dlms::AuthenticationMechanism::high_gmac,
                                                                             dlms::AuthenticationMechanism::low,
                                                                             dlms::AuthenticationMechanism::high_gmac};
    /// HLS with MD5 and SHA-1, which are broken.
    bool legacy_digests{false};
    /// The certificate of the authority that the meter trusts first, encoded; empty: it trusts none. Stays valid until
    /// the meter has started for the first time.
    ByteView trust_anchor{};
    /// Private keys of pairs made outside, taken over with it.
    ByteView signing_private_key{};
    ByteView agreement_private_key{};
    /// Certificates under the trust anchor, of clients and of the meter itself; taken over with it.
    std::span<const ByteView> certificates{};
    /// Of wireless M-Bus, which is off until somebody sets it up.
    std::array<std::uint8_t, 16> wireless_key{};
    /// What firmware images are verified with; zeros: none is taken.
    FirmwareKey firmware_key{};
    std::uint16_t impulses_per_kilowatthour{1000};
    /// The buttons can be pressed over DLMS: for a meter that nobody can stand in front of.
    bool remote_buttons{false};
    /// Of the association objects (class 15): 1, 2 or 3, for clients that do not know the newest.
    std::uint8_t association_version{3};
    /// Where the counters that the meter sends with begin. Above 0 when another meter had the same keys and system
    /// title: no counter may be used twice under one key.
    std::uint32_t first_sending_counter{0};
};

}  // namespace ferraris::meter
