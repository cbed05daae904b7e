/// A half-duplex line with many stations on it, as RS485 is: each hears all others, and two that speak at once hear and
/// are heard as noise. No clock, no input or output of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.hpp"

namespace ferraris::twin {

class SharedMedium {
public:
    using Station = std::size_t;

    /// Without times, octets arrive as they are sent, and nobody ever meets another.
    explicit SharedMedium(bool timeless) : timeless_(timeless) {}

    [[nodiscard]] Station join(std::uint32_t baud);
    void leave(Station station);
    /// What a station's receiver and transmitter are set to; stations of different speeds are noise to each other.
    void set_baud(Station station, std::uint32_t baud);

    /// Sends `octets` from `now_ms` on, behind what the station is sending.
    void transmit(Station station, ByteView octets, std::int64_t now_ms);
    /// Carries everything to where it is at `now_ms`.
    void advance(std::int64_t now_ms);
    /// What `station` has heard since it asked last.
    [[nodiscard]] std::vector<std::uint8_t> take(Station station);
    /// When the next octet is over; nothing: the line is quiet.
    [[nodiscard]] std::optional<std::int64_t> next_ms() const;

    /// Octets that met another's, since construction.
    [[nodiscard]] std::uint64_t collisions() const { return collisions_; }

private:
    struct End {
        std::uint32_t baud{9600};
        std::deque<std::uint8_t> sending{};
        std::int64_t begun_us{0};  ///< of the first octet that waits
        std::int64_t ended_us{0};  ///< of the last octet that is over
        std::vector<std::uint8_t> heard{};

        [[nodiscard]] std::int64_t over_us() const;
    };

    void deliver(Station from, std::uint8_t octet, bool met);
    [[nodiscard]] bool meets_another(Station station, std::int64_t from_us, std::int64_t to_us) const;

    bool timeless_;
    std::map<Station, End> ends_{};
    Station next_{0};
    std::uint64_t collisions_{0};
};

}  // namespace ferraris::twin
