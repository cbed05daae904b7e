/// What a board's flash can do, no more: the store above it lives with torn writes and torn erases.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace ferraris::board {

/// NOR flash: an erased octet is 0xFF; programming only clears bits. A loss of power may tear a program or an erase
/// anywhere; what it leaves is undefined for the octets concerned and untouched elsewhere.
class Flash {
public:
    virtual ~Flash() = default;

    [[nodiscard]] virtual std::uint32_t size() const = 0;         ///< octets, a multiple of the sector size
    [[nodiscard]] virtual std::uint32_t sector_size() const = 0;  ///< octets that one erase clears, say 4096

    /// False: out of range or a hardware fault.
    [[nodiscard]] virtual bool read(std::uint32_t address, ByteSpan out) const = 0;
    /// Durable when it returns true. May cross page bounds; must stay within the flash.
    [[nodiscard]] virtual bool program(std::uint32_t address, ByteView data) = 0;
    [[nodiscard]] virtual bool erase(std::uint32_t sector) = 0;
};

}  // namespace ferraris::board
