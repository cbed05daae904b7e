/// APDUs to the meter and back over whatever link it has, and the associations that cases ask for.
#pragma once

#include <optional>

#include "conform/bench.hpp"
#include "conform/station.hpp"
#include "dlms/apdu/acse.hpp"
#include "dlms/apdu/initiate.hpp"
#include "dlms/security/ciphering.hpp"

namespace ferraris::conform {

/// The LLC header of a request in front.
[[nodiscard]] Octets with_llc(const Octets& apdu);

/// What every proposal begins with: version 6, the services of logical names, no limit of the APDU's size.
[[nodiscard]] dlms::InitiateRequest usual_initiate();
[[nodiscard]] Octets encode_initiate(const dlms::InitiateRequest& initiate);
/// An AARQ of the context without ciphering; `request` may have further fields.
[[nodiscard]] Octets encode_aarq(dlms::AssociateRequest request, const dlms::InitiateRequest& initiate);
[[nodiscard]] Octets public_aarq(const Bench& bench);
[[nodiscard]] Octets get_request(const dlms::AttributeDescriptor& attribute);

/// The logical name of the current association, which every meter has.
inline constexpr dlms::AttributeDescriptor kAssociationName{15, dlms::obis(0, 0, 40, 0, 0), 1};

class Dialogue {
public:
    /// Opens the line, and sets up the link where it is HDLC.
    Dialogue(Bench& bench, std::uint16_t client_sap);

    /// The APDU that the meter answers with; nothing when it stays silent.
    [[nodiscard]] std::optional<Octets> exchange(const Octets& apdu);
    /// What comes behind an answer without a further request, as streamed blocks do; wrapper only.
    [[nodiscard]] std::optional<Octets> next();
    /// The AARE that answers `aarq`; the case fails when there is none.
    [[nodiscard]] Octets associate(const Octets& aarq);
    /// Opens the public association; the case fails when it is refused.
    void associate_publicly();
    /// HDLC: DISC. True when UA came.
    [[nodiscard]] bool disconnect();

private:
    [[nodiscard]] std::optional<Octets> exchange_wrapped(const Octets& apdu);
    [[nodiscard]] std::optional<Octets> exchange_frames(const Octets& apdu);

    Bench& bench_;
    std::uint16_t client_sap_;
    std::optional<Station> station_{};
    Octets unread_{};         ///< octets behind the last wrapper PDU
    std::size_t field_{128};  ///< octets of an information field that the meter takes
    unsigned send_number_{0};
    unsigned receive_number_{0};
};

/// How a request of `SecureDialogue` is ciphered. As it stands: as it should be.
struct Ciphering {
    dlms::Envelope envelope{dlms::Envelope::service_specific_global};
    dlms::Protection protection{true, true};
    std::optional<std::uint32_t> counter{};  ///< instead of the next one
    std::optional<Octets> key{};             ///< instead of the encryption key that the envelope names
};

/// The client of symmetric security: HLS with GMAC in the ciphered context.
class SecureDialogue {
public:
    explicit SecureDialogue(Bench& bench) : SecureDialogue(bench, bench.credentials()) {}
    /// With other keys than those declared.
    SecureDialogue(Bench& bench, const Credentials& credentials);

    /// An AARQ. `system_title` takes the place of the client's own where a case wants a wrong one.
    [[nodiscard]] Octets aarq(const dlms::InitiateRequest& initiate, const std::optional<Octets>& system_title = {});
    /// AARQ, AARE and passes 3 and 4; the case fails when one of them is not as it should be.
    void associate(const std::optional<Octets>& dedicated_key = {}, dlms::InitiateRequest initiate = usual_initiate());
    /// What was negotiated.
    [[nodiscard]] dlms::Conformance conformance() const { return conformance_; }

    [[nodiscard]] Octets cipher(const Octets& apdu, const Ciphering& how = {});
    /// Sends a ciphered request. Nothing when the meter stays silent.
    [[nodiscard]] std::optional<Octets> ask(const Octets& apdu, const Ciphering& how = {}) {
        return plain_.exchange(cipher(apdu, how));
    }
    /// The plain text of a ciphered answer, and the counter it had; nothing when it is not one, or not the meter's.
    [[nodiscard]] std::optional<Octets> open(Octets answer);
    [[nodiscard]] std::uint32_t answer_counter() const { return answer_counter_; }
    [[nodiscard]] std::uint32_t last_counter() const { return last_counter_; }
    [[nodiscard]] Dialogue& plain() { return plain_; }
    /// Calls a method, ciphered; nothing when the answer is no action response.
    [[nodiscard]] std::optional<dlms::ActionResult> call(const dlms::MethodDescriptor& method,
                                                         const Octets& parameters);
    /// The value of an attribute, read ciphered; the case is inconclusive when it cannot be read.
    [[nodiscard]] Octets read(const dlms::AttributeDescriptor& attribute);
    /// The same for a value that may come in blocks.
    [[nodiscard]] Octets read_long(const dlms::AttributeDescriptor& attribute);
    /// Reads the name of the association, ciphered both ways; the case fails when that is not possible.
    void expect_readable(const std::string& when, const Ciphering& how = {});

private:
    void authenticate(ByteView server_challenge);

    Bench& bench_;
    Credentials credentials_;
    Dialogue plain_;
    Octets server_title_{};
    Octets dedicated_key_{};
    Octets challenge_{};
    dlms::Conformance conformance_{dlms::Conformance::none};
    std::uint32_t dedicated_counter_{0};
    std::uint32_t last_counter_{0};
    std::uint32_t answer_counter_{0};
};

/// The answer is a GET response with data.
[[nodiscard]] bool gives_data(const Octets& get_response);
/// Nothing was given: silence, an exception, a service error, or a response with an error.
[[nodiscard]] bool refuses(const std::optional<Octets>& answer);

}  // namespace ferraris::conform
