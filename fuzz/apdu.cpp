/// Every APDU decoder. What is decoded is encoded, and that must decode and encode to the same octets again.
#include <cstdlib>
#include <vector>

#include "dlms/apdu/access.hpp"
#include "dlms/apdu/acse.hpp"
#include "dlms/apdu/action.hpp"
#include "dlms/apdu/ciphered.hpp"
#include "dlms/apdu/confirmed_service_error.hpp"
#include "dlms/apdu/data_notification.hpp"
#include "dlms/apdu/event_notification.hpp"
#include "dlms/apdu/exception.hpp"
#include "dlms/apdu/gateway.hpp"
#include "dlms/apdu/general_block_transfer.hpp"
#include "dlms/apdu/get.hpp"
#include "dlms/apdu/initiate.hpp"
#include "dlms/apdu/selective_access.hpp"
#include "dlms/apdu/set.hpp"
#include "dlms/apdu/short_names.hpp"
#include "dlms/date_time.hpp"

namespace {

using namespace ferraris;
using namespace ferraris::dlms;
using Octets = std::vector<std::uint8_t>;

template <class Apdu>
Octets encoded(const Apdu& apdu) {
    ByteWriter measure{ByteSpan{}};
    encode(measure, apdu);
    Octets memory(measure.produced());
    ByteWriter out(memory);
    encode(out, apdu);
    if (out.overflowed()) std::abort();
    return memory;
}

template <class Decode>
void round_trip(ByteView octets, Decode decode) {
    const auto first = decode(octets);
    if (!first) return;
    const Octets once = encoded(*first);
    const auto second = decode(once);
    if (!second || encoded(*second) != once) std::abort();
}

template <class Item>
void walk(const ListView<Item>& list) {
    std::size_t count = 0;
    for ([[maybe_unused]] const Item& item : list) ++count;
    if (count != list.count) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView octets(data, size);
    round_trip(octets, decode_get_request);
    round_trip(octets, decode_get_response);
    round_trip(octets, decode_set_request);
    round_trip(octets, decode_set_response);
    round_trip(octets, decode_action_request);
    round_trip(octets, decode_action_response);
    round_trip(octets, decode_access_request);
    round_trip(octets, decode_access_response);
    round_trip(octets, decode_general_block);
    round_trip(octets, decode_gateway);
    round_trip(octets, decode_read_request);
    round_trip(octets, decode_read_response);
    round_trip(octets, decode_write_request);
    round_trip(octets, decode_write_response);
    round_trip(octets, decode_information_report);
    round_trip(octets, decode_aarq);
    round_trip(octets, decode_aare);
    round_trip(octets, decode_rlrq);
    round_trip(octets, decode_rlre);
    round_trip(octets, decode_initiate_request);
    round_trip(octets, decode_initiate_response);
    round_trip(octets, decode_exception_response);
    round_trip(octets, decode_confirmed_service_error);
    round_trip(octets, decode_event_notification);
    round_trip(octets, decode_data_notification);
    round_trip(octets, decode_range_descriptor);
    round_trip(octets, decode_entry_descriptor);
    (void)decode_ciphered(octets);
    if (const auto get = decode_get_request(octets)) {
        walk(get->attributes);
        if (const auto& selection = get->attribute.selection) {
            if (const auto range = decode_range_descriptor(selection->parameters)) walk(range->selected_values);
            (void)decode_entry_descriptor(selection->parameters);
        }
    }
    if (const auto get = decode_get_response(octets)) walk(get->results);
    if (const auto set = decode_set_request(octets)) walk(set->values);
    if (const auto action = decode_action_request(octets)) walk(action->arguments);
    if (const auto time = decode_date_time(octets)) {
        (void)to_utc(*time);
        if (!equal(encode(*time), octets)) std::abort();
    }
    return 0;
}
