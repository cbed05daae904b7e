#include "dlms/apdu/initiate.hpp"

namespace ferraris::dlms {
namespace {

/// [APPLICATION 31] IMPLICIT BIT STRING (SIZE (24)) in BER: tag 5F 1F, length 4, unused bits 0, three octets. Older
/// equipment leaves the tag's second octet out.
Conformance take_conformance(ApduReader& in) {
    if (in.u8() != 0x5F) in.refuse(ApduError::malformed);
    if (in.peek() == 0x1F) (void)in.u8();
    if (in.u16() != 0x0400) in.refuse(ApduError::malformed);
    const std::uint32_t high = in.u8();
    return static_cast<Conformance>(high << 16U | in.u16());
}

void put_conformance(ByteWriter& out, Conformance conformance) {
    out.u16(0x5F1F);
    out.u16(0x0400);
    out.unsigned_of(static_cast<std::uint32_t>(conformance) & kConformanceMask, 3);
}

void put_optional(ByteWriter& out, const std::optional<std::uint8_t>& value) {
    out.u8(value ? 1 : 0);
    if (value) out.u8(*value);
}

std::optional<std::uint8_t> take_optional(ApduReader& in) {
    if (!in.present()) return std::nullopt;
    return in.u8();
}

}  // namespace

Result<InitiateRequest, ApduError> decode_initiate_request(ByteView apdu) {
    ApduReader in(apdu);
    InitiateRequest request;
    in.tag(ApduTag::initiate_request);
    if (in.present()) request.dedicated_key = in.octet_string();
    if (in.present()) request.response_allowed = in.boolean();
    request.proposed_quality_of_service = take_optional(in);
    request.proposed_dlms_version = in.u8();
    request.proposed_conformance = take_conformance(in);
    request.client_max_receive_pdu_size = in.u16();
    return in.result(request);
}

Result<InitiateResponse, ApduError> decode_initiate_response(ByteView apdu) {
    ApduReader in(apdu);
    InitiateResponse response;
    in.tag(ApduTag::initiate_response);
    response.negotiated_quality_of_service = take_optional(in);
    response.negotiated_dlms_version = in.u8();
    response.negotiated_conformance = take_conformance(in);
    response.server_max_receive_pdu_size = in.u16();
    response.vaa_name = in.u16();
    return in.result(response);
}

void encode(ByteWriter& out, const InitiateRequest& request) {
    out.u8(static_cast<std::uint8_t>(ApduTag::initiate_request));
    out.u8(request.dedicated_key ? 1 : 0);
    if (request.dedicated_key) {
        put_length(out, request.dedicated_key->size());
        out.put(*request.dedicated_key);
    }
    out.u8(request.response_allowed ? 0 : 1);
    if (!request.response_allowed) out.u8(0);
    put_optional(out, request.proposed_quality_of_service);
    out.u8(request.proposed_dlms_version);
    put_conformance(out, request.proposed_conformance);
    out.u16(request.client_max_receive_pdu_size);
}

void encode(ByteWriter& out, const InitiateResponse& response) {
    out.u8(static_cast<std::uint8_t>(ApduTag::initiate_response));
    put_optional(out, response.negotiated_quality_of_service);
    out.u8(response.negotiated_dlms_version);
    put_conformance(out, response.negotiated_conformance);
    out.u16(response.server_max_receive_pdu_size);
    out.u16(response.vaa_name);
}

}  // namespace ferraris::dlms
