#include "metrology/pulse_generator.hpp"

namespace ferraris::metrology {

void PulseGenerator::book(std::uint64_t energy, std::uint32_t duration, std::uint32_t since) {
    // What went out after the end of the window belongs to the next one, whose length is taken to be the same.
    pending_ += static_cast<std::int64_t>(energy);
    const std::uint32_t remaining = since < duration / 2 ? duration - since : duration;
    rate_ = pending_ > 0 ? (static_cast<std::uint64_t>(pending_) << kTimeFractionBits) / remaining : 0;
}

std::uint16_t PulseGenerator::edge() {
    accumulated_ -= energy_per_pulse_;
    lit_samples_ = width_samples_;
    const std::uint64_t after = accumulated_ < rate_ ? accumulated_ : rate_;
    const std::uint64_t fraction = ((rate_ - after) << 16U) / rate_;
    return static_cast<std::uint16_t>(fraction > 0xFFFFU ? 0xFFFFU : fraction);
}

}  // namespace ferraris::metrology
