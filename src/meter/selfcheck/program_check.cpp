#include "meter/selfcheck/program_check.hpp"

#include <algorithm>
#include <array>

#include "base/crc.hpp"

namespace ferraris::meter {

bool ProgramCheck::step() {
    if (program_ == nullptr) return true;
    std::array<std::uint8_t, kStep> octets{};
    const std::uint32_t size = program_->size();
    const ByteSpan piece = ByteSpan(octets).first(std::min(kStep, size - offset_));
    const bool answered = program_->read(offset_, piece);
    sum_ = crc32(piece, sum_);
    offset_ += static_cast<std::uint32_t>(piece.size());
    if (offset_ < size) return answered;
    const bool right = sum_ == program_->expected();
    offset_ = 0;
    sum_ = 0;
    return answered && right;
}

}  // namespace ferraris::meter
