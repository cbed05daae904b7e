/// ACCESS: Access-Request and Access-Response, a list of reads, writes and method calls in one APDU
/// (IEC 62056-5-3, 6.9 and annex A; tags D9 and DA). ACCESS has no ciphered tags: only general envelopes carry it.
#pragma once

#include "dlms/apdu/apdu.hpp"
#include "dlms/apdu/data_notification.hpp"

namespace ferraris::dlms {

/// Access-Request-Specification. The two selections are access-selectors of GET and SET.
enum class AccessChoice : std::uint8_t {
    get = 1,
    set = 2,
    action = 3,
    get_with_selection = 4,
    set_with_selection = 5,
};

[[nodiscard]] constexpr bool has_selection(AccessChoice choice) {
    return choice == AccessChoice::get_with_selection || choice == AccessChoice::set_with_selection;
}
[[nodiscard]] constexpr bool is_set(AccessChoice choice) {
    return choice == AccessChoice::set || choice == AccessChoice::set_with_selection;
}

struct AccessSpecification {
    AccessChoice choice{AccessChoice::get};
    std::uint16_t class_id{0};
    LogicalName instance{};
    std::int8_t index{0};   ///< attribute or method
    Selection selection{};  ///< the two with selection

    [[nodiscard]] constexpr AttributeDescriptor attribute() const { return {class_id, instance, index}; }
    [[nodiscard]] constexpr MethodDescriptor method() const { return {class_id, instance, index}; }
    [[nodiscard]] static constexpr AccessSpecification get(const AttributeDescriptor& attribute) {
        return {AccessChoice::get, attribute.class_id, attribute.instance, attribute.attribute, {}};
    }
    [[nodiscard]] static constexpr AccessSpecification get(const AttributeDescriptor& attribute, Selection selection) {
        return {AccessChoice::get_with_selection, attribute.class_id, attribute.instance, attribute.attribute,
                selection};
    }
    [[nodiscard]] static constexpr AccessSpecification set(const AttributeDescriptor& attribute) {
        return {AccessChoice::set, attribute.class_id, attribute.instance, attribute.attribute, {}};
    }
    [[nodiscard]] static constexpr AccessSpecification set(const AttributeDescriptor& attribute, Selection selection) {
        return {AccessChoice::set_with_selection, attribute.class_id, attribute.instance, attribute.attribute,
                selection};
    }
    [[nodiscard]] static constexpr AccessSpecification action(const MethodDescriptor& method) {
        return {AccessChoice::action, method.class_id, method.instance, method.method, {}};
    }
};

/// Access-Response-Specification: `result` is a data-access-result, or an action-result for `action`.
struct AccessResult {
    AccessChoice choice{AccessChoice::get};  ///< get, set or action
    std::uint8_t result{0};

    [[nodiscard]] constexpr bool success() const { return result == 0; }
    [[nodiscard]] constexpr DataAccessResult access_result() const { return static_cast<DataAccessResult>(result); }
    [[nodiscard]] constexpr ActionResult action_result() const { return static_cast<ActionResult>(result); }
};

struct AccessRequest {
    LongInvokeIdAndPriority invoke{};
    ByteView date_time{};                            ///< empty or 12 octets
    ListView<AccessSpecification> specifications{};  ///< what to do, in this order
    ListView<EncodedData> data{};                    ///< one for each: null-data for GET, the value, the parameters
};

struct AccessResponse {
    LongInvokeIdAndPriority invoke{};
    ByteView date_time{};
    std::optional<ListView<AccessSpecification>> specifications{};  ///< of the request, in a self-descriptive answer
    ListView<EncodedData> data{};      ///< one for each: what was read or returned, else null-data
    ListView<AccessResult> results{};  ///< one for each
};

void take(ApduReader& in, AccessSpecification& item);
void take(ApduReader& in, AccessResult& item);
void put(ByteWriter& out, const AccessSpecification& item);
void put(ByteWriter& out, const AccessResult& item);

/// Lists of different lengths are malformed.
[[nodiscard]] Result<AccessRequest, ApduError> decode_access_request(ByteView apdu);
[[nodiscard]] Result<AccessResponse, ApduError> decode_access_response(ByteView apdu);
void encode(ByteWriter& out, const AccessRequest& request);
void encode(ByteWriter& out, const AccessResponse& response);
/// A request from items in memory; `values` has one for each specification.
void encode_access_request(ByteWriter& out, LongInvokeIdAndPriority invoke, ByteView date_time,
                           std::span<const AccessSpecification> specifications, std::span<const EncodedData> values);

}  // namespace ferraris::dlms
