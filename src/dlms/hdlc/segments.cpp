#include "dlms/hdlc/segments.hpp"

#include <algorithm>

namespace ferraris::dlms::hdlc {

std::optional<ByteView> without_llc(ByteView information) {
    if (information.size() < kLlcOctets) return std::nullopt;
    const ByteView header = information.first(kLlcOctets);
    if (!equal(header, kLlcRequest) && !equal(header, kLlcResponse)) return std::nullopt;
    return information.subspan(kLlcOctets);
}

void SegmentSender::reset(std::size_t max_information, std::uint8_t window) {
    *this = SegmentSender{};
    max_information_ = max_information;
    window_ = window;
}

void SegmentSender::start(ByteView header, ByteView apdu) {
    header_ = header;
    apdu_ = apdu;
    acknowledged_ = 0;
    in_flight_ = 0;
    next_ = 0;
}

std::optional<Segment> SegmentSender::next() const {
    const std::size_t total = header_.size() + apdu_.size();
    const std::size_t start = acknowledged_ + next_ * max_information_;
    if (next_ >= window_ || start >= total) return std::nullopt;
    const std::size_t end = std::min(start + max_information_, total);
    Segment segment;
    if (start < header_.size()) segment.head = header_.subspan(start, std::min(end, header_.size()) - start);
    if (end > header_.size()) {
        const std::size_t from = std::max(start, header_.size());
        segment.body = apdu_.subspan(from - header_.size(), end - from);
    }
    segment.more_follow = end < total;
    segment.last_of_turn = !segment.more_follow || next_ + 1 == window_;
    segment.send_number = static_cast<std::uint8_t>((acknowledged_number_ + next_) & 7U);
    return segment;
}

void SegmentSender::advance() {
    ++next_;
    in_flight_ = std::max(in_flight_, next_);
}

bool SegmentSender::acknowledge(std::uint8_t receive_number) {
    const std::uint8_t count = distance(acknowledged_number_, receive_number);
    if (count > in_flight_) return false;
    acknowledged_ = std::min(acknowledged_ + count * max_information_, header_.size() + apdu_.size());
    acknowledged_number_ = receive_number;
    in_flight_ = static_cast<std::uint8_t>(in_flight_ - count);
    next_ = static_cast<std::uint8_t>(next_ > count ? next_ - count : 0);
    return true;
}

void Reassembler::reset() {
    size_ = 0;
    begun_ = false;
}

Reassembler::Outcome Reassembler::add(ByteView information, bool more_follow) {
    if (!begun_) {
        begun_ = true;
        size_ = 0;
        fault_ = Outcome::complete;
        if (const auto first = without_llc(information)) {
            information = *first;
        } else {
            fault_ = Outcome::no_llc_header;
        }
    }
    if (fault_ == Outcome::complete) {
        if (information.size() > buffer_.size() - size_) {
            fault_ = Outcome::too_long;
        } else {
            std::ranges::copy(information, buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
            size_ += information.size();
        }
    }
    if (more_follow) return Outcome::incomplete;
    begun_ = false;
    return fault_;
}

}  // namespace ferraris::dlms::hdlc
