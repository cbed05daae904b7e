#include "dlms/client/session.hpp"

#include <algorithm>

namespace ferraris::dlms {

Result<ListView<GetDataResult>, ApduError> decode_get_results(ByteView octets) {
    ApduReader in(octets);
    ListView<GetDataResult> results;
    take(in, results);
    return in.result(results);
}

ClientSession::ClientSession(const ClientConfiguration& configuration, Crypto& crypto, InvocationCounters& counters,
                             ByteSpan send_buffer)
    : configuration_(configuration),
      crypto_(crypto),
      counters_(counters),
      send_buffer_(send_buffer),
      invoke_id_(configuration.invoke_id) {}

ClientSession::~ClientSession() { wipe(dedicated_key_.view()); }

void ClientSession::link_lost() {
    operation_ = Operation::none;
    association_ = {};
    wipe(dedicated_key_.view());
    dedicated_key_.clear();
    server_counters_.dedicated.reset();
}

std::optional<ClientError> ClientSession::may_start(bool needs_association) const {
    if (operation_ != Operation::none) return ClientError::busy;
    if (needs_association && !association_.open) return ClientError::not_associated;
    return std::nullopt;
}

Progress ClientSession::refuse(ClientError error) const {
    Progress progress;
    progress.step = Step::failed;
    progress.failure.error = error;
    return progress;
}

Progress ClientSession::fail(const ClientFailure& failure) {
    operation_ = Operation::none;
    Progress progress;
    progress.step = Step::failed;
    progress.failure = failure;
    return progress;
}

Progress ClientSession::fail(ClientError error) {
    ClientFailure failure;
    failure.error = error;
    return fail(failure);
}

Progress ClientSession::fail_malformed(ApduError error) {
    ClientFailure failure;
    failure.error = ClientError::malformed_answer;
    failure.apdu_error = error;
    return fail(failure);
}

Progress ClientSession::finish(const Progress& done) {
    operation_ = Operation::none;
    return done;
}

Progress ClientSession::unsolicited(ByteView apdu) const {
    Progress progress;
    progress.step = Step::unsolicited;
    progress.apdu = apdu;
    return progress;
}

void ClientSession::next_invoke_id() {
    invoke_ = InvokeIdAndPriority::of(invoke_id_);
    if (configuration_.invoke_id_rotates) invoke_id_ = static_cast<std::uint8_t>(invoke_id_ % 15 + 1);
}

bool ClientSession::ours(InvokeIdAndPriority invoke) const {
    return configuration_.quirks.answers_wrong_invoke_id || invoke.id() == invoke_.id();
}

ByteWriter ClientSession::start_request() {
    const std::size_t around = kMaxCipherHead + kMaxCipherTail;
    if (send_buffer_.size() <= around) return ByteWriter(ByteSpan{});
    return ByteWriter(send_buffer_.subspan(kMaxCipherHead, send_buffer_.size() - around));
}

/// Protects what `start_request` gave out, where services are protected.
Progress ClientSession::send_request(const ByteWriter& request) {
    if (request.overflowed() || request.size() == 0) return fail(ClientError::request_too_long);
    Progress progress;
    progress.step = Step::send;
    progress.apdu = request.written();
    if (!ciphered() || !configuration_.request_protection.any()) return progress;

    const bool dedicated = !dedicated_key_.empty();
    ProtectParameters parameters;
    const Envelope specific = dedicated ? Envelope::service_specific_dedicated : Envelope::service_specific_global;
    // Some APDUs have no ciphered tag of their own.
    const bool general = configuration_.use_general_envelopes ||
                         !ciphered_tag(apdu_tag(request.written()).value_or(ApduTag::aarq), specific);
    parameters.envelope = general ? (dedicated ? Envelope::general_dedicated : Envelope::general_global) : specific;
    parameters.protection = configuration_.request_protection;
    parameters.suite = configuration_.suite;
    parameters.keys = {configuration_.system_title,
                       dedicated ? ByteView(dedicated_key_.view()) : configuration_.encryption_key,
                       configuration_.authentication_key};
    if (dedicated) {
        if (dedicated_counter_ == UINT32_MAX) return fail(ClientError::counters_exhausted);
        parameters.invocation_counter = ++dedicated_counter_;
    } else {
        const auto counter = counters_.reserve();
        if (!counter) return fail(ClientError::counters_exhausted);
        parameters.invocation_counter = *counter;
    }
    const auto apdu = protect(crypto_, parameters, send_buffer_, kMaxCipherHead, request.size());
    if (!apdu) {
        ClientFailure failure;
        failure.error = ClientError::invalid_configuration;
        failure.security_error = apdu.error();
        return fail(failure);
    }
    progress.apdu = *apdu;
    return progress;
}

/// The plain APDU. Of a ciphered one: under the association's key, from its meter, with a counter that rises, and
/// protected well enough.
Result<ByteView, ClientFailure> ClientSession::unprotected(ByteSpan apdu) {
    ClientFailure failure;
    if (apdu.empty()) {
        failure.error = ClientError::malformed_answer;
        failure.apdu_error = ApduError::truncated;
        return Error(failure);
    }
    if (!is_ciphered(apdu[0])) return ByteView(apdu);
    failure.error = ClientError::answer_security;
    const auto header = read_ciphered_header(apdu);
    if (!header) {
        failure.security_error = header.error();
        return Error(failure);
    }
    const ByteView server = association_.server_system_title.view();
    const ByteView named = header->apdu.system_title;
    if (!named.empty() && !server.empty() && !equal(named, server)) {
        failure.error = ClientError::answer_from_another_meter;
        return Error(failure);
    }
    const bool dedicated = header->key_set == KeySet::dedicated;
    // Nobody answers one client with a key that all of them share.
    const ByteView key = dedicated                                   ? ByteView(dedicated_key_.view())
                         : header->key_set == KeySet::global_unicast ? configuration_.encryption_key
                                                                     : ByteView{};
    const CipherKeys keys{server.empty() ? named : server, key, configuration_.authentication_key};
    const auto plain = unprotect(crypto_, *header, keys, apdu);
    if (!plain) {
        failure.security_error = plain.error();
        return Error(failure);
    }
    // The InitiateResponse has a protection of its own, which some meters choose as they like.
    if (operation_ != Operation::associate && !header->protection.covers(configuration_.answer_protection)) {
        failure.error = ClientError::answer_unprotected;
        return Error(failure);
    }
    auto& last = dedicated ? server_counters_.dedicated : server_counters_.global;
    if (last && header->invocation_counter <= *last && !configuration_.quirks.answers_repeat_counters) {
        failure.error = ClientError::answer_repeats_counter;
        return Error(failure);
    }
    // Without a tag anybody could have sent it: such a counter is looked at, but moves nothing, where tags are
    // expected.
    if (header->protection.authenticated || !configuration_.answer_protection.authenticated) {
        last = header->invocation_counter;
    }
    return *plain;
}

Progress ClientSession::receive(ByteSpan apdu) {
    counter_before_answer_ = server_counters_.global;
    const auto outer = apdu_tag(apdu);
    if (outer == ApduTag::aare && operation_ == Operation::associate) return take_associate_response(apdu);
    if (outer == ApduTag::rlre && operation_ == Operation::release) return take_release_response(apdu);
    const bool was_ciphered = outer && is_ciphered(apdu[0]);
    const auto plain = unprotected(apdu);
    if (!plain) return fail(plain.error());
    const ApduTag tag = apdu_tag(*plain).value_or(ApduTag::aarq);

    if (tag == ApduTag::exception_response) {
        const auto exception = decode_exception_response(*plain);
        if (!exception) return fail_malformed(exception.error());
        ClientFailure failure;
        failure.error = ClientError::refused;
        failure.exception = *exception;
        return fail(failure);
    }
    if (tag == ApduTag::confirmed_service_error) {
        const auto error = decode_confirmed_service_error(*plain);
        if (!error) return fail_malformed(error.error());
        ClientFailure failure;
        failure.error = ClientError::service_error;
        failure.service_error = *error;
        return fail(failure);
    }
    if (tag == ApduTag::rlre || tag == ApduTag::rlrq) {
        link_lost();
        return fail(ClientError::released_by_peer);
    }
    if (tag == ApduTag::data_notification || tag == ApduTag::event_notification_request) return unsolicited(*plain);
    if (operation_ == Operation::none) return unsolicited(*plain);
    if (ciphered() && !was_ciphered && configuration_.answer_protection.any())
        return fail(ClientError::answer_unprotected);
    return dispatch(*plain);
}

Progress ClientSession::dispatch(ByteView apdu) {
    switch (operation_) {
        case Operation::get:
        case Operation::get_list:
            return take_get_response(apdu);
        case Operation::set:
        case Operation::set_list:
            return take_set_response(apdu);
        case Operation::action:
            return take_action_response(apdu);
        case Operation::access:
            return take_access_response(apdu);
        case Operation::authenticate:
            return take_authentication(apdu);
        case Operation::none:
        case Operation::associate:
        case Operation::release:
            break;
    }
    return fail(ClientError::unexpected_answer);
}

}  // namespace ferraris::dlms
