/// What a client session must know of a meter, and what it needs of the program around it.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "dlms/enumerations.hpp"
#include "dlms/logical_name.hpp"
#include "dlms/security/general.hpp"
#include "dlms/security/hls.hpp"

namespace ferraris::dlms {

/// All that a client of logical names can make use of.
inline constexpr Conformance kClientConformance =
    Conformance::attribute0_with_get | Conformance::priority_management | Conformance::block_transfer_with_get |
    Conformance::block_transfer_with_set | Conformance::block_transfer_with_action | Conformance::multiple_references |
    Conformance::get | Conformance::set | Conformance::selective_access | Conformance::event_notification |
    Conformance::action | Conformance::access;

/// All that a client of short names can make use of.
inline constexpr Conformance kShortNameClientConformance =
    Conformance::read | Conformance::write | Conformance::multiple_references | Conformance::information_report |
    Conformance::parameterized_access | Conformance::block_transfer_with_get | Conformance::block_transfer_with_set;

/// How a meter departs from the standard. A default one does not.
struct ClientQuirks {
    /// Where reply_to_HLS_authentication goes; a few meters want another instance than the current association.
    LogicalName association{obis(0, 0, 40, 0, 0)};
    bool answers_repeat_counters{false};   ///< counters of answers are not looked at
    bool answers_wrong_invoke_id{false};   ///< the invoke id of answers is not looked at
    bool release_without_initiate{false};  ///< RLRQ without the ciphered InitiateRequest
};

/// The views belong to the caller and stay valid as long as the session.
struct ClientConfiguration {
    ApplicationContext context{ApplicationContext::logical_names};
    AuthenticationMechanism mechanism{AuthenticationMechanism::none};
    ByteView secret{};                   ///< password, or secret of HLS 3, 4, 6
    std::optional<std::uint8_t> user{};  ///< client user id (calling AE invocation id)
    Conformance conformance{kClientConformance};
    std::uint16_t max_receive_pdu_size{0xFFFF};  ///< what the caller can take; 0 and 0xFFFF: no limit

    // With a ciphered context, or HLS with GMAC.
    std::uint8_t suite{0};
    ByteView system_title{};        ///< own; 8 octets
    ByteView encryption_key{};      ///< global unicast
    ByteView authentication_key{};  ///< may be empty where nothing is authenticated
    /// Taken when the meter does not name itself in its answer.
    ByteView server_system_title{};
    Protection request_protection{true, true};   ///< of services; none: plain services in a ciphered context
    Protection answer_protection{true, true};    ///< the least that answers must have; refusals may come in the clear
    Protection initiate_protection{true, true};  ///< of the InitiateRequest in AARQ and RLRQ
    bool use_dedicated_key{false};               ///< made at random, sent in the ciphered InitiateRequest
    bool use_general_envelopes{false};           ///< general-glo and general-ded instead of service-specific ones
    /// Requests go in general-ciphering, with a key that the meter finds like this.
    std::optional<KeyChoice> general_ciphering{};
    ByteView master_key{};  ///< for wrapped keys

    /// Where answers in general blocks are put together; the longest of them is bounded by it. Not empty: general
    /// block transfer is proposed, whatever `conformance` says.
    ByteSpan block_memory{};
    std::uint8_t block_window{32};  ///< how many blocks the meter may send in one go: 1 to 63
    /// Short requests travel in a block too, so that all of the exchange may be repeated on a line that loses it.
    bool blocks_always{false};

    // With suite 1 or 2. `request_protection.digitally_signed` signs requests, which are then ciphered.
    ByteView signing_private_key{};    ///< own: HLS with ECDSA, signatures
    ByteView agreement_private_key{};  ///< own: agreed keys
    ByteView server_signing_key{};  ///< the meter's public keys, x || y, out of certificates that the caller verified
    ByteView server_agreement_key{};

    std::size_t challenge_size{16};    ///< of HLS; 8 to 64; at least 32 with ECDSA
    bool allow_legacy_digests{false};  ///< HLS with MD5 or SHA-1, which are broken
    std::uint8_t invoke_id{1};         ///< of the first request
    bool invoke_id_rotates{true};      ///< 1 to 15 in turn, so that a late answer is known for one
    ClientQuirks quirks{};
};

/// Hands out the counters of the own global key, and remembers those of the meters.
class InvocationCounters {
public:
    virtual ~InvocationCounters() = default;
    /// The next counter to send with, never given twice: it is made durable before it is returned. Nothing when they
    /// are used up or cannot be kept.
    [[nodiscard]] virtual std::optional<std::uint32_t> reserve() = 0;
    /// The last counter that the meter with that system title sent with, in associations before; nothing when it is not
    /// known. Asked once in an association, as soon as the meter has named itself.
    [[nodiscard]] virtual std::optional<std::uint32_t> last_heard(ByteView server_system_title) const {
        static_cast<void>(server_system_title);
        return std::nullopt;
    }
};

/// For clients that cipher nothing.
class NoInvocationCounters final : public InvocationCounters {
public:
    [[nodiscard]] std::optional<std::uint32_t> reserve() override { return std::nullopt; }
};

/// Takes what a meter returns, piece by piece: encoded A-XDR, as long as a load profile.
class ResponseSink {
public:
    virtual ~ResponseSink() = default;
    /// False: no room, which ends the request.
    [[nodiscard]] virtual bool append(ByteView octets) = 0;
};

/// A sink into memory that the caller owns.
class SpanSink final : public ResponseSink {
public:
    explicit SpanSink(ByteSpan memory) : out_(memory) {}
    bool append(ByteView octets) override {
        if (octets.size() > out_.room()) return false;
        out_.put(octets);
        return true;
    }
    [[nodiscard]] ByteView octets() const { return out_.written(); }

private:
    ByteWriter out_;
};

}  // namespace ferraris::dlms
