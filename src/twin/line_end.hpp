/// What speaks on a line of a virtual meter, without the line itself: octets in, octets out, time as an argument.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace ferraris::twin {

class LineEnd {
public:
    virtual ~LineEnd() = default;

    /// Takes octets off `in`, up to and including one message; `pull` after each call.
    virtual void receive(ByteView& in, std::int64_t now_ms) = 0;
    /// Octets that are due, empty when none are; call until then. Valid until the next call of anything.
    [[nodiscard]] virtual ByteView pull(std::int64_t now_ms) = 0;
    /// Looks at the time; `pull` afterwards.
    virtual void poll(std::int64_t now_ms) = 0;
    /// When `poll` or `pull` has something to do, if it ever has.
    [[nodiscard]] virtual std::optional<std::int64_t> next_timeout() const = 0;
    /// The speed that the line has to have once everything pulled is out. Always eight bits, no parity of the port.
    [[nodiscard]] virtual std::uint32_t baud() const = 0;
};

}  // namespace ferraris::twin
