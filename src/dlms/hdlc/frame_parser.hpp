/// Finds frames in a stream of octets that arrives in any pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "dlms/hdlc/frame.hpp"

namespace ferraris::dlms::hdlc {

/// What is no frame is dropped silently. After a bad one the search goes on behind its opening flag, so that a
/// corrupted length does not swallow the good frame that follows. A flag may close one frame and open the next.
class FrameParser {
public:
    /// `buffer` has to hold a frame: `frame_room` of the longest information field, or more to tell a frame that is
    /// too long from noise. `inter_octet_timeout_ms`: silence after which what has begun is dropped; 0 for never.
    explicit FrameParser(ByteSpan buffer, std::uint32_t inter_octet_timeout_ms = 0)
        : buffer_(buffer), inter_octet_timeout_ms_(inter_octet_timeout_ms) {}

    /// Takes octets off the front of `in`, up to and including the next good frame, else all of them. The frame's
    /// information views into the buffer until the next call.
    [[nodiscard]] std::optional<Frame> push(ByteView& in, std::int64_t now_ms);

    /// The two octets of the check sequence of the frame that the last `push` returned.
    [[nodiscard]] ByteView frame_check() const {
        return delivered_ < 3 ? ByteView{} : ByteView(buffer_.subspan(delivered_ - 3, 2));
    }

    /// Forgets what has begun.
    void reset();

    /// A frame has begun and is not whole: where the line ends here, something got lost.
    [[nodiscard]] bool in_frame() const { return size_ > delivered_; }
    /// Drops what has begun if the line has been silent for too long. Octets that come later do the same.
    void expire(std::int64_t now_ms);
    /// When `expire` has something to do, if it ever has.
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const;

    /// Things that looked like a frame and were none, since construction; and what the last of them was.
    [[nodiscard]] std::uint32_t dropped() const { return dropped_; }
    [[nodiscard]] FrameError last_error() const { return last_error_; }
    /// Octets outside of any frame, since construction: noise, or another protocol. The rest of a dropped frame is
    /// none.
    [[nodiscard]] std::uint32_t noise() const { return noise_; }

private:
    void drop(FrameError why);
    void skip(std::size_t count);
    void remove_front(std::size_t count);

    ByteSpan buffer_;
    std::uint32_t inter_octet_timeout_ms_;
    std::int64_t last_octet_ms_{0};
    std::size_t size_{0};       ///< octets since the opening flag
    std::size_t delivered_{0};  ///< octets of the frame that the last call returned, with its closing flag
    bool opened_{false};        ///< the octet before the buffer's first was a flag
    bool in_dropped_{false};    ///< what comes before the next flag belongs to something that was dropped
    std::uint32_t noise_{0};
    std::uint32_t dropped_{0};
    FrameError last_error_{FrameError::none};
};

}  // namespace ferraris::dlms::hdlc
