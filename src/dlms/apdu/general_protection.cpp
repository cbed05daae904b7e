#include "dlms/apdu/general_protection.hpp"

namespace ferraris::dlms {
namespace {

constexpr std::uint8_t kIdentified = 0;
constexpr std::uint8_t kWrapped = 1;
constexpr std::uint8_t kAgreed = 2;

void take(ApduReader& in, GeneralHeader& header) {
    header.transaction_id = in.octet_string();
    header.originator_system_title = in.octet_string();
    header.recipient_system_title = in.octet_string();
    header.date_time = in.octet_string();
    header.other_information = in.octet_string();
}

void take(ApduReader& in, KeyInfo& info) {
    if (!in.present()) return;
    switch (in.u8()) {
        case kIdentified:
            info.kind = KeyInfo::Kind::identified;
            info.id = in.u8();
            return;
        case kWrapped:
            info.kind = KeyInfo::Kind::wrapped;
            info.id = in.u8();
            info.key_ciphered_data = in.octet_string();
            return;
        case kAgreed:
            info.kind = KeyInfo::Kind::agreed;
            info.parameters = in.octet_string();
            info.key_ciphered_data = in.octet_string();
            return;
        default:
            in.refuse(ApduError::unknown_choice);
    }
}

void put(ByteWriter& out, const KeyInfo& info) {
    const auto octet_string = [&out](ByteView octets) {
        put_length(out, octets.size());
        out.put(octets);
    };
    out.u8(info.kind == KeyInfo::Kind::none ? 0 : 1);
    switch (info.kind) {
        case KeyInfo::Kind::none:
            return;
        case KeyInfo::Kind::identified:
            out.u8(kIdentified);
            out.u8(info.id);
            return;
        case KeyInfo::Kind::wrapped:
            out.u8(kWrapped);
            out.u8(info.id);
            octet_string(info.key_ciphered_data);
            return;
        case KeyInfo::Kind::agreed:
            out.u8(kAgreed);
            octet_string(info.parameters);
            octet_string(info.key_ciphered_data);
            return;
    }
}

}  // namespace

Result<GeneralCiphering, ApduError> decode_general_ciphering(ByteView apdu) {
    ApduReader in(apdu);
    GeneralCiphering ciphering;
    in.tag(ApduTag::general_ciphering);
    const std::size_t start = in.position();
    take(in, ciphering.header);
    if (!in.failed()) ciphering.encoded_header = in.since(start);
    take(in, ciphering.key_info);
    ciphering.content = in.octet_string();
    return in.result(ciphering);
}

Result<GeneralSigning, ApduError> decode_general_signing(ByteView apdu) {
    ApduReader in(apdu);
    GeneralSigning signing;
    in.tag(ApduTag::general_signing);
    const std::size_t start = in.position();
    take(in, signing.header);
    signing.content = in.octet_string();
    if (!in.failed()) signing.signed_octets = in.since(start);
    signing.signature = in.octet_string();
    return in.result(signing);
}

void put(ByteWriter& out, const GeneralHeader& header) {
    for (const ByteView field : {header.transaction_id, header.originator_system_title, header.recipient_system_title,
                                 header.date_time, header.other_information}) {
        put_length(out, field.size());
        out.put(field);
    }
}

void put_general_ciphering_head(ByteWriter& out, const GeneralHeader& header, const KeyInfo& key_info,
                                std::size_t content_length) {
    out.u8(static_cast<std::uint8_t>(ApduTag::general_ciphering));
    put(out, header);
    put(out, key_info);
    put_length(out, content_length);
}

void put_general_signing_head(ByteWriter& out, const GeneralHeader& header, std::size_t content_length) {
    out.u8(static_cast<std::uint8_t>(ApduTag::general_signing));
    put(out, header);
    put_length(out, content_length);
}

}  // namespace ferraris::dlms
