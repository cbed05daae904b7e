/// The ports of the meter. Each has settings, sessions and buffers of its own: what happens on one is nothing to
/// another.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ferraris::meter {

/// In the order of value group B of their setup objects (0-b:20.0.0, 0-b:22.0.0).
enum class Port : std::uint8_t {
    optical,  ///< and every HDLC link without a port of its own: over TCP and UDP, or a serial line of the host
    rs485,
    module,  ///< for a communication module
};
inline constexpr std::size_t kPortCount = 3;
/// Those that speak IEC 62056-21: optical and RS485.
inline constexpr std::size_t kLocalPortCount = 2;

}  // namespace ferraris::meter
