/// A row of a profile as it lies in flash.
///
///     stamp(4) status(1) presence(a bit for each column, the first highest) values, each as long as its column says
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

/// What the reference instrument can record in one profile.
inline constexpr std::size_t kMaxProfileColumns = 95;
inline constexpr std::size_t kStampAndStatusOctets = 5;

[[nodiscard]] constexpr std::size_t presence_octets(std::size_t columns) { return (columns + 7) / 8; }

struct ProfileRow {
    std::uint32_t stamp{0};  ///< seconds since 1970; of a periodic profile the end of the interval
    std::uint8_t status{0};
    /// Presence and values; how many of these octets count follows from the columns.
    std::array<std::uint8_t, RecordRing::kMaxPayload - kStampAndStatusOctets> octets{};

    [[nodiscard]] bool has(std::size_t column) const { return (octets[column / 8] & mask(column)) != 0; }
    void set_present(std::size_t column) {
        octets[column / 8] = static_cast<std::uint8_t>(octets[column / 8] | mask(column));
    }

private:
    [[nodiscard]] static constexpr unsigned mask(std::size_t column) { return 0x80U >> (column % 8); }
};

}  // namespace ferraris::meter
