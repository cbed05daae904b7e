#include "dlms/server/action_service.hpp"

#include <algorithm>

namespace ferraris::dlms {
namespace {

/// `C7 02 invoke last number(4) length(1 to 3)` and some.
constexpr std::size_t kMaxBlockHead = 12;
/// `C7 01 invoke`, and the count behind it where there is a list.
constexpr std::size_t kMaxWholeHead = 3;
/// result, 01 return-parameters present, 01 data-access-result, why there are none: no outcome needs more but for what
/// a method returns.
constexpr std::size_t kMaxBareOutcome = 4;

std::size_t octets_of_length(std::size_t length) {
    ByteWriter measure{ByteSpan{}};
    put_length(measure, length);
    return measure.produced();
}

void answer_result(Answer& answer, const ActionRequest& action, ActionResult result) {
    ActionResponse response;
    response.invoke = action.invoke;
    response.outcome.result = result;
    set_answer(answer, response);
}

void refuse_block(const ServiceRequest& request, Answer& answer, const ActionRequest& action, ActionResult result) {
    tell(request, SecurityEvent::block_out_of_sequence);
    answer_result(answer, action, result);
}

/// Calls a method and writes its outcome into `room` octets, at least kMaxBareOutcome. What it returns is left out
/// where it does not fit, and the outcome says so: the method has been carried out all the same.
void put_outcome(const ServiceRequest& request, MethodTarget& target, const MethodDescriptor& method,
                 ByteView parameters, ByteWriter& body, std::size_t room) {
    // result, 01 return-parameters present, 00 data; or result, 00.
    constexpr std::size_t kHead = 3;
    ByteWriter returned(body.unused().first(room).subspan(kHead));
    const ActionResult result = target.invoke(request.caller, method, parameters, returned);
    body.u8(static_cast<std::uint8_t>(result));
    if (result != ActionResult::success || returned.produced() == 0) return body.u8(0);
    body.u8(1);
    if (returned.overflowed()) {
        tell(request, SecurityEvent::too_long);
        body.u8(1);
        return put(body, DataAccessResult::other_reason);
    }
    body.u8(0);
    body.advance(returned.size());
}

}  // namespace

void ActionService::handle(const ServiceRequest& request, MethodTarget& target, Answer& answer) {
    const auto action = decode_action_request(request.apdu);
    if (!action) {
        abort();
        return answer_malformed(request, answer, action.error());
    }
    const bool list = action->choice == ActionRequestChoice::with_list ||
                      action->choice == ActionRequestChoice::with_list_and_first_pblock;
    const bool blocks = action->choice != ActionRequestChoice::normal && !list;
    if (!negotiated(request, Conformance::action) || (list && !negotiated(request, Conformance::multiple_references)) ||
        (blocks && !negotiated(request, Conformance::block_transfer_with_action))) {
        abort();
        return refuse_unnegotiated(request, answer);
    }
    switch (action->choice) {
        case ActionRequestChoice::normal: {
            abort();
            std::uint8_t method[9];
            ByteWriter out(method);
            put(out, action->method);
            const ListView<EncodedData> argument{action->parameters.empty() ? 0U : 1U, action->parameters};
            return perform(request, target, *action, {1, out.written()}, argument, false, answer);
        }
        case ActionRequestChoice::with_list:
            abort();
            return perform(request, target, *action, action->methods, action->arguments, true, answer);
        case ActionRequestChoice::with_first_pblock:
        case ActionRequestChoice::with_list_and_first_pblock:
            return first_block(request, target, *action, answer);
        case ActionRequestChoice::with_pblock:
            if (state_ != State::receiving) {
                return refuse_block(request, answer, *action, ActionResult::no_long_action_in_progress);
            }
            return take_block(request, target, *action, answer);
        case ActionRequestChoice::next_pblock:
            if (state_ != State::sending) {
                return refuse_block(request, answer, *action, ActionResult::no_long_action_in_progress);
            }
            if (action->block_number != block_number_) {
                abort();
                return refuse_block(request, answer, *action, ActionResult::long_action_aborted);
            }
            return send_block(request, *action, answer);
    }
}

void ActionService::first_block(const ServiceRequest& request, MethodTarget& target, const ActionRequest& action,
                                Answer& answer) {
    with_list_ = action.choice == ActionRequestChoice::with_list_and_first_pblock;
    ByteWriter store(methods_);
    if (with_list_) {
        store.put(action.methods.octets);
        method_count_ = action.methods.count;
    } else {
        put(store, action.method);
        method_count_ = 1;
    }
    methods_size_ = store.size();
    if (store.overflowed()) {
        abort();
        return refuse_too_long(request, answer);
    }
    state_ = State::receiving;
    block_number_ = 0;
    gathered_ = 0;
    take_block(request, target, action, answer);
}

void ActionService::take_block(const ServiceRequest& request, MethodTarget& target, const ActionRequest& action,
                               Answer& answer) {
    const DataBlock& block = action.block;
    if (block.number != block_number_ + 1) {
        abort();
        return refuse_block(request, answer, action, ActionResult::long_action_aborted);
    }
    if (block.raw_data.size() > request.long_memory.size() - gathered_) {
        abort();
        tell(request, SecurityEvent::too_long);
        return answer_result(answer, action, ActionResult::long_action_aborted);
    }
    ++block_number_;
    std::copy(block.raw_data.begin(), block.raw_data.end(),
              request.long_memory.begin() + static_cast<std::ptrdiff_t>(gathered_));
    gathered_ += block.raw_data.size();
    if (block.last) return finish_blocks(request, target, action, answer);
    ActionResponse response;
    response.choice = ActionResponseChoice::next_pblock;
    response.invoke = action.invoke;
    response.block_number = block_number_;
    set_answer(answer, response);
}

void ActionService::finish_blocks(const ServiceRequest& request, MethodTarget& target, const ActionRequest& action,
                                  Answer& answer) {
    abort();
    const ListView<MethodDescriptor> methods{method_count_, ByteView(methods_).first(methods_size_)};
    ListView<EncodedData> arguments;
    ApduReader in(request.long_memory.first(gathered_));
    if (with_list_) {
        take(in, arguments);
    } else {
        EncodedData argument;
        take(in, argument);
        arguments = {1, argument.octets};
    }
    in.end();
    if (in.failed() || arguments.count != methods.count) {
        tell(request, SecurityEvent::request_malformed);
        return answer_result(answer, action, ActionResult::type_unmatched);
    }
    perform(request, target, action, methods, arguments, with_list_, answer);
}

void ActionService::perform(const ServiceRequest& request, MethodTarget& target, const ActionRequest& action,
                            const ListView<MethodDescriptor>& methods, const ListView<EncodedData>& arguments,
                            bool list, Answer& answer) {
    // Return parameters are written behind the results at once; an answer that turns out too long for one APDU moves
    // to the long memory, since a method cannot be carried out a second time. What could not be told must not be done:
    // the results of all have room before the first is called, and what a method returns takes what they leave.
    const bool blocks = negotiated(request, Conformance::block_transfer_with_action) && answer.limit() > kMaxBlockHead;
    const std::size_t whole = answer.limit() - std::min(answer.limit(), kMaxWholeHead);
    ByteWriter body = answer.start_body(blocks ? std::max(whole, request.long_memory.size()) : whole);
    std::size_t reserved = kMaxBareOutcome * methods.count;
    if (body.room() < reserved + (list ? octets_of_length(methods.count) : 0)) {
        return refuse_too_long(request, answer);
    }
    if (list) put_length(body, methods.count);
    auto argument = arguments.begin();
    for (const MethodDescriptor& method : methods) {
        const ByteView parameters = arguments.empty() ? ByteView{} : argument->octets;
        if (!arguments.empty()) ++argument;
        reserved -= kMaxBareOutcome;
        put_outcome(request, target, method, parameters, body, body.room() - reserved);
    }
    answer.finish_body(body);
    if (body.size() <= whole) {
        return prepend(answer, [&](ByteWriter& out) {
            out.u8(static_cast<std::uint8_t>(ApduTag::action_response));
            out.u8(static_cast<std::uint8_t>(list ? ActionResponseChoice::with_list : ActionResponseChoice::normal));
            out.u8(action.invoke.octet);
        });
    }
    std::copy(body.written().begin(), body.written().end(), request.long_memory.begin());
    state_ = State::sending;
    gathered_ = body.size();
    sent_ = 0;
    block_number_ = 0;
    send_block(request, action, answer);
}

void ActionService::send_block(const ServiceRequest& request, const ActionRequest& action, Answer& answer) {
    const std::size_t count = std::min(gathered_ - sent_, answer.limit() - kMaxBlockHead);
    ActionResponse response;
    response.choice = ActionResponseChoice::with_pblock;
    response.invoke = action.invoke;
    response.block.last = sent_ + count == gathered_;
    response.block.number = ++block_number_;
    response.block.raw_data = request.long_memory.subspan(sent_, count);
    sent_ += count;
    if (response.block.last) state_ = State::idle;
    set_answer(answer, response);
}

}  // namespace ferraris::dlms
