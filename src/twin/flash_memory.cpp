#include "twin/flash_memory.hpp"

namespace ferraris::twin {

bool FlashMemory::read(std::uint32_t address, ByteSpan out) const {
    if (!in_range(address, out.size())) return false;
    for (std::size_t done = 0; done < out.size();) {
        const auto position = static_cast<std::uint32_t>(address + done);
        const std::uint32_t offset = position % kPageSize;
        const std::size_t count = std::min<std::size_t>(kPageSize - offset, out.size() - done);
        const auto found = pages_.find(position / kPageSize);
        if (found == pages_.end()) {
            std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(done), count, std::uint8_t{0xFF});
        } else {
            std::copy_n(found->second->begin() + offset, count, out.begin() + static_cast<std::ptrdiff_t>(done));
        }
        done += count;
    }
    return true;
}

bool FlashMemory::program(std::uint32_t address, ByteView data) {
    if (!in_range(address, data.size())) return false;
    for (std::size_t i = 0; i < data.size(); ++i) {
        const auto position = static_cast<std::uint32_t>(address + i);
        std::unique_ptr<Page>& page = pages_[position / kPageSize];
        if (!page) {
            page = std::make_unique<Page>();
            page->fill(0xFF);
        }
        std::uint8_t& octet = (*page)[position % kPageSize];
        octet = static_cast<std::uint8_t>(octet & data[i]);
    }
    return true;
}

bool FlashMemory::erase(std::uint32_t sector) {
    if (sector >= sector_count_) return false;
    const std::uint32_t first = sector * sector_size_ / kPageSize;
    for (std::uint32_t i = 0; i < sector_size_ / kPageSize; ++i) pages_.erase(first + i);
    return true;
}

}  // namespace ferraris::twin
