/// What a COSEM server needs of the device behind it. The protocol asks, the device answers from its object table and
/// its store; neither knows more of the other than this file.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/fixed_vector.hpp"
#include "crypto/crypto.hpp"
#include "dlms/apdu/apdu.hpp"
#include "dlms/data.hpp"
#include "dlms/enumerations.hpp"
#include "dlms/logical_name.hpp"
#include "dlms/security/protection.hpp"

namespace ferraris::dlms {

/// The secrets of one client. The views stay valid until the device changes them; they are never logged.
struct Keys {
    ByteView global_unicast_encryption;    ///< 16 octets (suites 0, 1) or 32 (suite 2)
    ByteView global_broadcast_encryption;  ///< may be empty: broadcast is then refused
    ByteView authentication;
    ByteView master{};  ///< may be empty: wrapped keys are then refused
};

/// How one client (SAP) may associate: an association object (class 15) and its security setup (class 64) in short.
struct ClientAccess {
    std::uint16_t client_sap{0};
    AuthenticationMechanism mechanism{AuthenticationMechanism::none};
    ByteView secret{};  ///< password or HLS secret; empty where the mechanism needs none (GMAC uses the keys)
    std::uint8_t security_suite{0};
    Protection policy{};         ///< what every request must at least have
    Protection answer_policy{};  ///< what every answer has at least
    bool legacy_digests{false};  ///< HLS with MD5 and SHA-1 is allowed
    Keys keys{};
    Conformance conformance{Conformance::none};  ///< what this client may negotiate
    /// Who may use the association: the client user must be one of these. Empty: nobody is asked (class 15, user_list).
    ByteView user_ids{};
    bool locked{false};  ///< after too many failed logins: refused for now, whatever it brings
};

enum class AssociationStatus : std::uint8_t { non_associated = 0, pending = 1, associated = 2 };

/// The longest challenge that the standard allows (IEC 62056-5-3: 8 to 64 octets).
inline constexpr std::size_t kMaxChallenge = 64;

/// What is known of an association: the attributes of class 15 that describe the present one.
struct Association {
    std::uint16_t client_sap{0};
    std::uint16_t server_sap{0};
    AssociationStatus status{AssociationStatus::non_associated};
    ApplicationContext context{ApplicationContext::logical_names};
    AuthenticationMechanism mechanism{AuthenticationMechanism::none};
    Conformance conformance{Conformance::none};
    std::uint16_t max_receive_pdu_size{0};  ///< what the client takes; 0 and 0xFFFF mean no limit
    std::uint16_t max_send_pdu_size{0};     ///< what the server takes
    std::uint8_t dlms_version{6};
    FixedVector<std::uint8_t, 8> client_system_title{};
    std::optional<std::uint8_t> user_id{};  ///< where the client said it and `ClientAccess::user_ids` has it
};

/// Who asks, and how well protected the request came in.
struct Caller {
    const Association& association;
    Protection protection{};
};

/// How far a long answer has come. A value is produced as a head and elements, numbered from 0, and goes out through
/// windows of any size: `element` is the next one to send and `offset` how many of its octets went out before.
/// `first` and `count` are free for the device to pin what it started with (say the sequence number of the first
/// row), so that rows captured meanwhile do not shift the answer.
struct ReadCursor {
    std::uint32_t element{0};
    std::uint32_t offset{0};
    std::uint32_t first{0};
    std::uint32_t count{0};

    [[nodiscard]] constexpr bool at_start() const { return element == 0 && offset == 0; }
};

struct ReadOutcome {
    DataAccessResult result{DataAccessResult::success};
    bool complete{true};  ///< false: the window is full, ask again with the same cursor

    static constexpr ReadOutcome failed(DataAccessResult why) { return {why, true}; }
};

/// Produces the elements `cursor.element` up to `element_count` - 1 into `out`, as far as they fit, and moves the
/// cursor. `write_element(std::uint32_t index, DataWriter&)` writes element `index` whole, and must write the same each
/// time.
template <class WriteElement>
[[nodiscard]] ReadOutcome write_elements(ReadCursor& cursor, std::uint32_t element_count, ByteWriter& out,
                                         WriteElement&& write_element) {
    while (cursor.element < element_count) {
        ByteWriter window(out.unused(), cursor.offset);
        DataWriter data(window);
        write_element(cursor.element, data);
        out.advance(window.size());
        if (window.overflowed()) {
            cursor.offset += static_cast<std::uint32_t>(window.size());
            return {DataAccessResult::success, false};
        }
        ++cursor.element;
        cursor.offset = 0;
    }
    return {DataAccessResult::success, true};
}

/// For a value of one element, which is nearly every one. `write(DataWriter&)`.
template <class Write>
[[nodiscard]] ReadOutcome write_whole(ReadCursor& cursor, ByteWriter& out, Write&& write) {
    return write_elements(cursor, 1, out, [&write](std::uint32_t, DataWriter& data) { write(data); });
}

/// A private key of either curve; cleared from memory when it goes.
struct PrivateKey {
    FixedVector<std::uint8_t, kMaxPrivateKeySize> octets{};

    PrivateKey() = default;
    PrivateKey(const PrivateKey&) = default;
    PrivateKey& operator=(const PrivateKey&) = default;
    ~PrivateKey() { wipe(octets.view()); }
};
/// A public key of either curve, x || y.
using PublicKey = FixedVector<std::uint8_t, kMaxPublicKeySize>;

/// Things a device logs as events (IEC 62056-6-2 leaves the list to the device).
enum class SecurityEvent : std::uint8_t {
    association_established,
    association_released,
    authentication_failed,  ///< a secret was tried, and was wrong
    deciphering_failed,
    replay_refused,
    request_malformed,
    protection_insufficient,
    locked_out,
    not_associated,                ///< a request without an association, or before the client has proved who it is
    proposal_refused,              ///< an application context, title, conformance or size that cannot be had
    service_unknown,               ///< no request of a service that there is
    service_not_negotiated,        ///< a service that the association does not have
    block_out_of_sequence,         ///< a block of a transfer that is not under way, or another one than is due
    too_long,                      ///< a request, or its answer, is longer than can be held or taken
    answer_unprotectable,          ///< the answer could not be ciphered or signed: no counter or no key is left
    mechanism_refused,             ///< a mechanism that this client does not have, or none; no secret was looked at
    local_login_tried,             ///< somebody gave a password at a local port; client 0: a wrong one
    released_without_association,  ///< RLRQ that ends nothing; it is granted
};
inline constexpr std::size_t kSecurityEventCount = 18;

/// A logical device: what stands behind one server SAP.
class LogicalDevice {
public:
    virtual ~LogicalDevice() = default;

    /// Exactly 8 octets (IEC 62056-5-3, 4.3.4): three letters of the manufacturer, then what makes it unique.
    [[nodiscard]] virtual ByteView system_title() const = 0;
    /// How a gateway header names the physical device; may be empty.
    [[nodiscard]] virtual ByteView physical_device_address() const { return {}; }
    /// Nothing: no such client may associate.
    [[nodiscard]] virtual std::optional<ClientAccess> client(std::uint16_t client_sap) const = 0;

    /// A counter came in under a valid tag: true, and remembered before anything is carried out, when it is greater
    /// than every one before it for this client and global key. (Dedicated keys are counted by the server itself.)
    [[nodiscard]] virtual bool accept_invocation_counter(std::uint16_t client_sap, KeySet key,
                                                         std::uint32_t counter) = 0;
    /// The least counter that would be accepted, for the exception-response.
    [[nodiscard]] virtual std::uint32_t expected_invocation_counter(std::uint16_t client_sap, KeySet key) const = 0;
    /// The next counter to send with, never given twice, not even over a loss of power. Nothing when they are used up.
    [[nodiscard]] virtual std::optional<std::uint32_t> next_invocation_counter(std::uint16_t client_sap,
                                                                               KeySet key) = 0;

    /// The own private key for `use`; nothing: there is none, as in suite 0.
    [[nodiscard]] virtual std::optional<PrivateKey> private_key(std::uint16_t client_sap, KeyUse use) const {
        (void)client_sap;
        (void)use;
        return std::nullopt;
    }
    /// The key that a valid certificate gives to `system_title` for `use`, and for nothing else.
    [[nodiscard]] virtual std::optional<PublicKey> public_key(std::uint16_t client_sap, ByteView system_title,
                                                              KeyUse use) const {
        (void)client_sap;
        (void)system_title;
        (void)use;
        return std::nullopt;
    }

    /// Writes the attribute's value as one A-XDR element into `out`, from `cursor` on. `selection` is null without
    /// selective access.
    [[nodiscard]] virtual ReadOutcome read(const Caller& caller, const AttributeDescriptor& attribute,
                                           const Selection* selection, ReadCursor& cursor, ByteWriter& out) = 0;
    /// `value` is one well-formed A-XDR element. What is written is durable when this returns success.
    [[nodiscard]] virtual DataAccessResult write(const Caller& caller, const AttributeDescriptor& attribute,
                                                 const Selection* selection, ByteView value) = 0;
    /// `parameters` is one well-formed element or empty. What is written to `out` is returned with the result.
    [[nodiscard]] virtual ActionResult invoke(const Caller& caller, const MethodDescriptor& method, ByteView parameters,
                                              ByteWriter& out) = 0;

    virtual void security_event(std::uint16_t client_sap, SecurityEvent event) = 0;
};

}  // namespace ferraris::dlms
