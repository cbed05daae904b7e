/// ACSE in BER: AARQ, AARE, RLRQ, RLRE (IEC 62056-5-3, 7.2; ISO/IEC 15954). Tags 60 to 63.
///
/// Fields are views of their contents without BER's tags and lengths. Fields that the standard does not know are
/// skipped when they are well formed; fields out of order are accepted, a field that comes twice is malformed.
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

/// Contents of the object identifiers 2.16.756.5.8.1.x and 2.16.756.5.8.2.x.
[[nodiscard]] ByteView application_context_oid(ApplicationContext context);
[[nodiscard]] ByteView mechanism_oid(AuthenticationMechanism mechanism);
/// Nothing for an object identifier that is none of them.
[[nodiscard]] std::optional<ApplicationContext> application_context_of(ByteView oid);
[[nodiscard]] std::optional<AuthenticationMechanism> mechanism_of(ByteView oid);

/// Authentication-value: the secret or the challenge, and the choice it came in.
struct AuthenticationValue {
    enum class Choice : std::uint8_t { char_string = 0x80, bit_string = 0x81, external = 0x82, other = 0x83 };
    Choice choice{Choice::char_string};
    ByteView octets{};  ///< of a bit string: without the count of unused bits
};

/// The fields that AARQ and AARE have in common. On the wire they have other tags in the two: calling and
/// responding.
struct AcseParty {
    std::optional<ByteView> ap_title{};  ///< the system title
    std::optional<ByteView> ae_qualifier{};
    std::optional<ByteView> ap_invocation_id{};  ///< contents of the INTEGER
    std::optional<ByteView> ae_invocation_id{};  ///< contents of the INTEGER: the client user id
};

struct AssociateRequest {
    std::optional<ByteView> protocol_version{};  ///< BIT STRING with its count of unused bits; 07 80 is version 1
    ByteView application_context_name{};         ///< object identifier
    AcseParty called{};
    AcseParty calling{};
    std::optional<ByteView> sender_acse_requirements{};  ///< BIT STRING; 07 80 asks for authentication
    std::optional<ByteView> mechanism_name{};            ///< object identifier
    std::optional<AuthenticationValue> calling_authentication_value{};
    std::optional<ByteView> implementation_information{};
    std::optional<ByteView>
        user_information{};  ///< contents of the OCTET STRING: an InitiateRequest, or a ciphered one

    /// Absent, or bit 0 set: version 1 is on offer.
    [[nodiscard]] bool offers_version_1() const;
    /// The functional unit of authentication is asked for.
    [[nodiscard]] bool asks_for_authentication() const;
};

/// Associate-source-diagnostic: a choice of acse-service-user (1) and acse-service-provider (2).
struct AssociateDiagnostic {
    enum class Source : std::uint8_t { service_user = 1, service_provider = 2 };
    Source source{Source::service_user};
    std::uint8_t code{0};  ///< AcseUserDiagnostic or AcseProviderDiagnostic

    static constexpr AssociateDiagnostic of(AcseUserDiagnostic code) {
        return {Source::service_user, static_cast<std::uint8_t>(code)};
    }
    static constexpr AssociateDiagnostic of(AcseProviderDiagnostic code) {
        return {Source::service_provider, static_cast<std::uint8_t>(code)};
    }
    friend constexpr bool operator==(const AssociateDiagnostic&, const AssociateDiagnostic&) = default;
};

struct AssociateResponse {
    std::optional<ByteView> protocol_version{};
    ByteView application_context_name{};
    AssociationResult result{AssociationResult::accepted};
    AssociateDiagnostic diagnostic{};
    AcseParty responding{};
    std::optional<ByteView> responder_acse_requirements{};
    std::optional<ByteView> mechanism_name{};
    std::optional<AuthenticationValue> responding_authentication_value{};
    std::optional<ByteView> implementation_information{};
    /// An InitiateResponse, a ciphered one, or a ConfirmedServiceError. Some meters leave it out when they refuse.
    std::optional<ByteView> user_information{};
};

/// Reasons of RLRQ (normal, urgent, user_defined) and RLRE (normal, not_finished, user_defined).
enum class ReleaseReason : std::uint8_t { normal = 0, urgent_or_not_finished = 1, user_defined = 30 };

struct ReleaseRequest {
    std::optional<ReleaseReason> reason{};
    std::optional<ByteView> user_information{};
};

struct ReleaseResponse {
    std::optional<ReleaseReason> reason{};
    std::optional<ByteView> user_information{};
};

/// Contents of the BIT STRINGs that set only bit 0: protocol version 1, and the functional unit of authentication.
[[nodiscard]] ByteView acse_bit_0();

[[nodiscard]] Result<AssociateRequest, ApduError> decode_aarq(ByteView apdu);
[[nodiscard]] Result<AssociateResponse, ApduError> decode_aare(ByteView apdu);
[[nodiscard]] Result<ReleaseRequest, ApduError> decode_rlrq(ByteView apdu);
[[nodiscard]] Result<ReleaseResponse, ApduError> decode_rlre(ByteView apdu);
void encode(ByteWriter& out, const AssociateRequest& request);
void encode(ByteWriter& out, const AssociateResponse& response);
void encode(ByteWriter& out, const ReleaseRequest& request);
void encode(ByteWriter& out, const ReleaseResponse& response);

}  // namespace ferraris::dlms
