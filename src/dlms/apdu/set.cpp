#include "dlms/apdu/set.hpp"

namespace ferraris::dlms {

Result<SetRequest, ApduError> decode_set_request(ByteView apdu) {
    ApduReader in(apdu);
    SetRequest request;
    in.tag(ApduTag::set_request);
    request.choice = static_cast<SetRequestChoice>(in.u8());
    request.invoke.octet = in.u8();
    switch (request.choice) {
        case SetRequestChoice::normal:
            take(in, request.attribute);
            request.value = in.data();
            break;
        case SetRequestChoice::with_first_datablock:
            take(in, request.attribute);
            take_block_sa(in, request.block);
            break;
        case SetRequestChoice::with_datablock:
            take_block_sa(in, request.block);
            break;
        case SetRequestChoice::with_list:
            take(in, request.attributes);
            take(in, request.values);
            if (request.attributes.count != request.values.count) in.refuse(ApduError::malformed);
            break;
        case SetRequestChoice::with_list_and_first_datablock:
            take(in, request.attributes);
            take_block_sa(in, request.block);
            break;
        default:
            in.refuse(ApduError::unknown_choice);
    }
    return in.result(request);
}

Result<SetResponse, ApduError> decode_set_response(ByteView apdu) {
    ApduReader in(apdu);
    SetResponse response;
    in.tag(ApduTag::set_response);
    response.choice = static_cast<SetResponseChoice>(in.u8());
    response.invoke.octet = in.u8();
    switch (response.choice) {
        case SetResponseChoice::normal:
            take(in, response.result);
            break;
        case SetResponseChoice::datablock:
            response.block_number = in.u32();
            break;
        case SetResponseChoice::last_datablock:
            take(in, response.result);
            response.block_number = in.u32();
            break;
        case SetResponseChoice::last_datablock_with_list:
            take(in, response.results);
            response.block_number = in.u32();
            break;
        case SetResponseChoice::with_list:
            take(in, response.results);
            break;
        default:
            in.refuse(ApduError::unknown_choice);
    }
    return in.result(response);
}

void encode(ByteWriter& out, const SetRequest& request) {
    out.u8(static_cast<std::uint8_t>(ApduTag::set_request));
    out.u8(static_cast<std::uint8_t>(request.choice));
    out.u8(request.invoke.octet);
    switch (request.choice) {
        case SetRequestChoice::normal:
            put(out, request.attribute);
            out.put(request.value);
            break;
        case SetRequestChoice::with_first_datablock:
            put(out, request.attribute);
            put_block_sa(out, request.block);
            break;
        case SetRequestChoice::with_datablock:
            put_block_sa(out, request.block);
            break;
        case SetRequestChoice::with_list:
            put(out, request.attributes);
            put(out, request.values);
            break;
        case SetRequestChoice::with_list_and_first_datablock:
            put(out, request.attributes);
            put_block_sa(out, request.block);
            break;
    }
}

void encode(ByteWriter& out, const SetResponse& response) {
    out.u8(static_cast<std::uint8_t>(ApduTag::set_response));
    out.u8(static_cast<std::uint8_t>(response.choice));
    out.u8(response.invoke.octet);
    switch (response.choice) {
        case SetResponseChoice::normal:
            put(out, response.result);
            break;
        case SetResponseChoice::datablock:
            out.u32(response.block_number);
            break;
        case SetResponseChoice::last_datablock:
            put(out, response.result);
            out.u32(response.block_number);
            break;
        case SetResponseChoice::last_datablock_with_list:
            put(out, response.results);
            out.u32(response.block_number);
            break;
        case SetResponseChoice::with_list:
            put(out, response.results);
            break;
    }
}

}  // namespace ferraris::dlms
