/// The flash of the meter, read again and again: what nobody wrote must not change (OIML R 46, checking facilities).
///
/// Each sector has a digest from the last time that it was read through. When it is another the next time, and nobody
/// wrote to the sector between, the flash has lost something. So a fault is found in every store alike, also where a
/// torn record lies, within two passes.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>

#include "board/flash.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter {

class WatchedFlash final : public board::Flash {
public:
    /// Behind these lies what the boot loader writes by itself.
    static constexpr std::uint32_t kSectors = kBootRegion.first_sector;
    /// Octets of one step.
    static constexpr std::uint32_t kStep = 1024;

    explicit WatchedFlash(board::Flash& flash) : flash_(flash) {}

    [[nodiscard]] std::uint32_t size() const override { return flash_.size(); }
    [[nodiscard]] std::uint32_t sector_size() const override { return flash_.sector_size(); }
    [[nodiscard]] bool read(std::uint32_t address, ByteSpan out) const override { return flash_.read(address, out); }
    [[nodiscard]] bool program(std::uint32_t address, ByteView data) override;
    [[nodiscard]] bool erase(std::uint32_t sector) override;

    /// Goes on by `kStep` octets. False: the sector that ends here is not what it was.
    [[nodiscard]] bool check_step();

private:
    void written(std::uint32_t sector);

    board::Flash& flash_;
    std::array<std::uint16_t, kSectors> digests_{};
    std::bitset<kSectors> known_{};  ///< whose digest is that of what should be there
    std::uint32_t offset_{0};        ///< where the next step begins
    std::uint16_t digest_{0};        ///< of the sector so far
    bool disturbed_{false};          ///< it was written to meanwhile
};

}  // namespace ferraris::meter
