#include "dlms/hdlc/frame.hpp"

#include "base/crc.hpp"

namespace ferraris::dlms::hdlc {

namespace {

constexpr std::size_t kFormatOctets = 2;
constexpr std::size_t kCheckOctets = 2;
constexpr std::size_t kMinFrameLength = kFormatOctets + 1 + 1 + 1 + kCheckOctets;
constexpr std::size_t kMaxAddressWidth = 4;

/// The two octets after `length` octets hold their check sequence, low octet first.
bool check_holds(ByteView octets, std::size_t length) {
    const std::uint16_t crc = crc16_x25(octets.first(length));
    return octets[length] == (crc & 0xFFU) && octets[length + 1] == (crc >> 8U);
}

void put_check(std::uint16_t crc, ByteWriter& out) {
    out.u8(static_cast<std::uint8_t>(crc & 0xFFU));
    out.u8(static_cast<std::uint8_t>(crc >> 8U));
}

/// Octets up to the one whose bit 0 is set; 0 while it has not come, `kMaxAddressWidth` + 1 if it is too far.
std::size_t address_width(ByteView octets) {
    for (std::size_t i = 0; i < octets.size() && i < kMaxAddressWidth; ++i) {
        if ((octets[i] & 1U) != 0) return i + 1;
    }
    return octets.size() < kMaxAddressWidth ? 0 : kMaxAddressWidth + 1;
}

constexpr bool width_is_legal(std::size_t width) { return width == 1 || width == 2 || width == 4; }

Address take_address(ByteReader& reader) {
    const ByteView octets = reader.take(address_width(reader.rest()));
    const auto bits = [&octets](std::size_t i) { return static_cast<std::uint32_t>(octets[i] >> 1U); };
    Address address;
    address.width = static_cast<std::uint8_t>(octets.size());
    if (octets.size() == 4) {
        address.upper = static_cast<std::uint16_t>((bits(0) << 7U) | bits(1));
        address.lower = static_cast<std::uint16_t>((bits(2) << 7U) | bits(3));
    } else {
        address.upper = static_cast<std::uint16_t>(bits(0));
        if (octets.size() == 2) address.lower = static_cast<std::uint16_t>(bits(1));
    }
    return address;
}

void put_address(const Address& address, ByteWriter& out) {
    const auto put = [&out](std::uint32_t value, bool last) {
        out.u8(static_cast<std::uint8_t>(((value & 0x7FU) << 1U) | (last ? 1U : 0U)));
    };
    switch (address.width) {
        case 4:
            put(static_cast<std::uint32_t>(address.upper) >> 7U, false);
            put(address.upper, false);
            put(static_cast<std::uint32_t>(address.lower) >> 7U, false);
            put(address.lower, true);
            break;
        case 2:
            put(address.upper, false);
            put(address.lower, true);
            break;
        default:
            put(address.upper, true);
    }
}

}  // namespace

Result<std::size_t, FrameError> octets_needed(ByteView begun) {
    if (begun.empty()) return 1;
    if ((begun[0] & 0xF0U) != 0xA0U) return Error(FrameError::format_type);
    if (begun.size() < kFormatOctets) return kFormatOctets;
    const std::size_t length = ((begun[0] & 0x07U) * 256U) + begun[1];
    if (length < kMinFrameLength) return Error(FrameError::length);

    std::size_t header = kFormatOctets;
    for (int i = 0; i < 2; ++i) {
        const std::size_t width = address_width(begun.subspan(header));
        if (width == 0) return begun.size() + 1;
        if (!width_is_legal(width)) return Error(FrameError::address);
        header += width;
    }
    ++header;
    if (length == header + kCheckOctets) return length;
    if (length < header + 2 * kCheckOctets) return Error(FrameError::length);
    if (begun.size() < header + kCheckOctets) return header + kCheckOctets;
    if (!check_holds(begun, header)) return Error(FrameError::header_check);
    return length;
}

Result<Frame, FrameError> decode_frame(ByteView octets) {
    const auto length = octets_needed(octets);
    if (!length) return Error(length.error());
    if (*length != octets.size()) return Error(FrameError::length);
    if (!check_holds(octets, octets.size() - kCheckOctets)) return Error(FrameError::frame_check);

    ByteReader reader(octets.first(octets.size() - kCheckOctets));
    Frame frame;
    frame.segmented = (reader.u16() & 0x0800U) != 0;
    frame.destination = take_address(reader);
    frame.source = take_address(reader);
    frame.control = reader.u8();
    if (!reader.at_end()) {
        reader.skip(kCheckOctets);
        frame.information = reader.rest();
    }
    return frame;
}

bool write_frame(const Frame& frame, ByteView more, ByteWriter& out) {
    const std::size_t information = frame.information.size() + more.size();
    const std::size_t header =
        kFormatOctets + static_cast<std::size_t>(frame.destination.width) + frame.source.width + 1;
    const std::size_t length = header + (information == 0 ? 0 : kCheckOctets + information) + kCheckOctets;
    if (length > kMaxFrameLength || out.room() < length + 2) return false;

    out.u8(kFlag);
    const std::size_t start = out.size();
    const auto so_far = [&out, start] { return out.written().subspan(start); };
    out.u16(static_cast<std::uint16_t>(0xA000U | (frame.segmented ? 0x0800U : 0U) | length));
    put_address(frame.destination, out);
    put_address(frame.source, out);
    out.u8(frame.control);
    if (information != 0) {
        put_check(crc16_x25(so_far()), out);
        out.put(frame.information);
        out.put(more);
    }
    put_check(crc16_x25(so_far()), out);
    out.u8(kFlag);
    return true;
}

}  // namespace ferraris::dlms::hdlc
