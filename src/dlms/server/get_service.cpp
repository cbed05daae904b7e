#include "dlms/server/get_service.hpp"

namespace ferraris::dlms {
namespace {

/// `C4 02 invoke last number(4) 00 length(1 to 3)`: the larger of the heads that a body may get.
constexpr std::size_t kMaxGetHead = 12;

void answer_block_error(Answer& answer, const GetRequest& get, DataAccessResult why) {
    GetResponse response;
    response.choice = GetResponseChoice::with_datablock;
    response.invoke = get.invoke;
    response.block = {true, get.block_number, why, {}};
    set_answer(answer, response);
}

void refuse_block(const ServiceRequest& request, Answer& answer, const GetRequest& get, DataAccessResult why) {
    tell(request, SecurityEvent::block_out_of_sequence);
    answer_block_error(answer, get, why);
}

DataAccessResult judge(const ServiceRequest& request, const AttributeRequest& item) {
    if (item.selection && !negotiated(request, Conformance::selective_access)) {
        tell(request, SecurityEvent::service_not_negotiated);
        return DataAccessResult::scope_of_access_violated;
    }
    return DataAccessResult::success;
}

}  // namespace

void GetService::handle(const ServiceRequest& request, Answer& answer) {
    const auto get = decode_get_request(request.apdu);
    if (!get) {
        abort();
        return answer_malformed(request, answer, get.error());
    }
    if (get->choice == GetRequestChoice::next) return next(request, *get, answer);
    abort();
    const bool list = get->choice == GetRequestChoice::with_list;
    if (!negotiated(request, Conformance::get) || (list && !negotiated(request, Conformance::multiple_references))) {
        return refuse_unnegotiated(request, answer);
    }
    start(request, *get, answer);
}

void GetService::start(const ServiceRequest& request, const GetRequest& get, Answer& answer) {
    with_list_ = get.choice == GetRequestChoice::with_list;
    item_ = 0;
    item_count_ = with_list_ ? get.attributes.count : 1;
    cursor_ = {};
    ByteWriter store(descriptors_);
    if (with_list_) {
        store.put(get.attributes.octets);
    } else {
        put(store, get.attribute);
    }
    descriptors_size_ = store.size();
    if (store.overflowed()) {
        return refuse_too_long(request, answer);
    }

    ByteWriter body = answer.start_body(answer.limit() - kMaxGetHead);
    // The count stands in front of the results of a list, also when they travel in blocks.
    if (with_list_) put_length(body, item_count_);
    const std::size_t count_octets = body.size();
    const Produced produced = produce(request, body);
    if (produced.result != DataAccessResult::success) {
        GetResponse response;
        response.invoke = get.invoke;
        response.result = {produced.result, {}};
        return set_answer(answer, response);
    }
    if (produced.complete) {
        answer.finish_body(body);
        return prepend(answer, [&](ByteWriter& out) {
            if (with_list_) {
                // The body has its count already: the head without it.
                out.u8(static_cast<std::uint8_t>(ApduTag::get_response));
                out.u8(static_cast<std::uint8_t>(GetResponseChoice::with_list));
                out.u8(get.invoke.octet);
            } else {
                put_get_response_normal_head(out, get.invoke);
            }
        });
    }
    if (!negotiated(request, Conformance::block_transfer_with_get) || body.size() == count_octets) {
        tell(request, SecurityEvent::too_long);
        GetResponse response;
        response.invoke = get.invoke;
        response.result = {DataAccessResult::other_reason, {}};
        return set_answer(answer, response);
    }
    active_ = true;
    block_number_ = 1;
    answer.finish_body(body);
    prepend(answer,
            [&](ByteWriter& out) { put_get_response_block_head(out, get.invoke, false, block_number_, body.size()); });
}

void GetService::next(const ServiceRequest& request, const GetRequest& get, Answer& answer) {
    if (!active_) return refuse_block(request, answer, get, DataAccessResult::no_long_get_in_progress);
    if (get.block_number != block_number_) {
        abort();
        return refuse_block(request, answer, get, DataAccessResult::data_block_number_invalid);
    }
    ByteWriter body = answer.start_body(answer.limit() - kMaxGetHead);
    const Produced produced = produce(request, body);
    ++block_number_;
    if (produced.result != DataAccessResult::success) {
        abort();
        GetRequest failed = get;
        failed.block_number = block_number_;
        return answer_block_error(answer, failed, DataAccessResult::long_get_aborted);
    }
    active_ = !produced.complete;
    answer.finish_body(body);
    prepend(answer, [&](ByteWriter& out) {
        put_get_response_block_head(out, get.invoke, produced.complete, block_number_, body.size());
    });
}

GetService::Produced GetService::produce(const ServiceRequest& request, ByteWriter& out) {
    const ListView<AttributeRequest> items{item_count_, ByteView(descriptors_).first(descriptors_size_)};
    std::size_t index = 0;
    for (const AttributeRequest& item : items) {
        if (index++ < item_) continue;
        const Produced produced = produce_item(request, item, out);
        if (produced.result != DataAccessResult::success || !produced.complete) return produced;
        ++item_;
        cursor_ = {};
    }
    return {DataAccessResult::success, true};
}

GetService::Produced GetService::produce_item(const ServiceRequest& request, const AttributeRequest& item,
                                              ByteWriter& out) {
    const DataAccessResult refusal = judge(request, item);
    const Selection* selection = item.selection ? &*item.selection : nullptr;
    const auto read = [&](ByteWriter& to) {
        if (refusal != DataAccessResult::success) return ReadOutcome::failed(refusal);
        return request.device.read(request.caller, item.attribute, selection, cursor_, to);
    };
    if (!with_list_ || !cursor_.at_start()) {
        const ReadOutcome outcome = read(out);
        return {outcome.result, outcome.complete};
    }
    // Each result of a list says first which it is: 00 data, or 01 and the reason. Neither is split between blocks.
    if (out.room() < 2) return {DataAccessResult::success, false};
    ByteWriter behind_choice(out.unused().subspan(1));
    const ReadOutcome outcome = read(behind_choice);
    if (outcome.result != DataAccessResult::success) {
        cursor_ = {};
        out.u8(1);
        put(out, outcome.result);
        return {DataAccessResult::success, true};
    }
    // Nothing fitted: the choice waits for the next block too, as the cursor still stands at the start.
    if (!outcome.complete && behind_choice.size() == 0) return {DataAccessResult::success, false};
    out.u8(0);
    out.advance(behind_choice.size());
    return {DataAccessResult::success, outcome.complete};
}

}  // namespace ferraris::dlms
