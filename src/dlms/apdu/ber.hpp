/// The BER of ACSE (ISO/IEC 8825-1), as far as DLMS uses it: one octet of tag, definite lengths.
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms::ber {

inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kObjectIdentifier = 0x06;
/// User-information, the one field that all four APDUs have.
inline constexpr std::uint8_t kUserInformation = 0xBE;

struct Tlv {
    std::uint8_t tag{0};
    ByteView content{};
};

/// One field. Multi-octet tags and the indefinite length are not used by DLMS and refused.
[[nodiscard]] Tlv take_tlv(ApduReader& in);
/// The only field of type `tag` inside an EXPLICIT wrapper; on an error `in` is refused.
[[nodiscard]] ByteView unwrap(ApduReader& in, ByteView content, std::uint8_t tag);
/// A field inside an EXPLICIT wrapper whose type is the sender's choice (form 1 or 2 of a title or qualifier).
[[nodiscard]] ByteView unwrap_any(ApduReader& in, ByteView content);
/// An INTEGER of one octet inside an EXPLICIT wrapper.
[[nodiscard]] std::uint8_t small_integer(ApduReader& in, ByteView content);
/// A field that comes twice is malformed.
void set_once(ApduReader& in, std::optional<ByteView>& field, ByteView value);
/// The fields of an APDU: what stands behind its tag and length. Octets after them are malformed.
[[nodiscard]] ByteView take_apdu(ApduReader& in, ApduTag tag);

/// Writes `tag`, length and what `body(out)` writes; the length is found by a first run that writes nowhere.
template <class Body>
void put_tlv(ByteWriter& out, std::uint8_t tag, Body&& body) {
    ByteWriter measure{ByteSpan{}};
    body(measure);
    out.u8(tag);
    put_length(out, measure.produced());
    body(out);
}

void put_octets(ByteWriter& out, std::uint8_t tag, ByteView content);
/// Nothing for a field that is absent.
void put_octets(ByteWriter& out, std::uint8_t tag, const std::optional<ByteView>& content);
/// `content` as type `inner` inside an EXPLICIT wrapper `tag`; nothing for a field that is absent.
void put_wrapped(ByteWriter& out, std::uint8_t tag, std::uint8_t inner, const std::optional<ByteView>& content);
void put_small_integer(ByteWriter& out, std::uint8_t tag, std::uint8_t value);

}  // namespace ferraris::dlms::ber
