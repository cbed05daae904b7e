/// Flash that counts what is done to it, by sector: what wears a real one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "board/flash.hpp"

namespace ferraris::twin {

class CountedFlash final : public board::Flash {
public:
    struct SectorCounts {
        std::uint64_t programs{0};
        std::uint64_t octets{0};
        std::uint64_t erases{0};
    };

    /// `flash` outlives it.
    explicit CountedFlash(board::Flash& flash) : flash_(flash), sectors_(flash.size() / flash.sector_size()) {}

    [[nodiscard]] std::uint32_t size() const override { return flash_.size(); }
    [[nodiscard]] std::uint32_t sector_size() const override { return flash_.sector_size(); }
    [[nodiscard]] bool read(std::uint32_t address, ByteSpan out) const override { return flash_.read(address, out); }
    [[nodiscard]] bool program(std::uint32_t address, ByteView data) override {
        if (!flash_.program(address, data)) return false;
        SectorCounts& sector = sectors_[address / sector_size()];
        ++sector.programs;
        sector.octets += data.size();
        return true;
    }
    [[nodiscard]] bool erase(std::uint32_t sector) override {
        if (!flash_.erase(sector)) return false;
        ++sectors_[sector].erases;
        return true;
    }

    [[nodiscard]] const std::vector<SectorCounts>& sectors() const { return sectors_; }
    /// Begins to count anew, where the first start with all its writing is over.
    void forget() { std::fill(sectors_.begin(), sectors_.end(), SectorCounts{}); }

private:
    board::Flash& flash_;
    std::vector<SectorCounts> sectors_;
};

}  // namespace ferraris::twin
