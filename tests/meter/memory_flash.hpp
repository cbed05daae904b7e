/// Flash that forgets nothing and loses power where a test wants it.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "board/flash.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter::testing {

/// How the operation that the power cut meets is left.
enum class Tear { before, inside, after };

class MemoryFlash final : public board::Flash {
public:
    explicit MemoryFlash(std::uint32_t sectors = kFlashSectors, std::uint32_t sector_size = kSectorSize)
        : octets_(std::size_t{sectors} * sector_size, 0xFF), sector_size_(sector_size) {}

    [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(octets_.size()); }
    [[nodiscard]] std::uint32_t sector_size() const override { return sector_size_; }
    [[nodiscard]] bool read(std::uint32_t address, ByteSpan out) const override {
        if (address > octets_.size() || out.size() > octets_.size() - address) return false;
        std::copy_n(octets_.begin() + address, out.size(), out.begin());
        return true;
    }
    [[nodiscard]] bool program(std::uint32_t address, ByteView data) override {
        if (address > octets_.size() || data.size() > octets_.size() - address) return false;
        const std::size_t count = allowed(data.size());
        for (std::size_t i = 0; i < count; ++i) clear_bits(address + i, data[i]);
        // The octet that the cut meets has some of its bits.
        if (torn_now_ && count < data.size()) {
            clear_bits(address + count, static_cast<std::uint8_t>(data[count] | random_()));
        }
        return !torn_now_ && !powerless_;
    }
    [[nodiscard]] bool erase(std::uint32_t sector) override {
        if (sector >= size() / sector_size_) return false;
        const std::size_t count = allowed(sector_size_);
        const auto begin = octets_.begin() + static_cast<std::ptrdiff_t>(sector) * sector_size_;
        // A torn erase leaves any mixture.
        if (torn_now_) {
            for (std::uint32_t i = 0; i < sector_size_; ++i) {
                if (random_() % 2 == 0) begin[i] = static_cast<std::uint8_t>(begin[i] | random_());
            }
        } else if (count != 0) {
            std::fill_n(begin, count, std::uint8_t{0xFF});
        }
        return !torn_now_ && !powerless_;
    }

    /// The operation number `operation` from now (0: the next) meets the cut; none after it has any effect.
    void cut_at(std::uint64_t operation, Tear tear, std::uint32_t seed) {
        cut_at_ = operations_ + operation;
        tear_ = tear;
        random_.seed(seed);
    }
    void restore_power() {
        powerless_ = false;
        cut_at_ = UINT64_MAX;
    }
    [[nodiscard]] bool powerless() const { return powerless_; }
    [[nodiscard]] std::uint64_t operations() const { return operations_; }

private:
    void clear_bits(std::size_t at, std::uint8_t value) {
        octets_[at] = static_cast<std::uint8_t>(octets_[at] & value);
    }
    /// How many octets of an operation of `size` are carried out.
    std::size_t allowed(std::size_t size) {
        torn_now_ = false;
        if (powerless_) return 0;
        if (operations_++ != cut_at_) return size;
        powerless_ = true;
        if (tear_ == Tear::before) return 0;
        if (tear_ == Tear::after) return size;
        torn_now_ = true;
        return random_() % size;
    }

    std::vector<std::uint8_t> octets_;
    std::uint32_t sector_size_;
    std::uint64_t operations_{0};
    std::uint64_t cut_at_{UINT64_MAX};
    Tear tear_{Tear::before};
    bool torn_now_{false};
    bool powerless_{false};
    std::mt19937 random_{1};
};

}  // namespace ferraris::meter::testing
