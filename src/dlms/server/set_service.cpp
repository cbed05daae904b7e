#include "dlms/server/set_service.hpp"

namespace ferraris::dlms {
namespace {

DataAccessResult write(const ServiceRequest& request, const AttributeRequest& item, ByteView value) {
    if (item.selection && !negotiated(request, Conformance::selective_access)) {
        tell(request, SecurityEvent::service_not_negotiated);
        return DataAccessResult::scope_of_access_violated;
    }
    return request.device.write(request.caller, item.attribute, item.selection ? &*item.selection : nullptr, value);
}

void answer_one(Answer& answer, SetResponseChoice choice, const SetRequest& set, DataAccessResult result) {
    SetResponse response;
    response.choice = choice;
    response.invoke = set.invoke;
    response.result = result;
    response.block_number = set.block.number;
    set_answer(answer, response);
}

/// `C5 choice invoke count result…` for a list, with the block number behind the results when it came in blocks.
void answer_list(const ServiceRequest& request, const SetRequest& set, Answer& answer,
                 const ListView<AttributeRequest>& items, const ListView<EncodedData>& values, bool in_blocks) {
    ByteWriter body = answer.start_body(answer.limit());
    body.u8(static_cast<std::uint8_t>(ApduTag::set_response));
    body.u8(static_cast<std::uint8_t>(in_blocks ? SetResponseChoice::last_datablock_with_list
                                                : SetResponseChoice::with_list));
    body.u8(set.invoke.octet);
    put_length(body, items.count);
    auto value = values.begin();
    for (const AttributeRequest& item : items) {
        put(body, write(request, item, value->octets));
        ++value;
    }
    if (in_blocks) body.u32(set.block.number);
    answer.finish_body(body);
}

}  // namespace

void SetService::handle(const ServiceRequest& request, Answer& answer) {
    const auto set = decode_set_request(request.apdu);
    if (!set) {
        abort();
        return answer_malformed(request, answer, set.error());
    }
    const bool list =
        set->choice == SetRequestChoice::with_list || set->choice == SetRequestChoice::with_list_and_first_datablock;
    const bool blocks = set->choice != SetRequestChoice::normal && set->choice != SetRequestChoice::with_list;
    if (!negotiated(request, Conformance::set) || (list && !negotiated(request, Conformance::multiple_references)) ||
        (blocks && !negotiated(request, Conformance::block_transfer_with_set))) {
        abort();
        return refuse_unnegotiated(request, answer);
    }
    switch (set->choice) {
        case SetRequestChoice::normal:
            return write_one(request, *set, answer);
        case SetRequestChoice::with_list:
            return write_list(request, *set, answer);
        case SetRequestChoice::with_first_datablock:
        case SetRequestChoice::with_list_and_first_datablock:
            return first_block(request, *set, answer);
        case SetRequestChoice::with_datablock:
            return later_block(request, *set, answer);
    }
}

void SetService::write_one(const ServiceRequest& request, const SetRequest& set, Answer& answer) {
    abort();
    answer_one(answer, SetResponseChoice::normal, set, write(request, set.attribute, set.value));
}

void SetService::write_list(const ServiceRequest& request, const SetRequest& set, Answer& answer) {
    abort();
    // An answer that could not be sent must not have written anything.
    if (set.attributes.count + 8 > answer.limit()) {
        return refuse_too_long(request, answer);
    }
    answer_list(request, set, answer, set.attributes, set.values, false);
}

void SetService::first_block(const ServiceRequest& request, const SetRequest& set, Answer& answer) {
    with_list_ = set.choice == SetRequestChoice::with_list_and_first_datablock;
    item_count_ = with_list_ ? set.attributes.count : 1;
    ByteWriter store(descriptors_);
    if (with_list_) {
        store.put(set.attributes.octets);
    } else {
        put(store, set.attribute);
    }
    descriptors_size_ = store.size();
    if (store.overflowed() || item_count_ + 12 > answer.limit()) {
        abort();
        return refuse_too_long(request, answer);
    }
    active_ = true;
    block_number_ = 0;
    value_size_ = 0;
    take_block(request, set, answer);
}

void SetService::later_block(const ServiceRequest& request, const SetRequest& set, Answer& answer) {
    if (!active_) {
        tell(request, SecurityEvent::block_out_of_sequence);
        return answer_one(answer, SetResponseChoice::last_datablock, set, DataAccessResult::no_long_set_in_progress);
    }
    take_block(request, set, answer);
}

void SetService::take_block(const ServiceRequest& request, const SetRequest& set, Answer& answer) {
    if (set.block.number != block_number_ + 1) {
        abort();
        tell(request, SecurityEvent::block_out_of_sequence);
        return answer_one(answer, SetResponseChoice::last_datablock, set, DataAccessResult::data_block_number_invalid);
    }
    ++block_number_;
    if (set.block.raw_data.size() > request.long_memory.size() - value_size_) {
        abort();
        tell(request, SecurityEvent::too_long);
        return answer_one(answer, SetResponseChoice::last_datablock, set, DataAccessResult::long_set_aborted);
    }
    std::copy(set.block.raw_data.begin(), set.block.raw_data.end(),
              request.long_memory.begin() + static_cast<std::ptrdiff_t>(value_size_));
    value_size_ += set.block.raw_data.size();
    if (set.block.last) return finish(request, set, answer);
    answer_one(answer, SetResponseChoice::datablock, set, DataAccessResult::success);
}

void SetService::finish(const ServiceRequest& request, const SetRequest& set, Answer& answer) {
    abort();
    const ListView<AttributeRequest> items{item_count_, ByteView(descriptors_).first(descriptors_size_)};
    const ByteView gathered = request.long_memory.first(value_size_);
    if (!with_list_) {
        DataReader value(gathered);
        const bool whole = value.any().has_value() && value.finished();
        if (!whole) tell(request, SecurityEvent::request_malformed);
        const DataAccessResult result =
            whole ? write(request, *items.begin(), gathered) : DataAccessResult::type_unmatched;
        return answer_one(answer, SetResponseChoice::last_datablock, set, result);
    }
    ApduReader in(gathered);
    ListView<EncodedData> values;
    take(in, values);
    in.end();
    if (in.failed() || values.count != items.count) {
        tell(request, SecurityEvent::request_malformed);
        return answer_one(answer, SetResponseChoice::last_datablock, set, DataAccessResult::type_unmatched);
    }
    answer_list(request, set, answer, items, values, true);
}

}  // namespace ferraris::dlms
