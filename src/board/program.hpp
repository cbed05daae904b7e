/// The program as it lies in the board's memory, so that the meter can see whether it still is what the factory made.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace ferraris::board {

class Program {
public:
    virtual ~Program() = default;

    /// CRC-32 that all its octets together have when nothing is wrong.
    [[nodiscard]] virtual std::uint32_t expected() const = 0;
    /// The one that the board found over all of them when it started.
    [[nodiscard]] virtual std::uint32_t found() const = 0;
    [[nodiscard]] virtual std::uint32_t size() const = 0;  ///< octets
    /// `out` lies within `size()`. False: the memory does not answer.
    [[nodiscard]] virtual bool read(std::uint32_t offset, ByteSpan out) const = 0;
};

}  // namespace ferraris::board
