/// Flash in memory, of which only the pages that were programmed take room.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "board/flash.hpp"

namespace ferraris::twin {

class FlashMemory final : public board::Flash {
public:
    FlashMemory(std::uint32_t sector_count, std::uint32_t sector_size)
        : sector_count_(sector_count), sector_size_(sector_size) {}

    [[nodiscard]] std::uint32_t size() const override { return sector_count_ * sector_size_; }
    [[nodiscard]] std::uint32_t sector_size() const override { return sector_size_; }
    [[nodiscard]] bool read(std::uint32_t address, ByteSpan out) const override;
    [[nodiscard]] bool program(std::uint32_t address, ByteView data) override;
    [[nodiscard]] bool erase(std::uint32_t sector) override;

    /// Octets that the pages take.
    [[nodiscard]] std::size_t memory() const { return pages_.size() * kPageSize; }

private:
    static constexpr std::uint32_t kPageSize = 256;
    using Page = std::array<std::uint8_t, kPageSize>;

    [[nodiscard]] bool in_range(std::uint32_t address, std::size_t count) const {
        return count <= size() && address <= size() - count;
    }

    std::uint32_t sector_count_;
    std::uint32_t sector_size_;
    std::unordered_map<std::uint32_t, std::unique_ptr<Page>> pages_;
};

}  // namespace ferraris::twin
