/// The least and the greatest voltage of the local day, with the second of each (objects 1-0:32.3.0 and 1-0:32.6.0).
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace ferraris::meter {

struct VoltageExtreme {
    std::uint32_t millivolts{0};
    std::uint32_t stamp{0};  ///< seconds since 1970; 0: none yet
    std::uint8_t status{0};  ///< of clock and meter then, as profile rows have it
    friend constexpr bool operator==(const VoltageExtreme&, const VoltageExtreme&) = default;
};

struct VoltageExtremes {
    static constexpr std::size_t kOctets = 18;

    VoltageExtreme least{};
    VoltageExtreme greatest{};
    friend constexpr bool operator==(const VoltageExtremes&, const VoltageExtremes&) = default;

    /// The voltage of the second that ends at `stamp`. The first of its kind keeps its time.
    template <class Status>
    void add(std::uint32_t millivolts, std::uint32_t stamp, Status&& status) {
        if (least.stamp == 0 || millivolts < least.millivolts) least = {millivolts, stamp, status()};
        if (greatest.stamp == 0 || millivolts > greatest.millivolts) greatest = {millivolts, stamp, status()};
    }

    void put(ByteWriter& out) const {
        for (const VoltageExtreme& extreme : {least, greatest}) {
            out.u32(extreme.millivolts);
            out.u32(extreme.stamp);
            out.u8(extreme.status);
        }
    }
    void take(ByteReader& in) {
        for (VoltageExtreme* extreme : {&least, &greatest}) {
            extreme->millivolts = in.u32();
            extreme->stamp = in.u32();
            extreme->status = in.u8();
        }
    }
};

}  // namespace ferraris::meter
