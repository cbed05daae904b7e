#include "dlms/wrapper.hpp"

#include <algorithm>

namespace ferraris::dlms {

namespace {

constexpr std::size_t kMaxApdu = 0xFFFF;

struct Header {
    std::uint16_t version{0};
    std::uint16_t source{0};
    std::uint16_t destination{0};
    std::uint16_t length{0};
};

Header read_header(ByteView octets) {
    ByteReader reader(octets);
    Header header;
    header.version = reader.u16();
    header.source = reader.u16();
    header.destination = reader.u16();
    header.length = reader.u16();
    return header;
}

/// Moves octets from `in` to `to` until that is full; how many.
std::size_t fill(ByteSpan to, ByteView& in) {
    const std::size_t count = std::min(to.size(), in.size());
    std::ranges::copy(in.first(count), to.begin());
    in = in.subspan(count);
    return count;
}

}  // namespace

bool write_wrapper(const WrapperPdu& pdu, ByteWriter& out) {
    if (pdu.apdu.size() > kMaxApdu || out.room() < kWrapperHeaderOctets + pdu.apdu.size()) return false;
    out.u16(kWrapperVersion);
    out.u16(pdu.source);
    out.u16(pdu.destination);
    out.u16(static_cast<std::uint16_t>(pdu.apdu.size()));
    out.put(pdu.apdu);
    return true;
}

std::optional<std::size_t> wrapper_apdu_size(ByteView header) {
    if (header.size() != kWrapperHeaderOctets) return std::nullopt;
    const Header fields = read_header(header);
    return fields.version == kWrapperVersion ? std::optional<std::size_t>(fields.length) : std::nullopt;
}

Result<WrapperPdu, WrapperError> decode_wrapper_datagram(ByteView datagram) {
    if (datagram.size() < kWrapperHeaderOctets) return Error(WrapperError::truncated);
    const Header header = read_header(datagram);
    const ByteView apdu = datagram.subspan(kWrapperHeaderOctets);
    if (header.version != kWrapperVersion) return Error(WrapperError::version);
    if (apdu.size() < header.length) return Error(WrapperError::truncated);
    if (apdu.size() > header.length) return Error(WrapperError::surplus);
    return WrapperPdu{header.source, header.destination, apdu};
}

void WrapperParser::reset() {
    header_size_ = 0;
    size_ = 0;
    error_ = WrapperError::none;
}

std::optional<WrapperPdu> WrapperParser::push(ByteView& in) {
    if (error_ == WrapperError::none) {
        header_size_ += fill(ByteSpan(header_).subspan(header_size_), in);
        const Header header = read_header(header_);
        if (header_size_ >= 2 && header.version != kWrapperVersion) {
            error_ = WrapperError::version;
        } else if (header_size_ == kWrapperHeaderOctets) {
            if (header.length > buffer_.size()) {
                error_ = WrapperError::too_long;
            } else {
                size_ += fill(buffer_.subspan(size_, header.length - size_), in);
                if (size_ == header.length) {
                    const WrapperPdu pdu{header.source, header.destination, buffer_.first(size_)};
                    reset();
                    return pdu;
                }
            }
        }
    }
    if (error_ != WrapperError::none) in = {};
    return std::nullopt;
}

}  // namespace ferraris::dlms
