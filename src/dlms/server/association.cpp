/// The ACSE side of a server session: AARQ, AARE, the four passes of HLS, RLRQ and RLRE.
#include <algorithm>

#include "dlms/apdu/confirmed_service_error.hpp"
#include "dlms/security/hls.hpp"
#include "dlms/server/session.hpp"

namespace ferraris::dlms {
namespace {

/// An InitiateResponse in general-ciphering with an ephemeral key of P-384, and signed.
constexpr std::size_t kMaxInitiateResponse = 640;

bool is_high(AuthenticationMechanism mechanism) { return mechanism >= AuthenticationMechanism::high; }

AuthenticationMechanism asked_mechanism(const AssociateRequest& request) {
    if (!request.mechanism_name) return AuthenticationMechanism::none;
    return mechanism_of(*request.mechanism_name).value_or(AuthenticationMechanism::none);
}

/// What is wrong with the proposal, in the words of `initiate` in the service error.
std::optional<InitiateError> judge_initiate(const InitiateRequest& initiate, const ClientAccess& access) {
    if (initiate.proposed_dlms_version < kDlmsVersion) return InitiateError::dlms_version_too_low;
    if ((initiate.proposed_conformance & access.conformance) == Conformance::none) {
        return InitiateError::incompatible_conformance;
    }
    const std::uint16_t size = initiate.client_max_receive_pdu_size;
    if (size != 0 && size < kMinPduSize) return InitiateError::pdu_size_too_short;
    return std::nullopt;
}

/// The client user identification: an INTEGER of one octet, or of two where its sign would need one.
std::optional<std::uint8_t> user_id_of(const std::optional<ByteView>& integer) {
    if (!integer) return std::nullopt;
    if (integer->size() == 1) return (*integer)[0];
    if (integer->size() == 2 && (*integer)[0] == 0) return (*integer)[1];
    return std::nullopt;
}

}  // namespace

void ServerSession::associate(std::uint16_t client_sap, ByteView apdu, Answer& answer) {
    // A client that starts afresh has given up what it had.
    link_lost();
    const auto request = decode_aarq(apdu);
    const auto access = device_.client(client_sap);
    if (!request) {
        device_.security_event(client_sap, SecurityEvent::request_malformed);
        AssociateRequest unknown;
        unknown.application_context_name = application_context_oid(ApplicationContext::logical_names);
        return reject(unknown, AssociateDiagnostic::of(AcseUserDiagnostic::no_reason_given), {}, answer);
    }
    if (!access) {
        device_.security_event(client_sap, SecurityEvent::authentication_failed);
        return reject(*request, AssociateDiagnostic::of(AcseUserDiagnostic::no_reason_given), {}, answer);
    }
    if (access->locked) {
        device_.security_event(client_sap, SecurityEvent::locked_out);
        return reject(*request, AssociateDiagnostic::of(AcseUserDiagnostic::authentication_failure), {}, answer,
                      AssociationResult::rejected_transient);
    }
    association_.client_sap = client_sap;
    access_ = access;
    auto refusal = judge_context(*request, *access);
    if (refusal) device_.security_event(client_sap, SecurityEvent::proposal_refused);
    if (!refusal) refusal = judge_authentication(*request, *access);
    if (!refusal) refusal = judge_user(*request, *access);
    if (refusal) return reject(*request, *refusal, {}, answer);
    accept(*request, *access, answer);
}

std::optional<AssociateDiagnostic> ServerSession::judge_context(const AssociateRequest& request,
                                                                const ClientAccess& access) {
    if (!request.offers_version_1()) return AssociateDiagnostic::of(AcseProviderDiagnostic::no_common_acse_version);
    const auto context = application_context_of(request.application_context_name);
    const bool ciphered = context == ApplicationContext::logical_names_ciphered;
    if (context != ApplicationContext::logical_names && !ciphered) {
        return AssociateDiagnostic::of(AcseUserDiagnostic::application_context_name_not_supported);
    }
    // Who must cipher cannot do so in a context without.
    if (!ciphered && access.policy.any()) {
        return AssociateDiagnostic::of(AcseUserDiagnostic::application_context_name_not_supported);
    }
    association_.context = *context;
    // The title is part of every initialisation vector: 8 octets or nothing works.
    const bool needs_title = ciphered || needs_system_titles(access.mechanism);
    const ByteView title = request.calling.ap_title.value_or(ByteView{});
    if ((needs_title || !title.empty()) && title.size() != kSystemTitleSize) {
        return AssociateDiagnostic::of(AcseUserDiagnostic::calling_ap_title_not_recognized);
    }
    (void)association_.client_system_title.assign(title);
    return std::nullopt;
}

std::optional<AssociateDiagnostic> ServerSession::judge_authentication(const AssociateRequest& request,
                                                                       const ClientAccess& access) {
    const auto refused = [&](SecurityEvent event, AcseUserDiagnostic why) {
        device_.security_event(association_.client_sap, event);
        return AssociateDiagnostic::of(why);
    };
    // Who names another mechanism has tried no secret: that is told, and counts as no failed login. Otherwise anybody
    // could lock out a client without knowing anything of it.
    const auto not_recognised = [&] {
        return refused(SecurityEvent::mechanism_refused,
                       AcseUserDiagnostic::authentication_mechanism_name_not_recognised);
    };
    association_.mechanism = access.mechanism;
    if (access.mechanism == AuthenticationMechanism::none) {
        // Dummy fields of authentication are tolerated, a wish for more than there is, is not (APPL_OPEN_7).
        const bool asks = request.asks_for_authentication() && request.mechanism_name;
        const bool unknown = asks && !mechanism_of(*request.mechanism_name);
        if (!unknown && asked_mechanism(request) == AuthenticationMechanism::none) return std::nullopt;
        return not_recognised();
    }
    if (!request.mechanism_name) {
        return refused(SecurityEvent::mechanism_refused, AcseUserDiagnostic::authentication_mechanism_name_required);
    }
    if (asked_mechanism(request) != access.mechanism) return not_recognised();
    // A mechanism that is off, or that the suite has no curve for, is no mechanism.
    const bool off = is_legacy(access.mechanism) && !access.legacy_digests;
    const bool lacks_curve =
        access.mechanism == AuthenticationMechanism::high_ecdsa && !curve_of_suite(access.security_suite);
    if (off || lacks_curve) return not_recognised();
    const ByteView value =
        request.calling_authentication_value ? request.calling_authentication_value->octets : ByteView{};
    if (access.mechanism == AuthenticationMechanism::low) {
        if (lls_matches(access.secret, value)) return std::nullopt;
        return refused(SecurityEvent::authentication_failed, AcseUserDiagnostic::authentication_failure);
    }
    // A challenge is no secret either.
    if (value.size() < min_challenge_size(access.mechanism) || !client_challenge_.assign(value)) {
        return refused(SecurityEvent::request_malformed, AcseUserDiagnostic::authentication_failure);
    }
    return std::nullopt;
}

std::optional<AssociateDiagnostic> ServerSession::judge_user(const AssociateRequest& request,
                                                             const ClientAccess& access) {
    if (access.user_ids.empty()) return std::nullopt;
    const auto user = user_id_of(request.calling.ae_invocation_id);
    if (user && std::ranges::find(access.user_ids, *user) != access.user_ids.end()) {
        association_.user_id = user;
        return std::nullopt;
    }
    device_.security_event(association_.client_sap, SecurityEvent::authentication_failed);
    return AssociateDiagnostic::of(AcseUserDiagnostic::calling_ae_invocation_identifier_not_recognized);
}

void ServerSession::accept(const AssociateRequest& request, const ClientAccess& access, Answer& answer) {
    const auto no_reason = AssociateDiagnostic::of(AcseUserDiagnostic::no_reason_given);
    const auto refuse_proposal = [&](std::optional<InitiateError> error) {
        device_.security_event(association_.client_sap, SecurityEvent::proposal_refused);
        return reject(request, no_reason, error, answer);
    };
    if (!request.user_information || request.user_information->empty()) return refuse_proposal({});
    ProtectionLayers layers;
    Protection protection;
    ByteView initiate_octets = *request.user_information;
    if (is_protected(initiate_octets[0])) {
        const auto plain = decipher(initiate_octets, layers, protection);
        if (!plain) return reject(request, no_reason, {}, answer);
        initiate_octets = *plain;
    } else if (access.policy.any()) {
        device_.security_event(association_.client_sap, SecurityEvent::protection_insufficient);
        return reject(request, no_reason, {}, answer);
    }
    const auto initiate = decode_initiate_request(initiate_octets);
    if (!initiate) {
        device_.security_event(association_.client_sap, SecurityEvent::request_malformed);
        return reject(request, no_reason, {}, answer);
    }
    if (const auto error = judge_initiate(*initiate, access)) return refuse_proposal(error);
    if (initiate->dedicated_key) {
        // A dedicated key that came in the clear is no key.
        if (!protection.encrypted || initiate->dedicated_key->size() != key_size_of_suite(access.security_suite)) {
            return refuse_proposal(InitiateError::other);
        }
        (void)dedicated_key_.assign(*initiate->dedicated_key);
    }
    association_.conformance = initiate->proposed_conformance & access.conformance & supported();
    association_.max_receive_pdu_size = initiate->client_max_receive_pdu_size;
    association_.max_send_pdu_size =
        static_cast<std::uint16_t>(std::min<std::size_t>(memory_.deciphering.size(), 0xFFFF));

    AssociateResponse response;
    response.application_context_name = request.application_context_name;
    if (is_high(access.mechanism)) {
        (void)server_challenge_.resize(std::max<std::size_t>(16, min_challenge_size(access.mechanism)));
        if (!crypto_.random(server_challenge_.view())) return reject(request, no_reason, {}, answer);
        response.diagnostic = AssociateDiagnostic::of(AcseUserDiagnostic::authentication_required);
        response.responder_acse_requirements = acse_bit_0();
        response.mechanism_name = mechanism_oid(access.mechanism);
        response.responding_authentication_value = {AuthenticationValue::Choice::char_string, server_challenge_.view()};
    }
    const bool ciphered = association_.context == ApplicationContext::logical_names_ciphered;
    if (ciphered || needs_system_titles(access.mechanism)) {
        response.responding.ap_title = device_.system_title();
    }
    InitiateResponse negotiated;
    negotiated.negotiated_conformance = association_.conformance;
    negotiated.server_max_receive_pdu_size = association_.max_send_pdu_size;

    // The answer's user-information is as well protected as the request's was.
    std::uint8_t buffer[kMaxInitiateResponse];
    ByteWriter inner(ByteSpan(buffer).subspan(kMaxCipherHead, 32));
    encode(inner, negotiated);
    response.user_information = inner.written();
    if (!layers.empty()) {
        const Protection& answers = access.answer_policy;
        complete_layers(layers, {answers.authenticated, answers.encrypted, false}, {});
        const auto sealed = seal_layers(layers, buffer, kMaxCipherHead, inner.size());
        if (!sealed) {
            device_.security_event(association_.client_sap, SecurityEvent::answer_unprotectable);
            return reject(request, no_reason, {}, answer);
        }
        response.user_information = *sealed;
    }
    association_.status = is_high(access.mechanism) ? AssociationStatus::pending : AssociationStatus::associated;
    if (association_.status == AssociationStatus::associated) {
        device_.security_event(association_.client_sap, SecurityEvent::association_established);
    }
    set_answer(answer, response);
}

void ServerSession::reject(const AssociateRequest& request, AssociateDiagnostic diagnostic,
                           std::optional<InitiateError> error, Answer& answer, AssociationResult result) {
    end_association();
    std::uint8_t buffer[8];
    ByteWriter inner(buffer);
    AssociateResponse response;
    response.application_context_name = request.application_context_name;
    response.result = result;
    response.diagnostic = diagnostic;
    if (error) {
        encode(inner, ConfirmedServiceError::of(*error));
        response.user_information = inner.written();
    }
    set_answer(answer, response);
}

ActionResult ServerSession::complete_authentication(ByteView parameters, ByteWriter& out) {
    HlsInputs client;
    client.mechanism = access_->mechanism;
    client.secret = access_->secret;
    client.received_challenge = server_challenge_.view();
    client.sent_challenge = client_challenge_.view();
    client.other_system_title = device_.system_title();
    client.keys = {association_.client_system_title.view(), access_->keys.global_unicast_encryption,
                   access_->keys.authentication};
    client.suite = access_->security_suite;
    const bool signs = access_->mechanism == AuthenticationMechanism::high_ecdsa;
    const auto public_key =
        signs ? device_.public_key(association_.client_sap, client.keys.system_title, KeyUse::digital_signature)
              : std::nullopt;
    if (public_key) client.signing_public_key = public_key->view();

    DataReader reader(parameters);
    const ByteView token = reader.octet_string();
    SecurityEvent failure = SecurityEvent::authentication_failed;
    bool right = !access_->locked && reader.finished() && check_hls_token(crypto_, client, token).has_value();
    if (right && access_->mechanism == AuthenticationMechanism::high_gmac) {
        // The token spends a counter of the global key like any other message.
        const auto header = read_gmac_token(token);
        right = header && header->suite == access_->security_suite;
        // Who made the token knows the keys: that another message overtook it is no guess at them.
        if (right && !accept_token_counter(header->invocation_counter)) {
            right = false;
            failure = SecurityEvent::replay_refused;
        }
    }
    HlsInputs server = client;
    server.received_challenge = client.sent_challenge;
    server.sent_challenge = client.received_challenge;
    server.other_system_title = client.keys.system_title;
    server.keys.system_title = device_.system_title();
    const auto private_key =
        signs ? device_.private_key(association_.client_sap, KeyUse::digital_signature) : std::nullopt;
    if (private_key) server.signing_private_key = private_key->octets.view();
    if (right && access_->mechanism == AuthenticationMechanism::high_gmac) {
        const auto counter = device_.next_invocation_counter(association_.client_sap, KeySet::global_unicast);
        right = counter.has_value();
        server.invocation_counter = counter.value_or(0);
    }
    const auto answer = right ? hls_token(crypto_, server) : Error(SecurityError::bad_tag);
    if (!answer) {
        device_.security_event(association_.client_sap, failure);
        association_.status = AssociationStatus::non_associated;
        return ActionResult::other_reason;
    }
    DataWriter(out).octet_string(answer->view());
    association_.status = AssociationStatus::associated;
    device_.security_event(association_.client_sap, SecurityEvent::association_established);
    return ActionResult::success;
}

void ServerSession::release(ByteView apdu, Answer& answer) {
    const auto request = decode_rlrq(apdu);
    if (!request) {
        device_.security_event(association_.client_sap, SecurityEvent::request_malformed);
        return;
    }
    // A ciphered association ends by a proposal in the clear no more than it begins by one (SYMSEC_REL_N1). Many
    // clients leave it out, which proves nothing and is granted.
    const ByteView proposal = request->user_information.value_or(ByteView{});
    if (association_.context == ApplicationContext::logical_names_ciphered &&
        association_.status != AssociationStatus::non_associated && !proposal.empty() && !is_protected(proposal[0])) {
        return refuse(SecurityEvent::protection_insufficient, {}, answer);
    }
    link_lost();
    ReleaseResponse response;
    response.reason = ReleaseReason::normal;
    set_answer(answer, response);
}

}  // namespace ferraris::dlms
