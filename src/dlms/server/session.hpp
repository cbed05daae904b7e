/// The server's end of one link: associations by ACSE, security, and the services on top. Sans-IO: whole APDUs in,
/// whole APDUs out; HDLC or the wrapper carry them (IEC 62056-5-3, clause 6 and 7).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/crypto.hpp"
#include "dlms/apdu/acse.hpp"
#include "dlms/apdu/initiate.hpp"
#include "dlms/block_transfer.hpp"
#include "dlms/security/layers.hpp"
#include "dlms/server/action_service.hpp"
#include "dlms/server/get_service.hpp"
#include "dlms/server/logical_device.hpp"
#include "dlms/server/set_service.hpp"

namespace ferraris::dlms {

/// Memory that the owner lends to a session. Sessions that never answer at the same time may share it, but for
/// `long_values`, which holds values that arrive or leave in blocks.
struct ServerMemory {
    ByteSpan deciphering;  ///< the longest APDU that may come in; its size is announced to the client
    ByteSpan answer;       ///< the longest APDU that may go out, and kAnswerHeadroom + kMaxCipherTail octets more
    ByteSpan long_values;
    /// Requests that arrive in general blocks, and answers that leave in them: a request and its answer together are
    /// bounded by its size. Of each session alone. Empty: general block transfer is not offered.
    ByteSpan blocks{};
};

/// The same with the octets in it, for one session: `ServerMemoryOf<> memory; ServerSession session(…, memory.lend());`
/// `kMaxApdu` is the longest APDU in either direction, `kMaxLongValue` the longest value that may be written in blocks.
template <std::size_t kMaxApdu = 1024, std::size_t kMaxLongValue = 1024>
class ServerMemoryOf {
public:
    [[nodiscard]] ServerMemory lend() { return {deciphering_, answer_, long_values_}; }

private:
    std::array<std::uint8_t, kMaxApdu> deciphering_{};
    std::array<std::uint8_t, kMaxApdu + kAnswerHeadroom + kMaxCipherTail> answer_{};
    std::array<std::uint8_t, kMaxLongValue> long_values_{};
};

class ServerSession final : private MethodTarget {
public:
    ServerSession(LogicalDevice& device, Crypto& crypto, const ServerMemory& memory, std::uint16_t server_sap = 1);

    /// Answers one APDU of the client. Empty: the standard answers with silence. The view is into `memory.answer` and
    /// valid until the next call.
    [[nodiscard]] ByteView handle(std::uint16_t client_sap, ByteView apdu);
    /// What goes out behind the answer of `handle`, one APDU a call: general block transfer streams several. Empty:
    /// nothing more. Valid until the next call.
    [[nodiscard]] ByteView next();
    /// How many general blocks go out without waiting (1 to 63): 1 for a link that carries one APDU at a time.
    void limit_streaming_to(std::uint8_t blocks) { blocks_.limit_sending_to(blocks); }
    /// What to answer when an APDU came that was longer than the announced size.
    [[nodiscard]] ByteView refuse_too_long();
    /// The link below is gone, and the association with it.
    void link_lost();

    [[nodiscard]] const Association& association() const { return association_; }

private:
    /// Why a request was not carried out, in the words of the exception response.
    struct Refusal {
        StateError state{StateError::service_not_allowed};
        ServiceError service{ServiceError::operation_not_possible};
        std::optional<std::uint32_t> expected_invocation_counter{};
    };

    void associate(std::uint16_t client_sap, ByteView apdu, Answer& answer);
    [[nodiscard]] std::optional<AssociateDiagnostic> judge_context(const AssociateRequest& request,
                                                                   const ClientAccess& access);
    [[nodiscard]] std::optional<AssociateDiagnostic> judge_authentication(const AssociateRequest& request,
                                                                          const ClientAccess& access);
    [[nodiscard]] std::optional<AssociateDiagnostic> judge_user(const AssociateRequest& request,
                                                                const ClientAccess& access);
    void accept(const AssociateRequest& request, const ClientAccess& access, Answer& answer);
    void reject(const AssociateRequest& request, AssociateDiagnostic diagnostic, std::optional<InitiateError> error,
                Answer& answer, AssociationResult result = AssociationResult::rejected_permanent);
    void release(ByteView apdu, Answer& answer);
    void end_association();
    [[nodiscard]] ActionResult complete_authentication(ByteView parameters, ByteWriter& out);

    // block_exchange.cpp
    /// What this session's memory allows.
    [[nodiscard]] Conformance supported() const;
    [[nodiscard]] bool uses_blocks() const;
    [[nodiscard]] bool repeats_first_block(const GeneralBlock& block) const;
    [[nodiscard]] std::size_t apdu_limit() const;
    [[nodiscard]] ByteView exchange_plain(ByteView apdu);
    [[nodiscard]] ByteView exchange_block(ByteView apdu);
    [[nodiscard]] ByteView answer_in_blocks(ByteView request, bool request_in_blocks);
    [[nodiscard]] ByteSpan where_to_decipher(ByteView apdu) const;

    /// `in_blocks`: the request came in general blocks, so that the answer may leave in them.
    void exchange(ByteView apdu, bool in_blocks, Answer& answer);
    void serve(ByteView plain, Protection protection, Answer& answer);
    /// With an event for the log; `refuse` without one is for what has told its own already.
    void refuse(SecurityEvent event, const Refusal& refusal, Answer& answer);
    void refuse(const Refusal& refusal, Answer& answer);

    // protection.cpp
    /// The keys of curves, where they are `wanted`: they are read and certificates verified each time.
    struct CurveKeys {
        bool wanted{false};
        std::optional<PrivateKey> own_signing{};
        std::optional<PrivateKey> own_agreement{};
        std::optional<PublicKey> peer_signing{};
        std::optional<PublicKey> peer_agreement{};
    };
    /// The symmetric keys that an answer goes out under, although the request may change them.
    struct AnswerKeys {
        SymmetricKey unicast{};
        SymmetricKey authentication{};
        SymmetricKey master{};
        explicit AnswerKeys(const Keys& keys);
        AnswerKeys(const AnswerKeys&) = delete;
        AnswerKeys& operator=(const AnswerKeys&) = delete;
        ~AnswerKeys();
    };
    [[nodiscard]] GeneralKeys keys_of(CurveKeys& curve_keys) const;
    [[nodiscard]] static bool needs_curve_keys(std::uint8_t tag);
    /// The plain APDU. `layers` get what was around it, `protection` what that comes to.
    [[nodiscard]] Result<ByteView, Refusal> decipher(ByteView apdu, ProtectionLayers& layers, Protection& protection);
    [[nodiscard]] bool accept_token_counter(std::uint32_t counter);
    [[nodiscard]] bool accept_counter(KeySet key_set, std::uint32_t counter);
    void protect_like(ProtectionLayers& layers);
    [[nodiscard]] bool protect_answer(const ProtectionLayers& layers, Answer& answer);
    [[nodiscard]] std::optional<ByteView> seal_layers(const ProtectionLayers& layers, ByteSpan buffer,
                                                      std::size_t offset, std::size_t length);
    [[nodiscard]] std::optional<std::uint32_t> next_counter(KeySet key_set);

    [[nodiscard]] ActionResult invoke(const Caller& caller, const MethodDescriptor& method, ByteView parameters,
                                      ByteWriter& out) override;

    LogicalDevice& device_;
    Crypto& crypto_;
    ServerMemory memory_;
    Association association_{};
    std::optional<ClientAccess> access_{};
    FixedVector<std::uint8_t, 32> dedicated_key_{};
    std::uint32_t dedicated_received_{0};  ///< counter of the last APDU under the dedicated key
    bool dedicated_seen_{false};
    /// Counters that the present APDU spent: from the least that was expected to its own. A GMAC token inside it was
    /// made before the envelope and has one of them; clients are in the field whose token has the envelope's own.
    /// 64 bits: an empty range has its end below its beginning.
    std::int64_t spent_from_{0};
    std::int64_t spent_to_{-1};
    std::uint32_t dedicated_sent_{0};
    FixedVector<std::uint8_t, kMaxChallenge> client_challenge_{};
    FixedVector<std::uint8_t, 32> server_challenge_{};
    GetService get_{};
    SetService set_{};
    ActionService action_{};
    BlockTransfer blocks_{};
    std::uint32_t first_block_check_{0};  ///< of the request in blocks that was answered last
};

}  // namespace ferraris::dlms
