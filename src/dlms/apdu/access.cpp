#include "dlms/apdu/access.hpp"

#include "dlms/date_time.hpp"

namespace ferraris::dlms {
namespace {

ByteView take_date_time(ApduReader& in) {
    const ByteView date_time = in.octet_string();
    if (!date_time.empty() && date_time.size() != kDateTimeSize) in.refuse(ApduError::malformed);
    return date_time;
}

void put_head(ByteWriter& out, ApduTag tag, LongInvokeIdAndPriority invoke, ByteView date_time) {
    out.u8(static_cast<std::uint8_t>(tag));
    out.u32(invoke.bits);
    put_length(out, date_time.size());
    out.put(date_time);
}

}  // namespace

void take(ApduReader& in, AccessSpecification& item) {
    item = {};
    item.choice = static_cast<AccessChoice>(in.u8());
    if (item.choice < AccessChoice::get || item.choice > AccessChoice::set_with_selection) {
        return in.refuse(ApduError::unknown_choice);
    }
    AttributeDescriptor target;
    take(in, target);
    item.class_id = target.class_id;
    item.instance = target.instance;
    item.index = target.attribute;
    if (!has_selection(item.choice)) return;
    item.selection.selector = in.u8();
    item.selection.parameters = in.data();
}

void take(ApduReader& in, AccessResult& item) {
    item.choice = static_cast<AccessChoice>(in.u8());
    if (item.choice < AccessChoice::get || item.choice > AccessChoice::action) in.refuse(ApduError::unknown_choice);
    item.result = in.u8();
}

void put(ByteWriter& out, const AccessSpecification& item) {
    out.u8(static_cast<std::uint8_t>(item.choice));
    put(out, item.attribute());
    if (!has_selection(item.choice)) return;
    out.u8(item.selection.selector);
    out.put(item.selection.parameters);
}

void put(ByteWriter& out, const AccessResult& item) {
    out.u8(static_cast<std::uint8_t>(item.choice));
    out.u8(item.result);
}

Result<AccessRequest, ApduError> decode_access_request(ByteView apdu) {
    ApduReader in(apdu);
    AccessRequest request;
    in.tag(ApduTag::access_request);
    request.invoke.bits = in.u32();
    request.date_time = take_date_time(in);
    take(in, request.specifications);
    take(in, request.data);
    if (request.specifications.count != request.data.count) in.refuse(ApduError::malformed);
    return in.result(request);
}

Result<AccessResponse, ApduError> decode_access_response(ByteView apdu) {
    ApduReader in(apdu);
    AccessResponse response;
    in.tag(ApduTag::access_response);
    response.invoke.bits = in.u32();
    response.date_time = take_date_time(in);
    if (in.present()) {
        ListView<AccessSpecification> specifications;
        take(in, specifications);
        response.specifications = specifications;
    }
    take(in, response.data);
    take(in, response.results);
    if (response.data.count != response.results.count) in.refuse(ApduError::malformed);
    if (response.specifications && response.specifications->count != response.results.count) {
        in.refuse(ApduError::malformed);
    }
    return in.result(response);
}

void encode(ByteWriter& out, const AccessRequest& request) {
    put_head(out, ApduTag::access_request, request.invoke, request.date_time);
    put(out, request.specifications);
    put(out, request.data);
}

void encode(ByteWriter& out, const AccessResponse& response) {
    put_head(out, ApduTag::access_response, response.invoke, response.date_time);
    out.u8(response.specifications ? 1 : 0);
    if (response.specifications) put(out, *response.specifications);
    put(out, response.data);
    put(out, response.results);
}

void encode_access_request(ByteWriter& out, LongInvokeIdAndPriority invoke, ByteView date_time,
                           std::span<const AccessSpecification> specifications, std::span<const EncodedData> values) {
    put_head(out, ApduTag::access_request, invoke, date_time);
    put_list(out, specifications);
    put_list(out, values);
}

}  // namespace ferraris::dlms
