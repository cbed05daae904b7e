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
    abandon();
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
    abandon();
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

GeneralKeys ClientSession::keys() const {
    const ClientConfiguration& c = configuration_;
    GeneralKeys keys;
    keys.own_system_title = c.system_title;
    keys.peer_system_title = association_.server_system_title.view();
    keys.unicast_encryption = c.encryption_key;
    keys.dedicated_encryption = dedicated_key_.view();
    keys.authentication = c.authentication_key;
    keys.master = c.master_key;
    keys.own_signing_private = c.signing_private_key;
    keys.own_agreement_private = c.agreement_private_key;
    keys.peer_signing_public = c.server_signing_key;
    keys.peer_agreement_public = c.server_agreement_key;
    // Nobody answers one client with a key that all of them share: there is no broadcast key here.
    return keys;
}

ProtectionLayers ClientSession::request_layers(std::uint32_t transaction, bool general) const {
    ProtectionLayers layers;
    const Protection& wanted = configuration_.request_protection;
    if (!ciphered() || !wanted.any()) return layers;
    std::array<std::uint8_t, 8> transaction_id{};
    ByteWriter(transaction_id).u64(transaction);
    ProtectionLayer layer;
    const bool dedicated = !dedicated_key_.empty();
    if (configuration_.general_ciphering) {
        layer.kind = ProtectionLayer::Kind::general_ciphering;
        layer.key = *configuration_.general_ciphering;
        (void)layer.transaction_id.assign(transaction_id);
    } else if (general || configuration_.use_general_envelopes) {
        layer.envelope = dedicated ? Envelope::general_dedicated : Envelope::general_global;
    } else {
        layer.envelope = dedicated ? Envelope::service_specific_dedicated : Envelope::service_specific_global;
    }
    (void)layers.push_back(layer);
    complete_layers(layers, wanted, transaction_id);
    return layers;
}

std::size_t ClientSession::around_request() const {
    const std::size_t around = overhead_of(request_layers(0), configuration_.suite, send_buffer_.size());
    return std::max(around, kMaxCipherHead + kMaxCipherTail);
}

ByteWriter ClientSession::start_request() {
    const std::size_t around = around_request();
    if (send_buffer_.size() <= around) return ByteWriter(ByteSpan{});
    return ByteWriter(send_buffer_.subspan(kMaxCipherHead, send_buffer_.size() - around));
}

/// Protects what `start_request` gave out, where services are protected.
Progress ClientSession::send_request(const ByteWriter& request) {
    if (request.overflowed() || request.size() == 0) return fail(ClientError::request_too_long);
    Progress progress;
    progress.step = Step::send;
    progress.apdu = request.written();
    // Some APDUs have no ciphered tag of their own.
    const bool general =
        !ciphered_tag(apdu_tag(request.written()).value_or(ApduTag::aarq), Envelope::service_specific_global);
    const ProtectionLayers layers = request_layers(++transaction_, general);
    std::size_t offset = kMaxCipherHead;
    for (std::size_t i = layers.size(); i > 0; --i) {
        const ProtectionLayer& layer = layers[i - 1];
        std::uint32_t counter = 0;
        if (layer.ciphers() && layer.key_set() == KeySet::dedicated) {
            if (dedicated_counter_ == UINT32_MAX) return fail(ClientError::counters_exhausted);
            counter = ++dedicated_counter_;
        } else if (layer.ciphers()) {
            const auto next = counters_.reserve();
            if (!next) return fail(ClientError::counters_exhausted);
            counter = *next;
        }
        const auto sealed = seal_layer(crypto_, configuration_.suite, layer, counter, keys(), send_buffer_, offset,
                                       progress.apdu.size());
        if (!sealed) {
            ClientFailure failure;
            failure.error = ClientError::invalid_configuration;
            failure.security_error = sealed.error();
            return fail(failure);
        }
        offset = static_cast<std::size_t>(sealed->data() - send_buffer_.data());
        progress.apdu = *sealed;
    }
    return send_apdu(progress.apdu);
}

/// The plain APDU. Of a ciphered one: under the association's keys, from its meter, with a counter that rises, and
/// protected well enough.
Result<ByteView, ClientFailure> ClientSession::unprotected(ByteSpan apdu) {
    ClientFailure failure;
    if (apdu.empty()) {
        failure.error = ClientError::malformed_answer;
        failure.apdu_error = ApduError::truncated;
        return Error(failure);
    }
    if (!is_protected(apdu[0])) return ByteView(apdu);
    failure.error = ClientError::answer_security;
    Protection protection;
    std::optional<OpenedLayer> ciphered;
    bool is_signed = false;
    while (!apdu.empty() && is_protected(apdu[0])) {
        const auto opened = open_layer(crypto_, configuration_.suite, keys(), apdu);
        if (!opened && opened.error() == SecurityError::wrong_party) {
            failure.error = ClientError::answer_from_another_meter;
            return Error(failure);
        }
        const bool twice = opened && (opened->layer.ciphers() ? ciphered.has_value() : is_signed);
        if (!opened || twice) {
            failure.security_error = twice ? SecurityError::malformed : opened.error();
            return Error(failure);
        }
        if (opened->layer.ciphers()) ciphered = *opened;
        is_signed = is_signed || !opened->layer.ciphers();
        protection = protection | opened->layer.protection;
        apdu = opened->inside;
    }
    // The InitiateResponse has a protection of its own, which some meters choose as they like. Nothing in a signature
    // alone rises: it could be played back.
    if (!ciphered || (operation_ != Operation::associate && !protection.covers(configuration_.answer_protection))) {
        failure.error = ClientError::answer_unprotected;
        return Error(failure);
    }
    auto& last = ciphered->key_set == KeySet::dedicated ? server_counters_.dedicated : server_counters_.global;
    const std::uint32_t counter = ciphered->invocation_counter;
    if (last && counter <= *last && !configuration_.quirks.answers_repeat_counters) {
        failure.error = ClientError::answer_repeats_counter;
        return Error(failure);
    }
    // Without a tag anybody could have sent it: such a counter is looked at, but moves nothing, where tags are
    // expected.
    if (ciphered->layer.protection.authenticated || !configuration_.answer_protection.authenticated) last = counter;
    return ByteView(apdu);
}

Progress ClientSession::receive(ByteSpan apdu) {
    counter_before_answer_ = server_counters_.global;
    const auto outer = apdu_tag(apdu);
    if (outer == ApduTag::general_block_transfer) return take_block(apdu);
    if (outer == ApduTag::aare && operation_ == Operation::associate) return take_associate_response(apdu);
    if (outer == ApduTag::rlre && operation_ == Operation::release) return take_release_response(apdu);
    const bool was_ciphered = outer && is_protected(apdu[0]);
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
    if (tag == ApduTag::data_notification || tag == ApduTag::information_report ||
        tag == ApduTag::event_notification_request)
        return unsolicited(*plain);
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
        case Operation::read:
            return take_read_response(apdu);
        case Operation::write:
            return take_write_response(apdu);
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
