/// Explains APDUs of DLMS/COSEM, field by field (IEC 62056-5-3, annex A), and what is inside them: deciphered where
/// keys are known, joined where they come in blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/crypto.hpp"
#include "decode/conversation.hpp"
#include "decode/data.hpp"
#include "decode/tree.hpp"
#include "decode/walker.hpp"

namespace ferraris::decode {

/// What the explanation of one item works with.
struct Context {
    Item& item;
    Conversation& conversation;
    const KeyRing& keys;
    Crypto* crypto{nullptr};  ///< null: nothing is deciphered
    int depth{0};             ///< APDUs inside APDUs

    /// The octets become a buffer of the item, with a walker over it.
    [[nodiscard]] Walker new_buffer(std::string name, Octets octets) const;
};

/// The octets could be an APDU, by its tag.
[[nodiscard]] bool is_apdu_tag(std::uint8_t tag);
/// "get-request"; nothing for octets that are no tag.
[[nodiscard]] std::optional<std::string_view> apdu_name(std::uint8_t tag);

/// All that is left of `in` is one APDU: adds its node. Octets that cannot be explained get a node that says why.
void explain_apdu(Context& context, Walker& in, Node& parent);

// The parts of it, by chapter. Each fills the node of an APDU whose tag has been read.
void explain_get_request(Context& context, Walker& in, Node& node);
void explain_get_response(Context& context, Walker& in, Node& node);
void explain_set_request(Context& context, Walker& in, Node& node);
void explain_set_response(Context& context, Walker& in, Node& node);
void explain_action_request(Context& context, Walker& in, Node& node);
void explain_action_response(Context& context, Walker& in, Node& node);
void explain_access_request(Context& context, Walker& in, Node& node);
void explain_access_response(Context& context, Walker& in, Node& node);
void explain_event_notification(Context& context, Walker& in, Node& node);
void explain_data_notification(Context& context, Walker& in, Node& node);
void explain_data_notification_confirm(Context& context, Walker& in, Node& node);
void explain_exception(Context& context, Walker& in, Node& node);
void explain_confirmed_service_error(Context& context, Walker& in, Node& node);
void explain_initiate_request(Context& context, Walker& in, Node& node);
void explain_initiate_response(Context& context, Walker& in, Node& node);
void explain_read_request(Context& context, Walker& in, Node& node);
void explain_read_response(Context& context, Walker& in, Node& node);
void explain_write_request(Context& context, Walker& in, Node& node);
void explain_write_response(Context& context, Walker& in, Node& node);
void explain_information_report(Context& context, Walker& in, Node& node);
void explain_general_block_transfer(Context& context, Walker& in, Node& node);
void explain_gateway(Context& context, Walker& in, Node& node);
void explain_service_ciphered(Context& context, Walker& in, Node& node);
void explain_general_ciphered(Context& context, Walker& in, Node& node);
void explain_general_ciphering(Context& context, Walker& in, Node& node);
void explain_general_signing(Context& context, Walker& in, Node& node);
void explain_aarq(Context& context, Walker& in, Node& node);
void explain_aare(Context& context, Walker& in, Node& node);
void explain_rlrq(Context& context, Walker& in, Node& node);
void explain_rlre(Context& context, Walker& in, Node& node);

/// What stands behind an LLC header: an APDU, or octets that are none, which a valid frame may carry all the same.
void explain_payload(Context& context, Walker& in, Node& parent);
/// Takes over a block of the service `kind`; the first has number `first`. When it was the last one the joined octets
/// are given out. A block out of order is told in `node`.
[[nodiscard]] std::optional<Octets> join_block(Context& context, Node& node, std::string_view kind,
                                               std::uint32_t number, bool last, ByteView octets);
/// The octets come from joined blocks or a single one: one element of `Data`, or a list of `Data` or of results.
void explain_joined_data(Context& context, Node& node, Octets octets, bool results);

/// One of the object identifiers 2.16.756.5.8.x.y without anything around it.
[[nodiscard]] Node explain_object_identifier(ByteView octets);

/// A date-time as OCTET STRING of a service: empty, or 12 octets.
void explain_service_time(Walker& in, Node& node);
/// Long-Invoke-Id-And-Priority.
void explain_long_invoke_id(Walker& in, Node& node);
/// A data-access-result of one octet.
void explain_result(Walker& in, Node& node);

}  // namespace ferraris::decode
