#include "dlms/apdu/ber.hpp"

namespace ferraris::dlms::ber {

Tlv take_tlv(ApduReader& in) {
    Tlv field;
    field.tag = in.u8();
    if ((field.tag & 0x1FU) == 0x1F) in.refuse(ApduError::malformed);
    field.content = in.take(in.length());
    return field;
}

ByteView unwrap(ApduReader& in, ByteView content, std::uint8_t tag) {
    ApduReader inner(content);
    const Tlv field = take_tlv(inner);
    inner.end();
    if (inner.failed()) {
        in.refuse(inner.error());
    } else if (field.tag != tag) {
        in.refuse(ApduError::malformed);
    }
    return field.content;
}

ByteView unwrap_any(ApduReader& in, ByteView content) {
    ApduReader inner(content);
    const Tlv field = take_tlv(inner);
    inner.end();
    if (inner.failed()) in.refuse(inner.error());
    return field.content;
}

void set_once(ApduReader& in, std::optional<ByteView>& field, ByteView value) {
    if (field) in.refuse(ApduError::malformed);
    field = value;
}

ByteView take_apdu(ApduReader& in, ApduTag tag) {
    in.tag(tag);
    const ByteView fields = in.take(in.length());
    in.end();
    return fields;
}

std::uint8_t small_integer(ApduReader& in, ByteView content) {
    const ByteView number = unwrap(in, content, kInteger);
    if (number.size() != 1) in.refuse(ApduError::malformed);
    return number.size() == 1 ? number[0] : std::uint8_t{0};
}

void put_octets(ByteWriter& out, std::uint8_t tag, ByteView content) {
    out.u8(tag);
    put_length(out, content.size());
    out.put(content);
}

void put_octets(ByteWriter& out, std::uint8_t tag, const std::optional<ByteView>& content) {
    if (content) put_octets(out, tag, *content);
}

void put_wrapped(ByteWriter& out, std::uint8_t tag, std::uint8_t inner, const std::optional<ByteView>& content) {
    if (content) put_tlv(out, tag, [&](ByteWriter& body) { put_octets(body, inner, *content); });
}

void put_small_integer(ByteWriter& out, std::uint8_t tag, std::uint8_t value) {
    put_wrapped(out, tag, kInteger, ByteView(&value, 1));
}

}  // namespace ferraris::dlms::ber
