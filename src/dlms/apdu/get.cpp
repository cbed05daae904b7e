#include "dlms/apdu/get.hpp"

namespace ferraris::dlms {
namespace {

void put_head(ByteWriter& out, ApduTag tag, std::uint8_t choice, InvokeIdAndPriority invoke) {
    out.u8(static_cast<std::uint8_t>(tag));
    out.u8(choice);
    out.u8(invoke.octet);
}

void put_head(ByteWriter& out, GetRequestChoice choice, InvokeIdAndPriority invoke) {
    put_head(out, ApduTag::get_request, static_cast<std::uint8_t>(choice), invoke);
}

void put_head(ByteWriter& out, GetResponseChoice choice, InvokeIdAndPriority invoke) {
    put_head(out, ApduTag::get_response, static_cast<std::uint8_t>(choice), invoke);
}

}  // namespace

Result<GetRequest, ApduError> decode_get_request(ByteView apdu) {
    ApduReader in(apdu);
    GetRequest request;
    in.tag(ApduTag::get_request);
    request.choice = static_cast<GetRequestChoice>(in.u8());
    request.invoke.octet = in.u8();
    switch (request.choice) {
        case GetRequestChoice::normal:
            take(in, request.attribute);
            break;
        case GetRequestChoice::next:
            request.block_number = in.u32();
            break;
        case GetRequestChoice::with_list:
            take(in, request.attributes);
            break;
        default:
            in.refuse(ApduError::unknown_choice);
    }
    return in.result(request);
}

Result<GetResponse, ApduError> decode_get_response(ByteView apdu) {
    ApduReader in(apdu);
    GetResponse response;
    in.tag(ApduTag::get_response);
    response.choice = static_cast<GetResponseChoice>(in.u8());
    response.invoke.octet = in.u8();
    switch (response.choice) {
        case GetResponseChoice::normal:
            take(in, response.result);
            break;
        case GetResponseChoice::with_datablock:
            take_block_g(in, response.block);
            break;
        case GetResponseChoice::with_list:
            take(in, response.results);
            break;
        default:
            in.refuse(ApduError::unknown_choice);
    }
    return in.result(response);
}

void encode(ByteWriter& out, const GetRequest& request) {
    put_head(out, request.choice, request.invoke);
    switch (request.choice) {
        case GetRequestChoice::normal:
            put(out, request.attribute);
            break;
        case GetRequestChoice::next:
            out.u32(request.block_number);
            break;
        case GetRequestChoice::with_list:
            put(out, request.attributes);
            break;
    }
}

void encode(ByteWriter& out, const GetResponse& response) {
    put_head(out, response.choice, response.invoke);
    switch (response.choice) {
        case GetResponseChoice::normal:
            put(out, response.result);
            break;
        case GetResponseChoice::with_datablock:
            put_block_g(out, response.block);
            break;
        case GetResponseChoice::with_list:
            put(out, response.results);
            break;
    }
}

void encode_get_with_list(ByteWriter& out, InvokeIdAndPriority invoke, std::span<const AttributeRequest> attributes) {
    put_head(out, GetRequestChoice::with_list, invoke);
    put_list(out, attributes);
}

void put_get_response_normal_head(ByteWriter& out, InvokeIdAndPriority invoke) {
    put_head(out, GetResponseChoice::normal, invoke);
    out.u8(0);
}

void put_get_response_list_head(ByteWriter& out, InvokeIdAndPriority invoke, std::size_t count) {
    put_head(out, GetResponseChoice::with_list, invoke);
    put_length(out, count);
}

void put_get_response_block_head(ByteWriter& out, InvokeIdAndPriority invoke, bool last, std::uint32_t number,
                                 std::size_t raw_length) {
    put_head(out, GetResponseChoice::with_datablock, invoke);
    put_block_g_head(out, last, number, raw_length);
}

}  // namespace ferraris::dlms
