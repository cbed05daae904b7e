/// Protection of data, whatever APDU carries them (Data protection, class 30, IEC 62056-6-2): what general-ciphering
/// and general-signing say in a header is in a list of parameters here, one element a layer, in the order in which they
/// are applied, and only what was protected is an octet-string.
///
///     element that ciphers   security control | invocation counter | text | tag    as in general-ciphering
///     element that signs     text | signature                                      as in general-signing, but bare
///
/// What is authenticated or signed is what these APDUs would authenticate or sign, with the header that the element
/// says: keys, counters and checks are theirs too.
#pragma once

#include "dlms/data.hpp"
#include "dlms/security/layers.hpp"

namespace ferraris::dlms {

/// One element of protection_parameters. The views are into the list that it was read from. Titles that are empty are
/// those of the two sides of the association.
struct ProtectionElement {
    Protection protection{true, true};
    ByteView transaction_id{};
    ByteView originator_system_title{};
    ByteView recipient_system_title{};
    ByteView other_information{};
    KeyChoice key{KeyChoice::identified_unicast};  ///< of an element that ciphers
    ByteView key_ciphered_data{};

    [[nodiscard]] bool ciphers() const { return !protection.digitally_signed; }
    /// A signature, or a key that comes from a curve.
    [[nodiscard]] bool needs_curve_keys() const {
        return !ciphers() || key == KeyChoice::one_pass || key == KeyChoice::static_unified;
    }
    /// What is different with every message: the element says how it is made, and the message brings it.
    [[nodiscard]] bool has_fresh_key() const { return key == KeyChoice::wrapped || key == KeyChoice::one_pass; }
};

/// The first is applied first. One that ciphers and one that signs at most.
using ProtectionElements = FixedVector<ProtectionElement, 2>;

[[nodiscard]] Protection protection_of(const ProtectionElements& elements);
[[nodiscard]] bool needs_curve_keys(const ProtectionElements& elements);

/// array of structure{protection_type enum, structure{transaction_id, originator_system_title, recipient_system_title,
/// other_information octet-string, key_info structure{key_info_type enum, options}}}, where the options are
/// structure{enum}, structure{enum, octet-string} or structure{octet-string, octet-string} for a key that is
/// identified, wrapped or agreed. Nothing: not possible, or not of these types, which `in` tells.
[[nodiscard]] std::optional<ProtectionElements> take_protection_parameters(DataReader& in);
void put_protection_element(DataWriter& out, const ProtectionElement& element);

/// Octets that protection_parameters with the longest keys, signatures and ids can have.
inline constexpr std::size_t kMaxProtectionParameters = 512;

/// Protects the `length` octets that stand in `buffer` from `offset` on; they are moved where there is too little room.
/// Writes an array of the elements as they then are, with titles and fresh keys, to `parameters`. The answer is a view
/// into `buffer`. `keys.peer_system_title` is the recipient. Errors: as of seal_layer; malformed: other information,
/// or a transaction id that is too long.
[[nodiscard]] Result<ByteView, SecurityError> protect_data(Crypto& crypto, std::uint8_t suite,
                                                           const ProtectionElements& elements,
                                                           std::uint32_t invocation_counter, const GeneralKeys& keys,
                                                           ByteSpan buffer, std::size_t offset, std::size_t length,
                                                           DataWriter& parameters);

struct OpenedData {
    ByteView text{};
    Protection protection{};
    std::optional<std::uint32_t> invocation_counter{};  ///< of the element that ciphers
};

/// The reverse. `octets` is copied into `buffer`, which needs room for the head of an APDU besides; `text` is a view
/// into it. `keys.peer_system_title` is the originator. Whether the counter may be accepted is for the caller to say.
/// Errors: as of open_layer; no_room.
[[nodiscard]] Result<OpenedData, SecurityError> open_data(Crypto& crypto, std::uint8_t suite,
                                                          const ProtectionElements& elements, const GeneralKeys& keys,
                                                          ByteView octets, ByteSpan buffer);

}  // namespace ferraris::dlms
