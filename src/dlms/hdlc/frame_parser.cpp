#include "dlms/hdlc/frame_parser.hpp"

#include <algorithm>

namespace ferraris::dlms::hdlc {

void FrameParser::reset() {
    size_ = 0;
    delivered_ = 0;
    opened_ = false;
    in_dropped_ = false;
}

void FrameParser::skip(std::size_t count) {
    if (!in_dropped_) noise_ += static_cast<std::uint32_t>(count);
}

std::optional<std::int64_t> FrameParser::next_timeout() const {
    if (inter_octet_timeout_ms_ == 0 || !in_frame()) return std::nullopt;
    return last_octet_ms_ + inter_octet_timeout_ms_ + 1;
}

void FrameParser::expire(std::int64_t now_ms) {
    if (inter_octet_timeout_ms_ == 0 || now_ms - last_octet_ms_ <= inter_octet_timeout_ms_) return;
    if (in_frame()) {
        ++dropped_;
        last_error_ = FrameError::timed_out;
    }
    reset();
}

void FrameParser::remove_front(std::size_t count) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(count),
              buffer_.begin() + static_cast<std::ptrdiff_t>(size_), buffer_.begin());
    size_ -= count;
}

void FrameParser::drop(FrameError why) {
    ++dropped_;
    last_error_ = why;
    const ByteView held = buffer_.first(size_);
    const auto flag = std::ranges::find(held, kFlag);
    if (flag == held.end()) {
        reset();
        in_dropped_ = true;
    } else {
        remove_front(static_cast<std::size_t>(flag - held.begin()) + 1);
    }
}

std::optional<Frame> FrameParser::push(ByteView& in, std::int64_t now_ms) {
    if (delivered_ != 0) {
        remove_front(delivered_);
        delivered_ = 0;
    }
    if (!in.empty()) {
        expire(now_ms);
        last_octet_ms_ = now_ms;
    }
    while (true) {
        if (!opened_) {
            const auto flag = std::ranges::find(in, kFlag);
            skip(static_cast<std::size_t>(flag - in.begin()));
            if (flag == in.end()) {
                in = {};
                return std::nullopt;
            }
            in = in.subspan(static_cast<std::size_t>(flag - in.begin()) + 1);
            opened_ = true;
            in_dropped_ = false;
        }
        if (size_ != 0 && buffer_[0] == kFlag) {
            remove_front(1);
            continue;
        }
        const auto needed = octets_needed(buffer_.first(size_));
        if (!needed) {
            drop(needed.error());
            continue;
        }
        if (*needed >= buffer_.size()) {
            drop(FrameError::too_long);
            continue;
        }
        if (*needed < size_) {
            const auto frame = decode_frame(buffer_.first(*needed));
            if (!frame) {
                drop(frame.error());
                continue;
            }
            if (buffer_[*needed] != kFlag) {
                drop(FrameError::closing_flag);
                continue;
            }
            delivered_ = *needed + 1;
            return *frame;
        }
        if (in.empty()) return std::nullopt;
        const std::size_t count = std::min(*needed + 1 - size_, in.size());
        std::ranges::copy(in.first(count), buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += count;
        in = in.subspan(count);
    }
}

}  // namespace ferraris::dlms::hdlc
