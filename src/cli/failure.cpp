#include "cli/failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ferraris::cli {
namespace {

using dlms::ClientError;

struct Diagnostic {
    std::uint8_t code;
    std::string_view text;
};

constexpr std::uint8_t kContextNotSupported = 2;

// IEC 62056-5-3, acse-service-user.
constexpr Diagnostic kDiagnostics[] = {
    {1, "no reason given; check --client, --auth, keys and suite, and --counter-object"},
    {2, "it does not take this application context; try --protect none, or keys where there are none"},
    {3, "it does not know this client's system title; check system_title in the key file"},
    {11, "it does not know this kind of authentication; try another --auth"},
    {12, "it wants authentication; give --auth and a secret"},
    {13, "authentication failed; check the keys or the password of this client"},
    {14, "it wants authentication; give --auth and a secret"},
};

std::string rejection(const dlms::ClientFailure& failure) {
    if (failure.service_error && failure.service_error->group == dlms::ServiceErrorGroup::initiate) {
        static constexpr std::string_view kInitiate[] = {"other reason", "another DLMS version", "no service in common",
                                                         "the PDU size is too short", "refused by the VDE handler"};
        const std::uint8_t code = failure.service_error->code;
        return fmt::format("the meter refuses the association: {}; check --client and --auth",
                           code < std::size(kInitiate) ? kInitiate[code] : "unknown reason");
    }
    // Rejected for now, not for good: what is wrong passes by itself. Our meter and others say so of a client that is
    // locked out after failed logins, right keys or not.
    if (failure.result == dlms::AssociationResult::rejected_transient) {
        return "the meter refuses the association for now; after too many failed logins it locks this client out for a "
               "while, whatever the keys: wait some minutes, then check the keys or the password if it still refuses";
    }
    const auto* const found = std::ranges::find(kDiagnostics, failure.diagnostic.code, &Diagnostic::code);
    const bool user = failure.diagnostic.source == dlms::AssociateDiagnostic::Source::service_user;
    if (user && found != std::end(kDiagnostics))
        return fmt::format("the meter refuses the association: {}", found->text);
    return fmt::format("the meter refuses the association (diagnostic {}); check --client, --auth and the keys",
                       static_cast<int>(failure.diagnostic.code));
}

std::string refusal(const dlms::ClientFailure& failure) {
    if (!failure.exception) return "the meter refuses the request";
    switch (failure.exception->service) {
        case dlms::ServiceError::operation_not_possible:
            return "the meter refuses: operation not possible; another association may be open, wait or check --client";
        case dlms::ServiceError::service_not_supported:
            return "the meter does not support this service for this client";
        case dlms::ServiceError::pdu_too_long:
            return "the request is too long for the meter; send less at once";
        case dlms::ServiceError::deciphering_error:
            return "the meter cannot decipher the request; check the keys of this client";
        case dlms::ServiceError::invocation_counter_error:
            return "the meter still refuses the invocation counter; too many programs use these keys at once: try "
                   "again, "
                   "or give each a client of its own";
        default:
            return "the meter refuses the request without a reason; check --client and the keys";
    }
}

bool may_want_more_protection(const dlms::ClientFailure& failure) {
    // The AARQ itself is always protected in full, where there are keys and --protect is not none.
    if (failure.error == ClientError::rejected) return failure.diagnostic.code == kContextNotSupported;
    // What it says of itself in full is something else.
    return failure.error == ClientError::refused &&
           (!failure.exception || failure.exception->service == dlms::ServiceError::operation_not_possible ||
            failure.exception->service == dlms::ServiceError::other_reason);
}

std::string repeated_counter(const FailureContext& context) {
    std::string text =
        "the meter's answer has an invocation counter that this meter has passed, and is not trusted: someone replays "
        "old messages, or the meter lost its counter";
    if (!context.counters_file.empty()) {
        text += fmt::format("; if it was replaced or erased, give it new keys, or delete its \"heard\" line from {}",
                            context.counters_file);
    }
    return text;
}

}  // namespace

std::string explain(const dlms::ClientFailure& failure, const FailureContext& context) {
    if (context.asks_for_less_than_all && may_want_more_protection(failure)) {
        return "the meter refuses messages with this protection; its policy may want them authenticated and encrypted: "
               "try --protect both";
    }
    switch (failure.error) {
        case ClientError::rejected:
            return rejection(failure);
        case ClientError::refused:
            return refusal(failure);
        case ClientError::service_error:
            return "the meter answers with a service error; this client may not be allowed to do that";
        case ClientError::authentication_failed:
            return "authentication failed; the keys or the password of this client are not those of the meter";
        case ClientError::answer_security:
            return "the meter's answer cannot be deciphered; check the keys of this client";
        case ClientError::answer_unprotected:
            return "the meter answers with less protection than was asked for; try another --protect";
        case ClientError::answer_repeats_counter:
            return repeated_counter(context);
        case ClientError::answer_from_another_meter:
            return "the answer carries another meter's system title and is not trusted";
        case ClientError::request_too_long:
            return "the request is too long for the meter; send less at once";
        case ClientError::block_transfer:
            return "the meter's blocks do not make up an answer; try again, or without --general-blocks";
        case ClientError::sink_full:
            return "the meter's answer does not end; it is given up";
        case ClientError::released_by_peer:
            return "the meter ended the association; try again";
        case ClientError::counters_exhausted:
            return "the sending counters are used up; the meter and the key file need a new key";
        case ClientError::invalid_configuration:
            return "the keys of this client do not serve for this association; check their number and length";
        case ClientError::no_random_octets:
            return "this machine has no random numbers to offer";
        case ClientError::wrong_block_number:
        case ClientError::malformed_answer:
        case ClientError::unexpected_answer:
            return "the meter's answer is not DLMS/COSEM as expected; is this the right port, and wrapper or HDLC?";
        default:
            return "the association with the meter is gone; try again";
    }
}

}  // namespace ferraris::cli
