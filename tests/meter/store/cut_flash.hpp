/// Flash whose operations can be recorded, carried out half-way, and taken back: a month is simulated once, and power
/// is then cut at each of its operations without simulating anything again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "board/flash.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter::testing {

/// A program or an erase, and the ways in which a loss of power can leave it.
struct FlashOperation {
    static constexpr std::size_t kWord = 4;
    /// Nothing, three torn ones, all of it.
    static constexpr std::size_t kWaysOfErase = 5;

    std::uint32_t address{0};
    std::vector<std::uint8_t> data{};  ///< empty: erases the sector at `address`

    /// Way 0 leaves things as they were, the last one has done everything; between them a program is torn in each of
    /// its words, an erase at its half and twice at random.
    [[nodiscard]] std::size_t ways() const {
        return data.empty() ? kWaysOfErase : (data.size() + kWord - 1) / kWord + 2;
    }
};

class CutFlash final : public board::Flash {
public:
    CutFlash() : octets_(kFlashSize, 0xFF) {}

    [[nodiscard]] std::uint32_t size() const override { return kFlashSize; }
    [[nodiscard]] std::uint32_t sector_size() const override { return kSectorSize; }
    [[nodiscard]] bool read(std::uint32_t address, ByteSpan out) const override {
        if (address > octets_.size() || out.size() > octets_.size() - address) return false;
        std::copy_n(octets_.begin() + address, out.size(), out.begin());
        return true;
    }
    [[nodiscard]] bool program(std::uint32_t address, ByteView data) override {
        if (address > octets_.size() || data.size() > octets_.size() - address) return false;
        return carry_out({address, {data.begin(), data.end()}});
    }
    [[nodiscard]] bool erase(std::uint32_t sector) override {
        if (sector >= kFlashSectors) return false;
        return carry_out({sector * kSectorSize, {}});
    }

    /// From now on operations are kept in `trace`.
    void record(std::vector<FlashOperation>* trace) { trace_ = trace; }
    /// Carries out an operation in one of its ways.
    void apply(const FlashOperation& operation, std::size_t way) {
        const std::size_t last = operation.ways() - 1;
        if (way == 0) return;
        if (operation.data.empty()) {
            for (std::uint32_t i = 0; i < kSectorSize; ++i) {
                const std::uint8_t before = octets_[operation.address + i];
                std::uint8_t after = 0xFF;
                if (way == 1 && i >= kSectorSize / 2) after = before;
                if (way > 1 && way < last) {
                    after = random_() % 2 == 0 ? before : static_cast<std::uint8_t>(before | random_());
                }
                set(operation.address + i, after);
            }
            return;
        }
        const std::size_t whole = way == last ? operation.data.size() : (way - 1) * FlashOperation::kWord;
        for (std::size_t i = 0; i < whole; ++i) clear_bits(operation.address + i, operation.data[i]);
        if (way == last) return;
        const std::size_t end = std::min(whole + FlashOperation::kWord, operation.data.size());
        for (std::size_t i = whole; i < end; ++i) {
            clear_bits(operation.address + i, static_cast<std::uint8_t>(operation.data[i] | random_()));
        }
    }
    /// The operation `number` from now (0: the next) meets a loss of power half-way; none after it has any effect.
    void cut_at(std::size_t number, std::size_t way) {
        cut_in_ = number;
        cut_way_ = way;
        cutting_ = true;
    }
    [[nodiscard]] bool powerless() const { return powerless_; }
    void restore_power() { powerless_ = cutting_ = false; }

    /// What happens from now on is taken back by `roll_back`.
    void begin(std::uint32_t seed) {
        random_.seed(seed);
        undo_.clear();
        undoing_ = true;
    }
    void roll_back() {
        for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) octets_[change->address] = change->octet;
        undo_.clear();
        undoing_ = false;
    }

private:
    struct Change {
        std::uint32_t address;
        std::uint8_t octet;
    };

    bool carry_out(const FlashOperation& operation) {
        if (powerless_) return false;
        if (trace_ != nullptr) trace_->push_back(operation);
        if (cutting_ && cut_in_-- == 0) {
            powerless_ = true;
            apply(operation, cut_way_ % operation.ways());
            return false;
        }
        apply(operation, operation.ways() - 1);
        return true;
    }
    void clear_bits(std::size_t at, std::uint8_t value) { set(at, static_cast<std::uint8_t>(octets_[at] & value)); }
    void set(std::size_t at, std::uint8_t value) {
        if (octets_[at] == value) return;
        if (undoing_) undo_.push_back({static_cast<std::uint32_t>(at), octets_[at]});
        octets_[at] = value;
    }

    std::vector<std::uint8_t> octets_;
    std::vector<Change> undo_{};
    std::vector<FlashOperation>* trace_{nullptr};
    std::size_t cut_in_{0};
    std::size_t cut_way_{0};
    bool cutting_{false};
    bool powerless_{false};
    bool undoing_{false};
    std::mt19937 random_{1};
};

}  // namespace ferraris::meter::testing
