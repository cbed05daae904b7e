#include "dlms/client/recovery.hpp"

#include <algorithm>

#include "dlms/data.hpp"

namespace ferraris::dlms {
namespace {

constexpr std::uint32_t kFirstPauseMs = 10;
constexpr std::uint32_t kLongestPauseMs = 160;
constexpr std::uint32_t kLastCounter = 0xFFFFFFFF;
constexpr std::uint16_t kData = 1;

/// Refusals behind which a counter may be that is too low: some meters say no more than that something was wrong.
bool may_come_from_a_counter(const ClientFailure& failure) {
    return failure.error == ClientError::refused || failure.error == ClientError::rejected ||
           failure.error == ClientError::authentication_failed || failure.error == ClientError::service_error;
}

/// The counter that the meter asks for.
std::optional<std::uint32_t> expected_counter(const ClientFailure& failure) {
    if (failure.error != ClientError::refused || !failure.exception) return std::nullopt;
    const auto expected = failure.exception->expected_invocation_counter;
    return expected && *expected != 0 ? expected : std::nullopt;
}

/// Meters count in whatever width they have.
std::optional<std::uint32_t> counter_in(ByteView value) {
    DataReader in(value);
    const auto element = in.any();
    if (!element || !in.finished()) return std::nullopt;
    switch (element->tag) {
        case DataTag::unsigned_:
        case DataTag::long_unsigned:
        case DataTag::double_long_unsigned:
        case DataTag::long64_unsigned:
        case DataTag::double_long:
        case DataTag::long64:
            break;
        default:
            return std::nullopt;
    }
    // A negative one is out of range as well.
    const std::uint64_t counter = ByteReader(element->content).unsigned_of(element->content.size());
    const bool negative = element->tag == DataTag::double_long && counter > 0x7FFFFFFF;
    if (negative || counter >= kLastCounter) return std::nullopt;
    return static_cast<std::uint32_t>(counter);
}

}  // namespace

RecoveryStep CounterRecovery::go_on_behind(std::uint32_t taken) {
    if (tries_ + 1 >= most_tries_ || taken >= kLastCounter - 1) return RecoveryStep::give_up;
    ++tries_;
    taken_ = std::max(taken, last_sent_);
    return RecoveryStep::try_again;
}

RecoveryStep CounterRecovery::association_failed(const ClientFailure& failure, std::uint32_t last_sent) {
    last_sent_ = last_sent;
    if (!may_come_from_a_counter(failure)) return RecoveryStep::give_up;
    if (const auto expected = expected_counter(failure)) return go_on_behind(*expected - 1);
    return hung_up(last_sent);
}

RecoveryStep CounterRecovery::hung_up(std::uint32_t last_sent) {
    last_sent_ = last_sent;
    return last_sent == 0 || tries_ + 1 >= most_tries_ ? RecoveryStep::give_up : RecoveryStep::read_counter;
}

RecoveryStep CounterRecovery::counter_read(std::optional<std::uint32_t> taken) {
    return taken && *taken > last_sent_ ? go_on_behind(*taken) : RecoveryStep::give_up;
}

RecoveryStep CounterRecovery::request_failed(const ClientFailure& failure, std::uint32_t last_sent) {
    last_sent_ = last_sent;
    const auto expected = expected_counter(failure);
    return expected ? go_on_behind(*expected - 1) : RecoveryStep::give_up;
}

std::uint32_t CounterRecovery::pause_ms(std::uint8_t chance) const {
    if (tries_ <= 1) return 0;
    const std::uint32_t longest = std::min(kFirstPauseMs << std::min(tries_ - 2, 8), kLongestPauseMs);
    return longest / 2 + longest * chance / 512;
}

Progress MeterCounterReader::next(const Progress& finished) {
    // The public client may well be refused.
    if (!session_.association().open) return {};
    if (asked_ != 0 && finished.step == Step::done && finished.access_result == DataAccessResult::success)
        counter_ = counter_in(value_.octets());
    if (counter_ || asked_ == names_.size()) return {};
    value_ = SpanSink(memory_);
    return session_.get({{kData, names_[asked_++], 2}, std::nullopt}, value_);
}

}  // namespace ferraris::dlms
