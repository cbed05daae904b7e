#include "meter/selfcheck/watched_flash.hpp"

#include "base/crc.hpp"

namespace ferraris::meter {

bool WatchedFlash::program(std::uint32_t address, ByteView data) {
    if (!data.empty()) {
        const auto last = static_cast<std::uint32_t>(address + data.size() - 1) / kSectorSize;
        for (std::uint32_t sector = address / kSectorSize; sector <= last; ++sector) written(sector);
    }
    return flash_.program(address, data);
}

bool WatchedFlash::erase(std::uint32_t sector) {
    written(sector);
    return flash_.erase(sector);
}

void WatchedFlash::written(std::uint32_t sector) {
    if (sector >= kSectors) return;
    known_.reset(sector);
    if (sector == offset_ / kSectorSize) disturbed_ = true;
}

bool WatchedFlash::check_step() {
    std::array<std::uint8_t, kStep> octets{};
    if (offset_ % kSectorSize == 0) {
        digest_ = 0;
        disturbed_ = false;
    }
    const std::uint32_t sector = offset_ / kSectorSize;
    const bool answered = flash_.read(offset_, octets);
    digest_ = crc16_x25(octets, digest_);
    offset_ += kStep;
    const bool complete = offset_ % kSectorSize == 0;
    if (offset_ == kSectors * kSectorSize) offset_ = 0;
    if (!complete || disturbed_) return answered;
    const bool same = !known_.test(sector) || digests_[sector] == digest_;
    digests_[sector] = digest_;
    known_.set(sector);
    return answered && same;
}

}  // namespace ferraris::meter
