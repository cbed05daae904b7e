/// InitiateRequest and InitiateResponse: what travels in the user-information of AARQ and AARE (IEC 62056-5-3, 7.2).
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

inline constexpr std::uint8_t kDlmsVersion = 6;
/// vaa-name of an association by logical names. Some meters send another one; a client does not care.
inline constexpr std::uint16_t kVaaNameLogicalNames = 0x0007;
/// A smaller client-max-receive-pdu-size is refused (APPL_OPEN_14).
inline constexpr std::uint16_t kMinPduSize = 12;
/// All the conformance bits that the block has.
inline constexpr std::uint32_t kConformanceMask = 0x00FFFFFF;

struct InitiateRequest {
    std::optional<ByteView> dedicated_key{};  ///< 16 or 32 octets; the length is not judged here
    bool response_allowed{true};
    std::optional<std::uint8_t> proposed_quality_of_service{};
    std::uint8_t proposed_dlms_version{kDlmsVersion};
    Conformance proposed_conformance{Conformance::none};
    std::uint16_t client_max_receive_pdu_size{0xFFFF};  ///< 0 and 0xFFFF: no limit
};

struct InitiateResponse {
    std::optional<std::uint8_t> negotiated_quality_of_service{};
    std::uint8_t negotiated_dlms_version{kDlmsVersion};
    Conformance negotiated_conformance{Conformance::none};
    std::uint16_t server_max_receive_pdu_size{0xFFFF};  ///< 0 and 0xFFFF: no limit
    std::uint16_t vaa_name{kVaaNameLogicalNames};
};

[[nodiscard]] Result<InitiateRequest, ApduError> decode_initiate_request(ByteView apdu);
[[nodiscard]] Result<InitiateResponse, ApduError> decode_initiate_response(ByteView apdu);
void encode(ByteWriter& out, const InitiateRequest& request);
void encode(ByteWriter& out, const InitiateResponse& response);

}  // namespace ferraris::dlms
