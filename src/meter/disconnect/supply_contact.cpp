#include "meter/disconnect/supply_contact.hpp"

#include <algorithm>

namespace ferraris::meter {
namespace {

constexpr std::uint32_t kFailed = condition_bit(Event::disconnector_failed);
/// The second in which it switched, one for a sense that is late, and one more.
constexpr std::uint8_t kFailureDelay = 3;
constexpr std::uint8_t kRetryDelay = 60;
/// Twice what starts a meter of class B for 80 A: not to be taken for noise.
constexpr std::uint32_t kLeakingMicroamperes = 50'000;
constexpr std::uint32_t kMostCountedSeconds = UINT32_MAX / 100;

}  // namespace

bool SupplyContact::drive(bool closed) {
    closed_ = closed;
    retry_s_ = 0;
    answered_ = relay_ == nullptr || relay_->drive(closed);
    return answered_;
}

bool SupplyContact::is_wrong(const metrology::Measurement& measurement) const {
    if (!answered_ || sensed().value_or(closed_) != closed_) return true;
    return !closed_ && measurement.current_microamperes > kLeakingMicroamperes;
}

void SupplyContact::tick(const metrology::Measurement& measurement, std::uint32_t conditions, Occurrences& due) {
    if (relay_ == nullptr) return;
    const bool held = (conditions & kFailed) != 0;
    if (held) {
        failed_s_ = std::min(failed_s_ + 1, kMostCountedSeconds);
        if (++retry_s_ >= kRetryDelay) (void)drive(closed_);
    }
    if (is_wrong(measurement) == held) {
        pending_s_ = 0;
        return;
    }
    if (++pending_s_ < kFailureDelay) return;
    pending_s_ = 0;
    const std::int32_t wanted = closed_ ? 1 : 0;
    if (held) {
        (void)due.push_back({Event::disconnector_well, wanted, failed_s_ * 100, 0});
    } else {
        (void)due.push_back({Event::disconnector_failed, wanted, 0, 0});
    }
    failed_s_ = 0;
}

}  // namespace ferraris::meter
