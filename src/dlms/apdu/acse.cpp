// AARQ and AARE.
#include "dlms/apdu/acse.hpp"

#include <array>

#include "dlms/apdu/ber.hpp"

namespace ferraris::dlms {
namespace {

using namespace ber;

// Context tags of AARQ: [n] EXPLICIT is 0xA0 + n, [n] IMPLICIT of a simple type 0x80 + n.
constexpr std::uint8_t kProtocolVersion = 0x80;
constexpr std::uint8_t kApplicationContextName = 0xA1;
constexpr std::uint8_t kCalled = 0xA2;   // AP title, AE qualifier, AP and AE invocation id follow each other
constexpr std::uint8_t kCalling = 0xA6;  // likewise
constexpr std::uint8_t kSenderRequirements = 0x8A;
constexpr std::uint8_t kAarqMechanism = 0x8B;
constexpr std::uint8_t kCallingAuthentication = 0xAC;
constexpr std::uint8_t kImplementationInformation = 0xBD;
constexpr std::uint8_t kImplementationInformationImplicit = 0x9D;
// Those of AARE where they differ.
constexpr std::uint8_t kResult = 0xA2;
constexpr std::uint8_t kDiagnostic = 0xA3;
constexpr std::uint8_t kResponding = 0xA4;
constexpr std::uint8_t kResponderRequirements = 0x88;
constexpr std::uint8_t kAareMechanism = 0x89;
constexpr std::uint8_t kRespondingAuthentication = 0xAA;

constexpr std::array<std::uint8_t, 2> kBit0 = {0x07, 0x80};

/// True when `tag` is one of the four of a party whose AP title has the tag `first`.
bool take_party(ApduReader& in, const Tlv& field, std::uint8_t first, AcseParty& party) {
    if (field.tag < first || field.tag > first + 3) return false;
    switch (field.tag - first) {
        case 0:
            set_once(in, party.ap_title, unwrap_any(in, field.content));
            break;
        case 1:
            set_once(in, party.ae_qualifier, unwrap_any(in, field.content));
            break;
        case 2:
            set_once(in, party.ap_invocation_id, unwrap(in, field.content, kInteger));
            break;
        default:
            set_once(in, party.ae_invocation_id, unwrap(in, field.content, kInteger));
            break;
    }
    return true;
}

void take_authentication_value(ApduReader& in, ByteView content, std::optional<AuthenticationValue>& out) {
    if (out) in.refuse(ApduError::malformed);
    ApduReader inner(content);
    const Tlv field = take_tlv(inner);
    inner.end();
    AuthenticationValue value;
    value.octets = field.content;
    switch (field.tag) {
        case 0x80:
            value.choice = AuthenticationValue::Choice::char_string;
            break;
        case 0x81:
            value.choice = AuthenticationValue::Choice::bit_string;
            if (value.octets.empty()) inner.refuse(ApduError::malformed);
            if (!value.octets.empty()) value.octets = value.octets.subspan(1);
            break;
        case 0x82:
        case 0xA2:
            value.choice = AuthenticationValue::Choice::external;
            break;
        case 0x83:
        case 0xA3:
            value.choice = AuthenticationValue::Choice::other;
            break;
        default:
            inner.refuse(ApduError::malformed);
    }
    if (inner.failed()) in.refuse(inner.error());
    out = value;
}

AssociateDiagnostic take_diagnostic(ApduReader& in, ByteView content) {
    ApduReader inner(content);
    const Tlv choice = take_tlv(inner);
    inner.end();
    if (!inner.failed() && choice.tag != 0xA1 && choice.tag != 0xA2) inner.refuse(ApduError::malformed);
    if (inner.failed()) {
        in.refuse(inner.error());
        return {};
    }
    return {static_cast<AssociateDiagnostic::Source>(choice.tag - 0xA0), small_integer(in, choice.content)};
}

void put_party(ByteWriter& out, std::uint8_t first, const AcseParty& party) {
    put_wrapped(out, first, kOctetString, party.ap_title);
    put_wrapped(out, static_cast<std::uint8_t>(first + 1), kOctetString, party.ae_qualifier);
    put_wrapped(out, static_cast<std::uint8_t>(first + 2), kInteger, party.ap_invocation_id);
    put_wrapped(out, static_cast<std::uint8_t>(first + 3), kInteger, party.ae_invocation_id);
}

void put_authentication_value(ByteWriter& out, std::uint8_t tag, const std::optional<AuthenticationValue>& value) {
    if (!value) return;
    put_tlv(out, tag, [&](ByteWriter& body) {
        put_tlv(body, static_cast<std::uint8_t>(value->choice), [&](ByteWriter& inner) {
            if (value->choice == AuthenticationValue::Choice::bit_string) inner.u8(0);
            inner.put(value->octets);
        });
    });
}

}  // namespace

ByteView acse_bit_0() { return kBit0; }

bool AssociateRequest::offers_version_1() const {
    return !protocol_version || (protocol_version->size() >= 2 && ((*protocol_version)[1] & 0x80U) != 0);
}

bool AssociateRequest::asks_for_authentication() const {
    return sender_acse_requirements && sender_acse_requirements->size() >= 2 &&
           ((*sender_acse_requirements)[1] & 0x80U) != 0;
}

Result<AssociateRequest, ApduError> decode_aarq(ByteView apdu) {
    ApduReader in(apdu);
    AssociateRequest request;
    std::optional<ByteView> context;
    ApduReader fields(take_apdu(in, ApduTag::aarq));
    while (!in.failed() && !fields.failed() && !fields.at_end()) {
        const Tlv field = take_tlv(fields);
        if (fields.failed()) break;
        if (take_party(fields, field, kCalled, request.called)) continue;
        if (take_party(fields, field, kCalling, request.calling)) continue;
        switch (field.tag) {
            case kProtocolVersion:
                set_once(fields, request.protocol_version, field.content);
                break;
            case kApplicationContextName:
                set_once(fields, context, unwrap(fields, field.content, kObjectIdentifier));
                break;
            case kSenderRequirements:
                set_once(fields, request.sender_acse_requirements, field.content);
                break;
            case kAarqMechanism:
                set_once(fields, request.mechanism_name, field.content);
                break;
            case kCallingAuthentication:
                take_authentication_value(fields, field.content, request.calling_authentication_value);
                break;
            case kImplementationInformationImplicit:
            case kImplementationInformation:
                set_once(fields, request.implementation_information, field.content);
                break;
            case kUserInformation:
                set_once(fields, request.user_information, unwrap(fields, field.content, kOctetString));
                break;
            default:
                break;
        }
    }
    if (in.failed()) return Error(in.error());
    if (!context) fields.refuse(ApduError::malformed);
    request.application_context_name = context.value_or(ByteView{});
    return fields.result(request);
}

Result<AssociateResponse, ApduError> decode_aare(ByteView apdu) {
    ApduReader in(apdu);
    AssociateResponse response;
    std::optional<ByteView> context;
    bool has_result = false;
    ApduReader fields(take_apdu(in, ApduTag::aare));
    while (!in.failed() && !fields.failed() && !fields.at_end()) {
        const Tlv field = take_tlv(fields);
        if (fields.failed()) break;
        if (take_party(fields, field, kResponding, response.responding)) continue;
        switch (field.tag) {
            case kProtocolVersion:
                set_once(fields, response.protocol_version, field.content);
                break;
            case kApplicationContextName:
                set_once(fields, context, unwrap(fields, field.content, kObjectIdentifier));
                break;
            case kResult:
                if (has_result) fields.refuse(ApduError::malformed);
                has_result = true;
                response.result = static_cast<AssociationResult>(small_integer(fields, field.content));
                break;
            case kDiagnostic:
                response.diagnostic = take_diagnostic(fields, field.content);
                break;
            case kResponderRequirements:
                set_once(fields, response.responder_acse_requirements, field.content);
                break;
            case kAareMechanism:
                set_once(fields, response.mechanism_name, field.content);
                break;
            case kRespondingAuthentication:
                take_authentication_value(fields, field.content, response.responding_authentication_value);
                break;
            case kImplementationInformationImplicit:
            case kImplementationInformation:
                set_once(fields, response.implementation_information, field.content);
                break;
            case kUserInformation:
                set_once(fields, response.user_information, unwrap(fields, field.content, kOctetString));
                break;
            default:
                break;
        }
    }
    if (in.failed()) return Error(in.error());
    // Without a result nothing is known; a missing context name is some meters' way to refuse.
    if (!has_result) fields.refuse(ApduError::malformed);
    response.application_context_name = context.value_or(ByteView{});
    return fields.result(response);
}

void encode(ByteWriter& out, const AssociateRequest& request) {
    put_tlv(out, static_cast<std::uint8_t>(ApduTag::aarq), [&](ByteWriter& body) {
        put_octets(body, kProtocolVersion, request.protocol_version);
        put_wrapped(body, kApplicationContextName, kObjectIdentifier, request.application_context_name);
        put_party(body, kCalled, request.called);
        put_party(body, kCalling, request.calling);
        put_octets(body, kSenderRequirements, request.sender_acse_requirements);
        put_octets(body, kAarqMechanism, request.mechanism_name);
        put_authentication_value(body, kCallingAuthentication, request.calling_authentication_value);
        put_octets(body, kImplementationInformationImplicit, request.implementation_information);
        put_wrapped(body, kUserInformation, kOctetString, request.user_information);
    });
}

void encode(ByteWriter& out, const AssociateResponse& response) {
    put_tlv(out, static_cast<std::uint8_t>(ApduTag::aare), [&](ByteWriter& body) {
        put_octets(body, kProtocolVersion, response.protocol_version);
        put_wrapped(body, kApplicationContextName, kObjectIdentifier, response.application_context_name);
        put_small_integer(body, kResult, static_cast<std::uint8_t>(response.result));
        put_tlv(body, kDiagnostic, [&](ByteWriter& choice) {
            put_small_integer(choice,
                              static_cast<std::uint8_t>(0xA0 + static_cast<std::uint8_t>(response.diagnostic.source)),
                              response.diagnostic.code);
        });
        put_party(body, kResponding, response.responding);
        put_octets(body, kResponderRequirements, response.responder_acse_requirements);
        put_octets(body, kAareMechanism, response.mechanism_name);
        put_authentication_value(body, kRespondingAuthentication, response.responding_authentication_value);
        put_octets(body, kImplementationInformationImplicit, response.implementation_information);
        put_wrapped(body, kUserInformation, kOctetString, response.user_information);
    });
}

}  // namespace ferraris::dlms
