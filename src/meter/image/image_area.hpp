/// Where an image arrives block by block, in any order: a stretch of flash, and marks that say which blocks are there.
///
///     marks (one sector)                                area (64 sectors of 8 blocks)
///     +-------------------+--------------------+        +----+----+ - - - - - - - - - +----+
///     | a bit for a block | a bit for a sector |        | b0 | b1 |                   | b511
///     +-------------------+--------------------+        +----+----+ - - - - - - - - - +----+
///
/// A bit is programmed to 0 when its block is whole, or its sector erased: nothing is ever erased to note a block, and
/// a cut leaves at worst a block that has to come again. A sector is erased when its first block comes, so that no
/// request has to wait for more than one erase. Each transfer erases the marks once and each sector that it needs once.
#pragma once

#include <array>
#include <cstdint>

#include "board/boot.hpp"
#include "board/flash.hpp"
#include "meter/image/image_header.hpp"

namespace ferraris::meter {

class ImageArea {
public:
    static constexpr std::uint32_t kBlockSize = 512;
    static constexpr std::uint32_t kMaxBlocks = kMaxImageSize / kBlockSize;
    /// Block n: bit n, the first one the most significant of the first octet, as in a bit-string.
    using Marks = std::array<std::uint8_t, kMaxBlocks / 8>;

    enum class Stored : std::uint8_t { yes, another, fault };

    explicit ImageArea(board::Flash& flash) : flash_(flash) {}

    [[nodiscard]] static constexpr std::uint32_t blocks(std::uint32_t image_size) {
        return (image_size + kBlockSize - 1) / kBlockSize;
    }
    /// Octets of block `number` of an image.
    [[nodiscard]] static constexpr std::uint32_t block_size(std::uint32_t number, std::uint32_t image_size) {
        return number + 1 == blocks(image_size) ? image_size - number * kBlockSize : kBlockSize;
    }

    /// Forgets what was transferred. Durable when true.
    [[nodiscard]] bool clear();
    /// `another`: the block is there already, with other octets. Durable when `yes`.
    [[nodiscard]] Stored store(board::Slot slot, std::uint32_t number, ByteView octets);
    /// 1: transferred. All zeros where the flash does not answer.
    [[nodiscard]] Marks marks() const;
    /// `count` when all of the first `count` blocks are there.
    [[nodiscard]] std::uint32_t first_missing(std::uint32_t count) const;
    /// Octets of the image in `slot`, which is no factory program.
    [[nodiscard]] bool read(board::Slot slot, std::uint32_t offset, ByteSpan out) const;

private:
    [[nodiscard]] bool open_sector(board::Slot slot, std::uint32_t sector);
    [[nodiscard]] bool is_marked(std::uint32_t bit) const;
    [[nodiscard]] bool mark(std::uint32_t bit);
    [[nodiscard]] bool holds(std::uint32_t address, ByteView octets) const;

    board::Flash& flash_;
};

}  // namespace ferraris::meter
