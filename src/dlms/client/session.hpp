/// The client of one association: it makes request APDUs and takes response APDUs; what carries them (wrapper, HDLC)
/// is for the caller. No socket, no clock, no heap (IEC 62056-5-3, 6 and 7).
///
///     ClientSession session(configuration, *crypto, counters, send_buffer);
///     Progress progress = session.associate();
///     while (progress.step == Step::send) {
///         transport.send(progress.apdu);
///         progress = session.receive(transport.receive());      // octets that the session may change
///     }
///     if (progress.step != Step::done) return report(progress.failure);
///
///     SpanSink value(memory);
///     progress = session.get({{3, obis(1, 0, 1, 8, 0), 2}, {}}, value);   // and round the same loop
///     if (progress.access_result == DataAccessResult::success) DataReader(value.octets()) …
///
/// One request at a time. Views in a Progress stay valid until the next call. `Step::unsolicited` is a push, or an
/// answer that comes too late: deal with it, or not, and go on receiving. Nothing times out by itself: after a timeout
/// the caller gives up (`abandon`), or sends the same APDU again if its transport allows it.
#pragma once

#include <array>

#include "base/fixed_vector.hpp"
#include "dlms/apdu/access.hpp"
#include "dlms/apdu/acse.hpp"
#include "dlms/apdu/action.hpp"
#include "dlms/apdu/confirmed_service_error.hpp"
#include "dlms/apdu/exception.hpp"
#include "dlms/apdu/get.hpp"
#include "dlms/apdu/initiate.hpp"
#include "dlms/apdu/set.hpp"
#include "dlms/apdu/short_names.hpp"
#include "dlms/block_transfer.hpp"
#include "dlms/client/configuration.hpp"
#include "dlms/security/layers.hpp"

namespace ferraris::dlms {

enum class ClientError : std::uint8_t {
    none,
    busy,            ///< a request is under way
    not_associated,  ///< and the request needs an association
    already_associated,
    invalid_configuration,      ///< a key, title or mechanism is missing or cannot be used
    counters_exhausted,         ///< InvocationCounters gave none
    no_random_octets,           ///< the cryptographic library has none
    request_too_long,           ///< for the send buffer, or for the meter and block transfer was not negotiated
    rejected,                   ///< AARE: `result`, `diagnostic`, perhaps `service_error`
    refused,                    ///< an exception-response: `exception`
    service_error,              ///< a confirmed service error: `service_error`
    malformed_answer,           ///< `apdu_error`
    unexpected_answer,          ///< well formed, but no answer to what was asked
    answer_security,            ///< `security_error`
    answer_unprotected,         ///< the answer has less protection than was asked for
    answer_repeats_counter,     ///< a replay, or a meter that does not count
    answer_from_another_meter,  ///< another system title than that of the association, or none where one is needed
    authentication_failed,      ///< the meter could not prove that it knows the secret, or refused ours
    wrong_block_number,
    block_transfer,  ///< general block transfer: `block_error`
    not_repeatable,  ///< nothing that may be sent again
    sink_full,       ///< the caller's sink took no more
    released_by_peer,
};

/// Why a request failed. Fields beyond `error` are set where that enumerator says so.
struct ClientFailure {
    ClientError error{ClientError::none};
    AssociationResult result{AssociationResult::accepted};
    AssociateDiagnostic diagnostic{};
    std::optional<ExceptionResponse> exception{};
    std::optional<ConfirmedServiceError> service_error{};
    std::optional<SecurityError> security_error{};
    std::optional<ApduError> apdu_error{};
    std::optional<BlockTransferError> block_error{};
};

/// `receive`: nothing to send; more of the answer is on its way.
enum class Step : std::uint8_t { send, receive, done, failed, unsolicited };

/// Where a request stands after a call.
struct Progress {
    Step step{Step::done};
    ByteView apdu{};  ///< send: what to send; unsolicited: what came, deciphered
    /// done, of GET and SET. The value of a GET is in the sink.
    DataAccessResult access_result{DataAccessResult::success};
    /// done, of SET with list: a result for each attribute.
    ListView<DataAccessResult> access_results{};
    /// done, of ACTION. What it returned is in the sink.
    ActionResult action_result{ActionResult::success};
    /// done, of ACTION: why nothing is in the sink although the method should have returned something.
    DataAccessResult returned{DataAccessResult::success};
    /// done, of Write with several variables: a result for each.
    ListView<WriteResult> write_results{};
    /// done, of ACCESS: what was read or returned, and a result for each item.
    AccessResponse access{};
    ClientFailure failure{};  ///< failed
};

struct AccessOptions {
    bool break_on_error{false};    ///< items behind one that failed are not tried; their result is other-reason
    bool self_descriptive{false};  ///< the answer repeats what was asked for
    ByteView date_time{};          ///< of the request; empty or 12 octets
};

/// What was negotiated.
struct ClientAssociation {
    bool open{false};
    Conformance conformance{Conformance::none};
    std::uint16_t server_max_receive_pdu_size{0};  ///< 0 and 0xFFFF: no limit
    std::uint8_t dlms_version{kDlmsVersion};
    FixedVector<std::uint8_t, kSystemTitleSize> server_system_title{};
};

/// The items of what GET with list put into its sink.
[[nodiscard]] Result<ListView<GetDataResult>, ApduError> decode_get_results(ByteView octets);

/// The items of what a Read of several variables put into its sink.
[[nodiscard]] Result<ListView<ReadResult>, ApduError> decode_read_results(ByteView octets);

class ClientSession {
public:
    /// `send_buffer` bounds the APDUs that can be sent: their octets and kMaxCipherHead + kMaxCipherTail; 256 do for
    /// reading, 640 with general-ciphering and signatures. All of them belong to the caller and outlive the session.
    ClientSession(const ClientConfiguration& configuration, Crypto& crypto, InvocationCounters& counters,
                  ByteSpan send_buffer);
    ClientSession(const ClientSession&) = delete;
    ClientSession& operator=(const ClientSession&) = delete;
    ~ClientSession();

    [[nodiscard]] const ClientAssociation& association() const { return association_; }
    /// The last counter that the meter sent with under its global key; keep it, and give it back before the next
    /// association, so that old answers cannot be played back.
    [[nodiscard]] std::optional<std::uint32_t> server_counter() const { return server_counters_.global; }
    void expect_server_counter_above(std::uint32_t counter) { server_counters_.global = counter; }

    /// AARQ, and passes 3 and 4 of HLS.
    [[nodiscard]] Progress associate();
    [[nodiscard]] Progress get(const AttributeRequest& attribute, ResponseSink& sink);
    /// The sink gets the count and the results; `decode_get_results` reads them. Some meters have no multiple
    /// references: see association().conformance.
    [[nodiscard]] Progress get_list(std::span<const AttributeRequest> attributes, ResponseSink& sink);
    /// `value` is one A-XDR element and stays valid until the request is done; in blocks when it is long.
    [[nodiscard]] Progress set(const AttributeRequest& attribute, ByteView value);
    [[nodiscard]] Progress set_list(std::span<const AttributeRequest> attributes, std::span<const EncodedData> values);
    /// `parameters` is one A-XDR element or empty, and stays valid until the request is done.
    [[nodiscard]] Progress action(const MethodDescriptor& method, ByteView parameters, ResponseSink& sink);
    /// Reads, writes and calls in one APDU; needs Conformance::access. `values` has one element for each item:
    /// null-data for GET and for a method without parameters. Carried by a general envelope where there is one.
    [[nodiscard]] Progress access(std::span<const AccessSpecification> items, std::span<const EncodedData> values,
                                  const AccessOptions& options = {});
    /// By short names, in a context with them; GET, SET, ACTION and ACCESS need one with logical names. Of one variable
    /// the sink gets its value and Progress the result, of several it gets the count and the results
    /// (`decode_read_results`).
    [[nodiscard]] Progress read(std::span<const VariableAccess> variables, ResponseSink& sink);
    /// `variables` and `values`, one element each, stay valid until the request is done; in blocks when they are long.
    /// A method that returns nothing is called by writing its parameters.
    [[nodiscard]] Progress write(std::span<const VariableAccess> variables, std::span<const EncodedData> values);
    [[nodiscard]] Progress release();

    /// What came from the meter. Deciphered in place.
    [[nodiscard]] Progress receive(ByteSpan apdu);
    /// What goes out behind the APDU of `Step::send`, without waiting, one a call: general block transfer streams
    /// several. Empty: nothing more. Where it was not negotiated there never is.
    [[nodiscard]] ByteView next();
    /// After a silence in an exchange of general blocks: what to send again. `not_repeatable` where a request went out
    /// as one APDU and nothing has come back; a ciphered one must not be sent twice.
    [[nodiscard]] Progress retry();
    [[nodiscard]] bool repeatable() const { return blocks_.active() && blocks_.begun(); }
    /// Gives up the request under way; the association stays as it is.
    void abandon() {
        operation_ = Operation::none;
        blocks_.reset();
    }
    /// The link below is gone, and the association with it.
    void link_lost();

private:
    enum class Operation : std::uint8_t {
        none,
        associate,
        authenticate,
        get,
        get_list,
        set,
        set_list,
        action,
        access,
        read,
        write,
        release
    };
    struct ServerCounters {
        std::optional<std::uint32_t> global{};
        std::optional<std::uint32_t> dedicated{};
    };

    // session.cpp
    [[nodiscard]] bool ciphered() const {
        return configuration_.context == ApplicationContext::logical_names_ciphered ||
               configuration_.context == ApplicationContext::short_names_ciphered;
    }
    [[nodiscard]] std::optional<ClientError> may_start(bool needs_association) const;
    /// A request that was not taken on; the one under way goes on.
    [[nodiscard]] Progress refuse(ClientError error) const;
    Progress fail(ClientError error);
    Progress fail(const ClientFailure& failure);
    Progress fail_malformed(ApduError error);
    Progress finish(const Progress& done);
    Progress unsolicited(ByteView apdu) const;
    void next_invoke_id();
    [[nodiscard]] bool ours(InvokeIdAndPriority invoke) const;
    [[nodiscard]] GeneralKeys keys() const;
    [[nodiscard]] ProtectionLayers request_layers(std::uint32_t transaction, bool general = false) const;
    /// What protection adds to a request at most.
    [[nodiscard]] std::size_t around_request() const;
    ByteWriter start_request();
    Progress send_request(const ByteWriter& request);
    [[nodiscard]] Result<ByteView, ClientFailure> unprotected(ByteSpan apdu);
    Progress dispatch(ByteView apdu);

    // short_names.cpp
    [[nodiscard]] bool by_short_names() const;
    Progress send_write_block();
    Progress take_read_response(ByteView apdu);
    Progress take_read_block(const DataBlock& block);
    Progress take_write_response(ByteView apdu);
    void put_variables_and_values(ByteWriter& out) const;

    // blocks.cpp
    [[nodiscard]] Conformance proposed_conformance() const;
    [[nodiscard]] bool uses_blocks() const;
    [[nodiscard]] std::size_t block_apdu_size() const;
    Progress send_apdu(ByteView apdu);
    Progress take_block(ByteSpan apdu);
    Progress next_block();

    // association.cpp
    [[nodiscard]] bool configuration_is_usable() const;
    [[nodiscard]] Result<ByteView, ClientError> initiate_request(ByteSpan buffer, bool with_dedicated_key);
    Progress take_associate_response(ByteSpan apdu);
    Progress take_rejection(const AssociateResponse& response, ByteSpan apdu);
    [[nodiscard]] bool take_server_title(const AssociateResponse& response);
    [[nodiscard]] std::optional<ClientFailure> take_initiate_response(ByteSpan user_information);
    Progress authenticate(const AssociateResponse& response);
    [[nodiscard]] HlsInputs hls_inputs_of_client() const;
    Progress take_authentication(ByteView apdu);
    /// What reply_to_HLS_authentication returned.
    Progress take_proof(ByteView returned);
    Progress take_release_response(ByteView apdu);

    // services.cpp
    [[nodiscard]] std::size_t request_limit() const;
    [[nodiscard]] bool in_one_piece(std::size_t size, Conformance blocks) const;
    void put_payload(ByteWriter& out) const;
    Progress send_set_block();
    Progress send_action_block();
    Progress take_get_response(ByteView apdu);
    Progress take_get_block(const DataBlock& block);
    Progress take_set_response(ByteView apdu);
    Progress take_action_response(ByteView apdu);
    Progress take_action_outcome(const ActionOutcome& outcome);
    Progress take_action_block(const DataBlock& block);
    Progress take_access_response(ByteView apdu);

    ClientConfiguration configuration_;
    Crypto& crypto_;
    InvocationCounters& counters_;
    ByteSpan send_buffer_;

    ClientAssociation association_{};
    ServerCounters server_counters_{};
    std::optional<std::uint32_t> counter_before_answer_{};
    std::uint32_t dedicated_counter_{0};
    std::uint32_t transaction_{0};  ///< of the last APDU with a transaction id
    FixedVector<std::uint8_t, 32> dedicated_key_{};
    FixedVector<std::uint8_t, kMaxChallengeSize> client_challenge_{};
    FixedVector<std::uint8_t, kMaxChallengeSize> server_challenge_{};

    Operation operation_{Operation::none};
    std::uint8_t invoke_id_;  ///< of the next request
    InvokeIdAndPriority invoke_{};
    std::uint32_t long_invoke_id_{0};
    std::size_t item_count_{0};
    AttributeRequest attribute_{};
    std::span<const AttributeRequest> attributes_{};
    MethodDescriptor method_{};
    ByteView value_{};
    std::span<const EncodedData> values_{};
    std::span<const VariableAccess> variables_{};
    ResponseSink* sink_{nullptr};
    std::size_t payload_sent_{0};
    std::uint32_t block_number_{0};
    BlockTransfer blocks_{};
    std::size_t sent_end_{0};                         ///< where the request ends in the send buffer
    std::array<std::uint8_t, 16> acknowledgement_{};  ///< a block without data
};

}  // namespace ferraris::dlms
