#include "dlms/apdu/ciphered.hpp"

#include <array>

namespace ferraris::dlms {
namespace {

struct TagRow {
    ApduTag plain;
    std::uint8_t global;
    std::uint8_t dedicated;
};

// IEC 62056-5-3, annex A, XDLMS-APDU. An exception-response travels in the clear or in a general envelope.
constexpr std::array<TagRow, 15> kTags = {{
    {ApduTag::initiate_request, 0x21, 0x41},
    {ApduTag::read_request, 0x25, 0x45},
    {ApduTag::write_request, 0x26, 0x46},
    {ApduTag::read_response, 0x2C, 0x4C},
    {ApduTag::write_response, 0x2D, 0x4D},
    {ApduTag::information_report, 0x38, 0x58},
    {ApduTag::initiate_response, 0x28, 0x48},
    {ApduTag::confirmed_service_error, 0x2E, 0x4E},
    {ApduTag::get_request, 0xC8, 0xD0},
    {ApduTag::set_request, 0xC9, 0xD1},
    {ApduTag::event_notification_request, 0xCA, 0xD2},
    {ApduTag::action_request, 0xCB, 0xD3},
    {ApduTag::get_response, 0xCC, 0xD4},
    {ApduTag::set_response, 0xCD, 0xD5},
    {ApduTag::action_response, 0xCF, 0xD7},
}};

std::optional<Envelope> envelope_of(std::uint8_t tag) {
    if (tag == static_cast<std::uint8_t>(ApduTag::general_glo_ciphering)) return Envelope::general_global;
    if (tag == static_cast<std::uint8_t>(ApduTag::general_ded_ciphering)) return Envelope::general_dedicated;
    for (const TagRow& row : kTags) {
        if (row.global == tag) return Envelope::service_specific_global;
        if (row.dedicated == tag) return Envelope::service_specific_dedicated;
    }
    return std::nullopt;
}

}  // namespace

bool is_ciphered(std::uint8_t tag) { return envelope_of(tag).has_value(); }

std::optional<std::uint8_t> ciphered_tag(ApduTag plain, Envelope envelope) {
    if (envelope == Envelope::general_global) return static_cast<std::uint8_t>(ApduTag::general_glo_ciphering);
    if (envelope == Envelope::general_dedicated) return static_cast<std::uint8_t>(ApduTag::general_ded_ciphering);
    for (const TagRow& row : kTags) {
        if (row.plain == plain) return envelope == Envelope::service_specific_global ? row.global : row.dedicated;
    }
    return std::nullopt;
}

std::optional<ApduTag> plain_tag(std::uint8_t ciphered) {
    for (const TagRow& row : kTags) {
        if (row.global == ciphered || row.dedicated == ciphered) return row.plain;
    }
    return std::nullopt;
}

Result<CipheredApdu, ApduError> decode_ciphered(ByteView apdu) {
    ApduReader in(apdu);
    CipheredApdu ciphered;
    ciphered.tag = in.u8();
    if (in.failed()) return Error(ApduError::truncated);
    const auto envelope = envelope_of(ciphered.tag);
    if (!envelope) return Error(ApduError::unknown_tag);
    ciphered.envelope = *envelope;
    if (is_general(*envelope)) ciphered.system_title = in.octet_string();
    ciphered.content = in.octet_string();
    return in.result(ciphered);
}

void put_ciphered_head(ByteWriter& out, std::uint8_t tag, Envelope envelope, ByteView system_title,
                       std::size_t content_length) {
    out.u8(tag);
    if (is_general(envelope)) {
        put_length(out, system_title.size());
        out.put(system_title);
    }
    put_length(out, content_length);
}

}  // namespace ferraris::dlms
