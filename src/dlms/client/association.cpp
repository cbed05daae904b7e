/// The ACSE side of a client session: AARQ and AARE, passes 3 and 4 of HLS, RLRQ and RLRE.
#include <algorithm>

#include "dlms/client/session.hpp"

namespace ferraris::dlms {
namespace {

/// A ciphered InitiateRequest with a key of 32 octets and everything optional.
constexpr std::size_t kMaxInitiate = kMaxCipherHead + 64 + kMaxCipherTail;

bool is_high(AuthenticationMechanism mechanism) {
    return mechanism != AuthenticationMechanism::none && mechanism != AuthenticationMechanism::low;
}

bool has_token(AuthenticationMechanism mechanism) {
    return mechanism >= AuthenticationMechanism::high_md5 && mechanism <= AuthenticationMechanism::high_ecdsa;
}

}  // namespace

bool ClientSession::configuration_is_usable() const {
    const ClientConfiguration& c = configuration_;
    if (c.context != ApplicationContext::logical_names && c.context != ApplicationContext::short_names && !ciphered())
        return false;
    if (is_high(c.mechanism) && !has_token(c.mechanism)) return false;
    if (c.mechanism == AuthenticationMechanism::low && c.secret.empty()) return false;
    if (is_high(c.mechanism) && (c.challenge_size < kMinChallengeSize || c.challenge_size > kMaxChallengeSize))
        return false;
    if ((ciphered() || needs_system_titles(c.mechanism)) && c.system_title.size() != kSystemTitleSize) return false;
    if (c.suite > 2) return false;
    if (is_legacy(c.mechanism) && !c.allow_legacy_digests) return false;
    const bool signs = c.mechanism == AuthenticationMechanism::high_ecdsa || c.request_protection.digitally_signed ||
                       c.answer_protection.digitally_signed;
    if (signs && !curve_of_suite(c.suite)) return false;
    // A signature has nothing that rises, so it goes with a tag.
    if (c.request_protection.digitally_signed && !c.request_protection.authenticated) return false;
    if (ciphered() && (c.encryption_key.size() != key_size_of_suite(c.suite) || !c.initiate_protection.any()))
        return false;
    // A dedicated key that nothing ciphers on its way would be known to everybody.
    return !c.use_dedicated_key || (ciphered() && c.initiate_protection.encrypted);
}

Result<ByteView, ClientError> ClientSession::initiate_request(ByteSpan buffer, bool with_dedicated_key) {
    InitiateRequest initiate;
    initiate.proposed_conformance = proposed_conformance();
    initiate.client_max_receive_pdu_size = configuration_.max_receive_pdu_size;
    if (with_dedicated_key) initiate.dedicated_key = dedicated_key_.view();
    ByteWriter out(buffer.subspan(kMaxCipherHead, buffer.size() - kMaxCipherHead - kMaxCipherTail));
    encode(out, initiate);
    if (!ciphered()) return out.written();
    ProtectParameters parameters;
    parameters.protection = configuration_.initiate_protection;
    parameters.suite = configuration_.suite;
    parameters.keys = {configuration_.system_title, configuration_.encryption_key, configuration_.authentication_key};
    const auto counter = counters_.reserve();
    if (!counter) return Error(ClientError::counters_exhausted);
    parameters.invocation_counter = *counter;
    const auto apdu = protect(crypto_, parameters, buffer, kMaxCipherHead, out.size());
    if (!apdu) return Error(ClientError::invalid_configuration);
    return *apdu;
}

Progress ClientSession::associate() {
    if (const auto error = may_start(false)) return refuse(*error);
    if (association_.open) return fail(ClientError::already_associated);
    if (!configuration_is_usable()) return fail(ClientError::invalid_configuration);
    link_lost();

    const ClientConfiguration& c = configuration_;
    AssociateRequest request;
    request.application_context_name = application_context_oid(c.context);
    if (ciphered() || needs_system_titles(c.mechanism)) request.calling.ap_title = c.system_title;
    const std::uint8_t user = c.user.value_or(0);
    if (c.user) request.calling.ae_invocation_id = ByteView(&user, 1);
    if (c.mechanism != AuthenticationMechanism::none) {
        request.sender_acse_requirements = acse_bit_0();
        request.mechanism_name = mechanism_oid(c.mechanism);
        AuthenticationValue value;
        value.octets = c.secret;
        if (is_high(c.mechanism)) {
            const std::size_t size = std::max(c.challenge_size, min_challenge_size(c.mechanism));
            if (!client_challenge_.resize(size) || !crypto_.random(client_challenge_.view()))
                return fail(ClientError::no_random_octets);
            value.octets = client_challenge_.view();
        }
        request.calling_authentication_value = value;
    }
    if (c.use_dedicated_key) {
        dedicated_counter_ = 0;
        if (!dedicated_key_.resize(key_size_of_suite(c.suite)) || !crypto_.random(dedicated_key_.view()))
            return fail(ClientError::no_random_octets);
    }
    std::array<std::uint8_t, kMaxInitiate> memory{};
    const auto initiate = initiate_request(memory, c.use_dedicated_key);
    if (!initiate) return fail(initiate.error());
    request.user_information = *initiate;

    ByteWriter out = start_request();
    encode(out, request);
    wipe(memory);
    if (out.overflowed()) return fail(ClientError::request_too_long);
    operation_ = Operation::associate;
    Progress progress;
    progress.step = Step::send;
    progress.apdu = out.written();
    return progress;
}

Progress ClientSession::take_associate_response(ByteSpan apdu) {
    const auto response = decode_aare(apdu);
    if (!response) return fail_malformed(response.error());
    const bool title_fits = take_server_title(*response);
    if (response->result != AssociationResult::accepted) return take_rejection(*response, apdu);
    if (!title_fits) return fail(ClientError::answer_from_another_meter);

    // Some meters send nothing here; then what was proposed holds.
    association_.conformance = proposed_conformance();
    association_.server_max_receive_pdu_size = 0;
    if (response->user_information) {
        const auto offset = static_cast<std::size_t>(response->user_information->data() - apdu.data());
        const auto failure = take_initiate_response(apdu.subspan(offset, response->user_information->size()));
        if (failure) return fail(*failure);
    }
    if (is_high(configuration_.mechanism)) return authenticate(*response);
    association_.open = true;
    return finish(Progress{});
}

Progress ClientSession::take_rejection(const AssociateResponse& response, ByteSpan apdu) {
    ClientFailure failure;
    failure.error = ClientError::rejected;
    failure.result = response.result;
    failure.diagnostic = response.diagnostic;
    if (response.user_information) {
        const auto offset = static_cast<std::size_t>(response.user_information->data() - apdu.data());
        const auto plain = unprotected(apdu.subspan(offset, response.user_information->size()));
        if (plain) {
            if (const auto error = decode_confirmed_service_error(*plain)) failure.service_error = *error;
        }
    }
    return fail(failure);
}

/// False when a title is needed and none is known, or when it is not the meter that was expected.
bool ClientSession::take_server_title(const AssociateResponse& response) {
    const ByteView known = configuration_.server_system_title;
    const ByteView named = response.responding.ap_title.value_or(ByteView{});
    const bool needed = ciphered() || needs_system_titles(configuration_.mechanism);
    if (!needed) return true;
    if (!named.empty() && named.size() != kSystemTitleSize) return false;
    if (!named.empty() && !known.empty() && !equal(named, known)) return false;
    if (!association_.server_system_title.assign(named.empty() ? known : named) ||
        association_.server_system_title.size() != kSystemTitleSize) {
        return false;
    }
    if (!server_counters_.global && !configuration_.quirks.answers_repeat_counters)
        server_counters_.global = counters_.last_heard(association_.server_system_title.view());
    return true;
}

std::optional<ClientFailure> ClientSession::take_initiate_response(ByteSpan user_information) {
    const auto plain = unprotected(user_information);
    if (!plain) return plain.error();
    ClientFailure failure;
    if (apdu_tag(*plain) == ApduTag::confirmed_service_error) {
        failure.error = ClientError::service_error;
        if (const auto error = decode_confirmed_service_error(*plain)) failure.service_error = *error;
        return failure;
    }
    const auto initiate = decode_initiate_response(*plain);
    if (!initiate) {
        failure.error = ClientError::malformed_answer;
        failure.apdu_error = initiate.error();
        return failure;
    }
    association_.conformance = initiate->negotiated_conformance;
    association_.server_max_receive_pdu_size = initiate->server_max_receive_pdu_size;
    association_.dlms_version = initiate->negotiated_dlms_version;
    return std::nullopt;
}

/// Seen from the client that answers the meter's challenge.
HlsInputs ClientSession::hls_inputs_of_client() const {
    HlsInputs inputs;
    inputs.mechanism = configuration_.mechanism;
    inputs.secret = configuration_.secret;
    inputs.received_challenge = server_challenge_.view();
    inputs.sent_challenge = client_challenge_.view();
    inputs.other_system_title = association_.server_system_title.view();
    inputs.keys = {configuration_.system_title, configuration_.encryption_key, configuration_.authentication_key};
    inputs.suite = configuration_.suite;
    inputs.signing_private_key = configuration_.signing_private_key;
    return inputs;
}

Progress ClientSession::authenticate(const AssociateResponse& response) {
    const auto& challenge = response.responding_authentication_value;
    if (!challenge || challenge->octets.empty() || !server_challenge_.assign(challenge->octets))
        return fail(ClientError::authentication_failed);
    // Who sends our own challenge back wants us to answer it for them.
    if (equal(server_challenge_.view(), client_challenge_.view())) return fail(ClientError::authentication_failed);

    HlsInputs inputs = hls_inputs_of_client();
    if (configuration_.mechanism == AuthenticationMechanism::high_gmac) {
        const auto counter = counters_.reserve();
        if (!counter) return fail(ClientError::counters_exhausted);
        inputs.invocation_counter = *counter;
    }
    const auto token = hls_token(crypto_, inputs);
    if (!token) {
        ClientFailure failure;
        failure.error = ClientError::invalid_configuration;
        failure.security_error = token.error();
        return fail(failure);
    }
    std::array<std::uint8_t, 2 + HlsToken::capacity()> memory{};
    ByteWriter parameters(memory);
    DataWriter(parameters).octet_string(token->view());
    operation_ = Operation::authenticate;
    ByteWriter out = start_request();
    if (by_short_names()) {
        // A method that returns something is called by reading it, with its parameters as a selection.
        const VariableAccess reply = VariableAccess::of(kReplyToHlsShortName, {1, parameters.written()});
        encode_read_request(out, std::span(&reply, 1));
    } else {
        next_invoke_id();
        ActionRequest request;
        request.invoke = invoke_;
        request.method = {15, configuration_.quirks.association, 1};
        request.parameters = parameters.written();
        encode(out, request);
    }
    return send_request(out);
}

Progress ClientSession::take_authentication(ByteView apdu) {
    if (by_short_names()) {
        const auto read = decode_read_response(apdu);
        if (!read) return fail_malformed(read.error());
        if (read->results.count != 1) return fail(ClientError::unexpected_answer);
        const ReadResult result = *read->results.begin();
        if (result.choice != ReadResultChoice::data) return fail(ClientError::authentication_failed);
        return take_proof(result.data);
    }
    const auto response = decode_action_response(apdu);
    if (!response) return fail_malformed(response.error());
    if (!ours(response->invoke)) return unsolicited(apdu);
    if (response->choice != ActionResponseChoice::normal) return fail(ClientError::unexpected_answer);
    const ActionOutcome& outcome = response->outcome;
    if (outcome.result != ActionResult::success || !outcome.returned) return fail(ClientError::authentication_failed);
    return take_proof(outcome.returned->data);
}

Progress ClientSession::take_proof(ByteView returned) {
    DataReader reader(returned);
    const ByteView token = reader.octet_string();
    if (!reader.finished()) return fail(ClientError::authentication_failed);

    const HlsInputs client = hls_inputs_of_client();
    HlsInputs server = client;
    server.received_challenge = client.sent_challenge;
    server.sent_challenge = client.received_challenge;
    server.other_system_title = client.keys.system_title;
    server.keys.system_title = client.other_system_title;
    server.signing_private_key = {};
    server.signing_public_key = configuration_.server_signing_key;
    if (!check_hls_token(crypto_, server, token)) return fail(ClientError::authentication_failed);
    if (const auto header = read_gmac_token(token);
        header && configuration_.mechanism == AuthenticationMechanism::high_gmac) {
        // The token was made before the answer that carries it, with a counter of the same sequence.
        if (counter_before_answer_ && header->invocation_counter <= *counter_before_answer_ &&
            !configuration_.quirks.answers_repeat_counters) {
            return fail(ClientError::answer_repeats_counter);
        }
        if (!server_counters_.global || header->invocation_counter > *server_counters_.global)
            server_counters_.global = header->invocation_counter;
    }
    association_.open = true;
    return finish(Progress{});
}

Progress ClientSession::release() {
    if (const auto error = may_start(true)) return refuse(*error);
    ReleaseRequest request;
    request.reason = ReleaseReason::normal;
    std::array<std::uint8_t, kMaxInitiate> memory{};
    // Ciphered, it proves that the one who releases is the one who associated.
    if (ciphered() && !configuration_.quirks.release_without_initiate) {
        const auto initiate = initiate_request(memory, false);
        if (!initiate) return fail(initiate.error());
        request.user_information = *initiate;
    }
    ByteWriter out = start_request();
    encode(out, request);
    if (out.overflowed()) return fail(ClientError::request_too_long);
    operation_ = Operation::release;
    Progress progress;
    progress.step = Step::send;
    progress.apdu = out.written();
    return progress;
}

Progress ClientSession::take_release_response(ByteView apdu) {
    const auto response = decode_rlre(apdu);
    if (!response) return fail_malformed(response.error());
    link_lost();
    return finish(Progress{});
}

}  // namespace ferraris::dlms
