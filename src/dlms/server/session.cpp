#include "dlms/server/session.hpp"

#include <algorithm>

#include "dlms/server/access_service.hpp"

namespace ferraris::dlms {
namespace {

constexpr MethodDescriptor reply_to_hls(std::uint8_t association) { return {15, obis(0, 0, 40, 0, association), 1}; }

/// `reply_to_HLS_authentication` of the current association, or of the object that stands for it under another name.
bool is_reply_to_hls(const MethodDescriptor& method) {
    const auto& groups = method.instance.groups;
    return method.class_id == 15 && method.method == 1 && method.instance == reply_to_hls(groups[4]).instance;
}

/// A long answer can leave in blocks of the service's own.
bool has_own_blocks(ByteView request, Conformance negotiated) {
    switch (apdu_tag(request).value_or(ApduTag::exception_response)) {
        case ApduTag::get_request:
            return has(negotiated, Conformance::block_transfer_with_get);
        case ApduTag::set_request:
            return has(negotiated, Conformance::block_transfer_with_set);
        case ApduTag::action_request:
            return has(negotiated, Conformance::block_transfer_with_action);
        default:
            return false;
    }
}

}  // namespace

ServerSession::ServerSession(LogicalDevice& device, Crypto& crypto, const ServerMemory& memory,
                             std::uint16_t server_sap)
    : device_(device), crypto_(crypto), memory_(memory) {
    association_.server_sap = server_sap;
}

ByteView ServerSession::handle(std::uint16_t client_sap, ByteView apdu) {
    Answer answer(memory_.answer, memory_.answer.size() - kAnswerHeadroom - kMaxCipherTail);
    if (apdu.empty()) {
        device_.security_event(client_sap, SecurityEvent::request_malformed);
        return {};
    }
    if (apdu.size() > memory_.deciphering.size()) {
        device_.security_event(client_sap, SecurityEvent::too_long);
        return refuse_too_long();
    }
    const auto tag = static_cast<ApduTag>(apdu[0]);
    if (tag == ApduTag::aarq) {
        associate(client_sap, apdu, answer);
        return answer.view();
    }
    if (association_.status == AssociationStatus::non_associated || client_sap != association_.client_sap) {
        // No association to release: the release is granted, so that a client that lost count can start afresh.
        if (tag == ApduTag::rlrq) {
            release(apdu, answer);
            if (!answer.empty()) device_.security_event(client_sap, SecurityEvent::released_without_association);
        } else {
            device_.security_event(client_sap, SecurityEvent::not_associated);
            refuse({}, answer);
        }
        return answer.view();
    }
    if (tag == ApduTag::rlrq) {
        release(apdu, answer);
        return answer.view();
    }
    if (uses_blocks()) return tag == ApduTag::general_block_transfer ? exchange_block(apdu) : exchange_plain(apdu);
    Answer limited(memory_.answer, apdu_limit());
    exchange(apdu, false, limited);
    return limited.view();
}

ByteView ServerSession::refuse_too_long() {
    Answer answer(memory_.answer, memory_.answer.size() - kAnswerHeadroom - kMaxCipherTail);
    refuse({StateError::service_not_allowed, ServiceError::pdu_too_long, {}}, answer);
    return answer.view();
}

void ServerSession::link_lost() {
    if (association_.status == AssociationStatus::associated) {
        device_.security_event(association_.client_sap, SecurityEvent::association_released);
    }
    end_association();
}

void ServerSession::end_association() {
    const std::uint16_t server_sap = association_.server_sap;
    association_ = {};
    association_.server_sap = server_sap;
    access_.reset();
    wipe(dedicated_key_.view());
    dedicated_key_.clear();
    dedicated_seen_ = false;
    dedicated_sent_ = 0;
    client_challenge_.clear();
    server_challenge_.clear();
    get_.abort();
    set_.abort();
    action_.abort();
    blocks_.reset();
}

void ServerSession::refuse(SecurityEvent event, const Refusal& refusal, Answer& answer) {
    device_.security_event(association_.client_sap, event);
    refuse(refusal, answer);
}

void ServerSession::refuse(const Refusal& refusal, Answer& answer) {
    set_answer(answer, ExceptionResponse{refusal.state, refusal.service, refusal.expected_invocation_counter});
}

void ServerSession::exchange(ByteView apdu, bool in_blocks, Answer& answer) {
    ProtectionLayers layers;
    Protection protection;
    const auto plain = decipher(apdu, layers, protection);
    if (!plain) return refuse(plain.error(), answer);
    // A password or a policy may have changed since the association began: the present one counts.
    const auto access = device_.client(association_.client_sap);
    if (!access) return refuse(SecurityEvent::not_associated, {}, answer);
    access_ = access;
    if (!protection.covers(access->policy)) return refuse(SecurityEvent::protection_insufficient, {}, answer);

    const bool own_blocks = !in_blocks && has_own_blocks(*plain, association_.conformance);
    const std::size_t limit = own_blocks ? std::min(answer.limit(), apdu_limit()) : answer.limit();
    protect_like(layers);
    // The envelope of a long answer is the largest: its overhead is the bound for every answer.
    const std::size_t overhead = overhead_of(layers, access_->security_suite, limit);
    if (!layers.empty() && limit <= overhead + kMinPduSize) {
        return refuse(SecurityEvent::too_long, {StateError::service_not_allowed, ServiceError::pdu_too_long, {}},
                      answer);
    }
    Answer limited(answer.memory(), limit - overhead);
    // New keys take effect behind the answer to the request that brings them.
    const AnswerKeys present(access_->keys);
    serve(*plain, protection, limited);
    answer = limited;
    if (answer.empty()) return;
    // An exception has no service-specific envelope and goes out plain (IEC 62056-5-3, annex A).
    const bool general = std::ranges::none_of(layers, [](const ProtectionLayer& layer) {
        return layer.kind == ProtectionLayer::Kind::envelope && !is_general(layer.envelope);
    });
    if (!general && apdu_tag(answer.view()) == ApduTag::exception_response) return;
    access_->keys.global_unicast_encryption = present.unicast.view();
    access_->keys.authentication = present.authentication.view();
    access_->keys.master = present.master.view();
    if (!protect_answer(layers, answer)) {
        refuse(SecurityEvent::answer_unprotectable, {StateError::service_not_allowed, ServiceError::other_reason, {}},
               answer);
    }
    access_ = device_.client(association_.client_sap);
}

void ServerSession::serve(ByteView plain, Protection protection, Answer& answer) {
    const Caller caller{association_, protection};
    const ServiceRequest request{device_, caller, plain, memory_.long_values};
    const auto tag = apdu_tag(plain);
    // Until the client has proved who it is, it may do nothing but prove it.
    if (association_.status == AssociationStatus::pending) {
        const auto action = decode_action_request(plain);
        if (!action || action->choice != ActionRequestChoice::normal || !is_reply_to_hls(action->method)) {
            return refuse(SecurityEvent::not_associated, {}, answer);
        }
    }
    if (tag != ApduTag::get_request) get_.abort();
    if (tag != ApduTag::set_request) set_.abort();
    if (tag != ApduTag::action_request) action_.abort();
    switch (tag.value_or(ApduTag::exception_response)) {
        case ApduTag::get_request:
            return get_.handle(request, answer);
        case ApduTag::set_request:
            return set_.handle(request, answer);
        case ApduTag::action_request:
            return action_.handle(request, *this, answer);
        case ApduTag::access_request:
            return answer_access(request, *this, answer);
        default:
            return refuse(SecurityEvent::service_unknown,
                          {StateError::service_unknown, ServiceError::service_not_supported, {}}, answer);
    }
}

ActionResult ServerSession::invoke(const Caller& caller, const MethodDescriptor& method, ByteView parameters,
                                   ByteWriter& out) {
    if (association_.status == AssociationStatus::pending) return complete_authentication(parameters, out);
    return device_.invoke(caller, method, parameters, out);
}

}  // namespace ferraris::dlms
