/// GET, SET and ACTION of a client session, whole and in blocks, and ACCESS.
#include "dlms/client/session.hpp"

#include <algorithm>

namespace ferraris::dlms {
namespace {

/// The length of a block's raw data takes three octets at most: no block is longer than 64 KiB.
constexpr std::size_t kMaxBlock = 0xFFFF;
constexpr std::size_t kLengthOctets = 3;
/// How a long answer to ACTION begins: success, something is returned, it is data.
constexpr std::array<std::uint8_t, 3> kOutcomeHead = {0x00, 0x01, 0x00};

template <class Apdu>
std::size_t size_of(const Apdu& apdu) {
    ByteWriter measure{ByteSpan{}};
    encode(measure, apdu);
    return measure.produced();
}

}  // namespace

/// The longest plain request that fits both the send buffer and, once protected, the meter.
std::size_t ClientSession::request_limit() const {
    const std::size_t around = around_request();
    const std::size_t room = send_buffer_.size() > around ? send_buffer_.size() - around : 0;
    if (uses_blocks()) return room > block_apdu_size() ? room - block_apdu_size() : 0;
    std::size_t takes = association_.server_max_receive_pdu_size;
    if (takes == 0 || takes == 0xFFFF) return room;
    if (ciphered() && configuration_.request_protection.any()) takes = takes > around ? takes - around : 0;
    return std::min(room, takes);
}

bool ClientSession::in_one_piece(std::size_t size, Conformance blocks) const {
    // Without block transfer it goes out whole or not at all: many meters take more than they say.
    return size <= request_limit() || !has(association_.conformance, blocks);
}

Progress ClientSession::get(const AttributeRequest& attribute, ResponseSink& sink) {
    if (const auto error = may_start(true)) return refuse(*error);
    if (by_short_names()) return refuse(ClientError::invalid_configuration);
    next_invoke_id();
    GetRequest request;
    request.invoke = invoke_;
    request.attribute = attribute;
    ByteWriter out = start_request();
    encode(out, request);
    sink_ = &sink;
    block_number_ = 0;
    operation_ = Operation::get;
    return send_request(out);
}

Progress ClientSession::get_list(std::span<const AttributeRequest> attributes, ResponseSink& sink) {
    if (const auto error = may_start(true)) return refuse(*error);
    if (by_short_names()) return refuse(ClientError::invalid_configuration);
    next_invoke_id();
    ByteWriter out = start_request();
    encode_get_with_list(out, invoke_, attributes);
    sink_ = &sink;
    block_number_ = 0;
    operation_ = Operation::get_list;
    return send_request(out);
}

Progress ClientSession::take_get_response(ByteView apdu) {
    const auto response = decode_get_response(apdu);
    if (!response) {
        return response.error() == ApduError::unknown_tag ? fail(ClientError::unexpected_answer)
                                                          : fail_malformed(response.error());
    }
    if (!ours(response->invoke)) return unsolicited(apdu);
    if (response->choice == GetResponseChoice::with_datablock) return take_get_block(response->block);
    if (block_number_ != 0) {
        // In the middle of blocks only a refusal makes sense.
        if (response->choice != GetResponseChoice::normal || response->result.result == DataAccessResult::success)
            return fail(ClientError::unexpected_answer);
    }
    Progress done;
    if (response->choice == GetResponseChoice::normal) {
        done.access_result = response->result.result;
        if (done.access_result != DataAccessResult::success) return finish(done);
        if (operation_ != Operation::get) return fail(ClientError::unexpected_answer);
        if (!sink_->append(response->result.data)) return fail(ClientError::sink_full);
        return finish(done);
    }
    if (operation_ != Operation::get_list) return fail(ClientError::unexpected_answer);
    std::array<std::uint8_t, 5> memory{};
    ByteWriter count(memory);
    put_length(count, response->results.count);
    if (!sink_->append(count.written()) || !sink_->append(response->results.octets))
        return fail(ClientError::sink_full);
    return finish(done);
}

Progress ClientSession::take_get_block(const DataBlock& block) {
    if (block.result != DataAccessResult::success) {
        Progress done;
        done.access_result = block.result;
        return finish(done);
    }
    if (block.number != block_number_ + 1) return fail(ClientError::wrong_block_number);
    block_number_ = block.number;
    // An empty block that is not the last could go on for ever.
    if (block.raw_data.empty() && !block.last) return fail(ClientError::unexpected_answer);
    if (!sink_->append(block.raw_data)) return fail(ClientError::sink_full);
    if (block.last) return finish(Progress{});
    GetRequest request;
    request.choice = GetRequestChoice::next;
    request.invoke = invoke_;
    request.block_number = block.number;
    ByteWriter out = start_request();
    encode(out, request);
    return send_request(out);
}

Progress ClientSession::set(const AttributeRequest& attribute, ByteView value) {
    if (const auto error = may_start(true)) return refuse(*error);
    if (by_short_names()) return refuse(ClientError::invalid_configuration);
    next_invoke_id();
    attribute_ = attribute;
    value_ = value;
    payload_sent_ = 0;
    block_number_ = 0;
    operation_ = Operation::set;
    SetRequest request;
    request.invoke = invoke_;
    request.attribute = attribute;
    request.value = value;
    if (!in_one_piece(size_of(request), Conformance::block_transfer_with_set)) return send_set_block();
    ByteWriter out = start_request();
    encode(out, request);
    return send_request(out);
}

Progress ClientSession::set_list(std::span<const AttributeRequest> attributes, std::span<const EncodedData> values) {
    if (const auto error = may_start(true)) return refuse(*error);
    if (by_short_names()) return refuse(ClientError::invalid_configuration);
    if (attributes.size() != values.size()) return fail(ClientError::invalid_configuration);
    next_invoke_id();
    attributes_ = attributes;
    values_ = values;
    payload_sent_ = 0;
    block_number_ = 0;
    operation_ = Operation::set_list;
    const auto write = [&](ByteWriter& out) {
        out.u8(static_cast<std::uint8_t>(ApduTag::set_request));
        out.u8(static_cast<std::uint8_t>(SetRequestChoice::with_list));
        out.u8(invoke_.octet);
        put_list(out, attributes_);
        put_list(out, values_);
    };
    ByteWriter measure{ByteSpan{}};
    write(measure);
    if (!in_one_piece(measure.produced(), Conformance::block_transfer_with_set)) return send_set_block();
    ByteWriter out = start_request();
    write(out);
    return send_request(out);
}

/// What goes into the blocks: it is produced again for each, through a window.
void ClientSession::put_payload(ByteWriter& out) const {
    if (operation_ == Operation::set_list) {
        put_list(out, values_);
    } else {
        out.put(value_);
    }
}

Progress ClientSession::send_set_block() {
    const bool first = block_number_ == 0;
    const bool list = operation_ == Operation::set_list;
    const SetRequestChoice choice = !first ? SetRequestChoice::with_datablock
                                    : list ? SetRequestChoice::with_list_and_first_datablock
                                           : SetRequestChoice::with_first_datablock;
    ByteWriter out = start_request();
    out.u8(static_cast<std::uint8_t>(ApduTag::set_request));
    out.u8(static_cast<std::uint8_t>(choice));
    out.u8(invoke_.octet);
    if (first && list) put_list(out, attributes_);
    if (first && !list) put(out, attribute_);
    ByteWriter measure{ByteSpan{}};
    put_payload(measure);
    const std::size_t left = measure.produced() - payload_sent_;
    const std::size_t head = out.produced() + 5 + kLengthOctets;
    const std::size_t limit = request_limit();
    if (head >= limit) return fail(ClientError::request_too_long);
    const std::size_t count = std::min({left, limit - head, kMaxBlock});
    put_block_sa_head(out, count == left, ++block_number_, count);
    ByteWriter window(out.unused().first(count), payload_sent_);
    put_payload(window);
    out.advance(window.size());
    payload_sent_ += count;
    return send_request(out);
}

Progress ClientSession::take_set_response(ByteView apdu) {
    const auto response = decode_set_response(apdu);
    if (!response) {
        return response.error() == ApduError::unknown_tag ? fail(ClientError::unexpected_answer)
                                                          : fail_malformed(response.error());
    }
    if (!ours(response->invoke)) return unsolicited(apdu);
    Progress done;
    done.access_result = response->result;
    done.access_results = response->results;
    ByteWriter measure{ByteSpan{}};
    put_payload(measure);
    const bool all_sent = block_number_ == 0 || payload_sent_ == measure.produced();
    switch (response->choice) {
        case SetResponseChoice::datablock:
            if (block_number_ == 0 || response->block_number != block_number_)
                return fail(ClientError::wrong_block_number);
            if (all_sent) return fail(ClientError::unexpected_answer);
            return send_set_block();
        case SetResponseChoice::normal:
        case SetResponseChoice::last_datablock:
            // Success of what was sent in part only, or of a list without its results, is none.
            if (response->result == DataAccessResult::success && (!all_sent || operation_ == Operation::set_list))
                return fail(ClientError::unexpected_answer);
            return finish(done);
        case SetResponseChoice::with_list:
        case SetResponseChoice::last_datablock_with_list:
            if (operation_ != Operation::set_list || response->results.count != values_.size() || !all_sent)
                return fail(ClientError::unexpected_answer);
            return finish(done);
    }
    return fail(ClientError::unexpected_answer);
}

Progress ClientSession::action(const MethodDescriptor& method, ByteView parameters, ResponseSink& sink) {
    if (const auto error = may_start(true)) return refuse(*error);
    if (by_short_names()) return refuse(ClientError::invalid_configuration);
    next_invoke_id();
    method_ = method;
    value_ = parameters;
    sink_ = &sink;
    payload_sent_ = 0;
    block_number_ = 0;
    operation_ = Operation::action;
    ActionRequest request;
    request.invoke = invoke_;
    request.method = method;
    request.parameters = parameters;
    if (!in_one_piece(size_of(request), Conformance::block_transfer_with_action)) return send_action_block();
    payload_sent_ = parameters.size();
    ByteWriter out = start_request();
    encode(out, request);
    return send_request(out);
}

Progress ClientSession::send_action_block() {
    ActionRequest request;
    request.choice = block_number_ == 0 ? ActionRequestChoice::with_first_pblock : ActionRequestChoice::with_pblock;
    request.invoke = invoke_;
    request.method = method_;
    const std::size_t head = size_of(request) - 1 + kLengthOctets;
    const std::size_t limit = request_limit();
    if (head >= limit) return fail(ClientError::request_too_long);
    const std::size_t count = std::min({value_.size() - payload_sent_, limit - head, kMaxBlock});
    request.block.number = ++block_number_;
    request.block.raw_data = value_.subspan(payload_sent_, count);
    payload_sent_ += count;
    request.block.last = payload_sent_ == value_.size();
    if (request.block.last) block_number_ = 0;  // the blocks of the answer count afresh
    ByteWriter out = start_request();
    encode(out, request);
    return send_request(out);
}

Progress ClientSession::take_action_response(ByteView apdu) {
    const auto response = decode_action_response(apdu);
    if (!response) {
        return response.error() == ApduError::unknown_tag ? fail(ClientError::unexpected_answer)
                                                          : fail_malformed(response.error());
    }
    if (!ours(response->invoke)) return unsolicited(apdu);
    const bool all_sent = payload_sent_ == value_.size();
    switch (response->choice) {
        case ActionResponseChoice::next_pblock:
            if (all_sent || response->block_number != block_number_) return fail(ClientError::wrong_block_number);
            return send_action_block();
        case ActionResponseChoice::normal:
            return take_action_outcome(response->outcome);
        case ActionResponseChoice::with_list:
            // Some meters answer one method with a list of one.
            if (response->outcomes.count != 1) return fail(ClientError::unexpected_answer);
            return take_action_outcome(*response->outcomes.begin());
        case ActionResponseChoice::with_pblock:
            if (!all_sent) return fail(ClientError::unexpected_answer);
            return take_action_block(response->block);
    }
    return fail(ClientError::unexpected_answer);
}

Progress ClientSession::take_action_outcome(const ActionOutcome& outcome) {
    const bool all_sent = payload_sent_ == value_.size();
    if (outcome.result == ActionResult::success && !all_sent) return fail(ClientError::unexpected_answer);
    Progress done;
    done.action_result = outcome.result;
    if (outcome.returned) {
        done.returned = outcome.returned->result;
        if (!outcome.returned->data.empty() && !sink_->append(outcome.returned->data))
            return fail(ClientError::sink_full);
    }
    return finish(done);
}

/// The blocks make up either an encoded outcome or, from some meters, the returned data alone. No data begins like an
/// outcome: its first octet would be all of it.
Progress ClientSession::take_action_block(const DataBlock& block) {
    if (block.number != block_number_ + 1) return fail(ClientError::wrong_block_number);
    const bool first = block_number_ == 0;
    block_number_ = block.number;
    if (block.raw_data.empty() && !block.last) return fail(ClientError::unexpected_answer);
    ByteView data = block.raw_data;
    if (first && data.size() >= kOutcomeHead.size() && equal(data.first(kOutcomeHead.size()), kOutcomeHead))
        data = data.subspan(kOutcomeHead.size());
    if (!sink_->append(data)) return fail(ClientError::sink_full);
    if (block.last) return finish(Progress{});
    ActionRequest request;
    request.choice = ActionRequestChoice::next_pblock;
    request.invoke = invoke_;
    request.block_number = block.number;
    ByteWriter out = start_request();
    encode(out, request);
    return send_request(out);
}

Progress ClientSession::access(std::span<const AccessSpecification> items, std::span<const EncodedData> values,
                               const AccessOptions& options) {
    if (const auto error = may_start(true)) return refuse(*error);
    if (by_short_names()) return refuse(ClientError::invalid_configuration);
    if (items.size() != values.size()) return fail(ClientError::invalid_configuration);
    long_invoke_id_ = long_invoke_id_ % 0x00FFFFFF + 1;
    item_count_ = items.size();
    operation_ = Operation::access;
    ByteWriter out = start_request();
    encode_access_request(
        out, LongInvokeIdAndPriority::of(long_invoke_id_, options.self_descriptive, options.break_on_error),
        options.date_time, items, values);
    return send_request(out);
}

Progress ClientSession::take_access_response(ByteView apdu) {
    const auto response = decode_access_response(apdu);
    if (!response) {
        return response.error() == ApduError::unknown_tag ? fail(ClientError::unexpected_answer)
                                                          : fail_malformed(response.error());
    }
    if (!configuration_.quirks.answers_wrong_invoke_id && response->invoke.id() != long_invoke_id_)
        return unsolicited(apdu);
    if (response->results.count != item_count_) return fail(ClientError::unexpected_answer);
    Progress done;
    done.access = *response;
    return finish(done);
}

}  // namespace ferraris::dlms
