#include "cli/failure.hpp"

#include <gtest/gtest.h>

namespace ferraris::cli {
namespace {

using dlms::ClientError;
using dlms::ClientFailure;

ClientFailure refused(dlms::ServiceError service) {
    ClientFailure failure;
    failure.error = ClientError::refused;
    failure.exception = dlms::ExceptionResponse{dlms::StateError::service_not_allowed, service, std::nullopt};
    return failure;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Failure, BlamesTheKeysOnlyWhereTheyMayBeWrong) {
    EXPECT_TRUE(contains(explain(refused(dlms::ServiceError::deciphering_error)), "check the keys"));
    const std::string counter = explain(refused(dlms::ServiceError::invocation_counter_error));
    EXPECT_TRUE(contains(counter, "too many programs use these keys at once")) << counter;
    EXPECT_FALSE(contains(counter, "check the keys"));
}

TEST(Failure, TellsOfProtectionWhereLessWasAskedFor) {
    FailureContext less;
    less.asks_for_less_than_all = true;
    EXPECT_TRUE(contains(explain(refused(dlms::ServiceError::operation_not_possible), less), "--protect both"));
    EXPECT_FALSE(contains(explain(refused(dlms::ServiceError::operation_not_possible)), "--protect both"));
    EXPECT_FALSE(contains(explain(refused(dlms::ServiceError::pdu_too_long), less), "--protect both"));
}

TEST(Failure, SaysWhereAMeterThatLostItsCounterIsKept) {
    ClientFailure failure;
    failure.error = ClientError::answer_repeats_counter;
    FailureContext context;
    EXPECT_TRUE(contains(explain(failure, context), "replays old messages, or the meter lost its counter"));
    EXPECT_FALSE(contains(explain(failure, context), "delete"));
    context.counters_file = "keys.toml.counters";
    EXPECT_TRUE(contains(explain(failure, context), "delete its \"heard\" line from keys.toml.counters"));
}

TEST(Failure, TellsALockOutFromWrongKeys) {
    ClientFailure failure;
    failure.error = ClientError::rejected;
    failure.diagnostic = dlms::AssociateDiagnostic::of(dlms::AcseUserDiagnostic::authentication_failure);
    failure.result = dlms::AssociationResult::rejected_permanent;
    EXPECT_TRUE(contains(explain(failure), "check the keys or the password"));
    EXPECT_FALSE(contains(explain(failure), "locks"));
    failure.result = dlms::AssociationResult::rejected_transient;
    EXPECT_TRUE(contains(explain(failure), "locks this client out")) << explain(failure);
    EXPECT_TRUE(contains(explain(failure), "wait"));
}

}  // namespace
}  // namespace ferraris::cli
