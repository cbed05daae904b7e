#include "dlms/apdu/action.hpp"

namespace ferraris::dlms {

Result<ActionRequest, ApduError> decode_action_request(ByteView apdu) {
    ApduReader in(apdu);
    ActionRequest request;
    in.tag(ApduTag::action_request);
    request.choice = static_cast<ActionRequestChoice>(in.u8());
    request.invoke.octet = in.u8();
    switch (request.choice) {
        case ActionRequestChoice::normal:
            take(in, request.method);
            if (in.present()) request.parameters = in.data();
            break;
        case ActionRequestChoice::next_pblock:
            request.block_number = in.u32();
            break;
        case ActionRequestChoice::with_list:
            take(in, request.methods);
            take(in, request.arguments);
            if (request.methods.count != request.arguments.count) in.refuse(ApduError::malformed);
            break;
        case ActionRequestChoice::with_first_pblock:
            take(in, request.method);
            take_block_sa(in, request.block);
            break;
        case ActionRequestChoice::with_list_and_first_pblock:
            take(in, request.methods);
            take_block_sa(in, request.block);
            break;
        case ActionRequestChoice::with_pblock:
            take_block_sa(in, request.block);
            break;
        default:
            in.refuse(ApduError::unknown_choice);
    }
    return in.result(request);
}

Result<ActionResponse, ApduError> decode_action_response(ByteView apdu) {
    ApduReader in(apdu);
    ActionResponse response;
    in.tag(ApduTag::action_response);
    response.choice = static_cast<ActionResponseChoice>(in.u8());
    response.invoke.octet = in.u8();
    switch (response.choice) {
        case ActionResponseChoice::normal:
            take(in, response.outcome);
            break;
        case ActionResponseChoice::with_pblock:
            take_block_sa(in, response.block);
            break;
        case ActionResponseChoice::with_list:
            take(in, response.outcomes);
            break;
        case ActionResponseChoice::next_pblock:
            response.block_number = in.u32();
            break;
        default:
            in.refuse(ApduError::unknown_choice);
    }
    return in.result(response);
}

void encode(ByteWriter& out, const ActionRequest& request) {
    out.u8(static_cast<std::uint8_t>(ApduTag::action_request));
    out.u8(static_cast<std::uint8_t>(request.choice));
    out.u8(request.invoke.octet);
    switch (request.choice) {
        case ActionRequestChoice::normal:
            put(out, request.method);
            out.u8(request.parameters.empty() ? 0 : 1);
            out.put(request.parameters);
            break;
        case ActionRequestChoice::next_pblock:
            out.u32(request.block_number);
            break;
        case ActionRequestChoice::with_list:
            put(out, request.methods);
            put(out, request.arguments);
            break;
        case ActionRequestChoice::with_first_pblock:
            put(out, request.method);
            put_block_sa(out, request.block);
            break;
        case ActionRequestChoice::with_list_and_first_pblock:
            put(out, request.methods);
            put_block_sa(out, request.block);
            break;
        case ActionRequestChoice::with_pblock:
            put_block_sa(out, request.block);
            break;
    }
}

void encode(ByteWriter& out, const ActionResponse& response) {
    out.u8(static_cast<std::uint8_t>(ApduTag::action_response));
    out.u8(static_cast<std::uint8_t>(response.choice));
    out.u8(response.invoke.octet);
    switch (response.choice) {
        case ActionResponseChoice::normal:
            put(out, response.outcome);
            break;
        case ActionResponseChoice::with_pblock:
            put_block_sa(out, response.block);
            break;
        case ActionResponseChoice::with_list:
            put(out, response.outcomes);
            break;
        case ActionResponseChoice::next_pblock:
            out.u32(response.block_number);
            break;
    }
}

}  // namespace ferraris::dlms
