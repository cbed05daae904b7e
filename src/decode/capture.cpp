#include "decode/capture.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/civil_time.hpp"

namespace ferraris::decode {
namespace {

constexpr std::uint32_t kMicroseconds = 0xA1B2C3D4;
constexpr std::uint32_t kNanoseconds = 0xA1B23C4D;
constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr std::uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::uint32_t number(ByteView file, std::uint64_t at, std::size_t width, bool little) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        const std::uint8_t octet = file[at + (little ? width - 1 - i : i)];
        value = value << 8U | octet;
    }
    return value;
}

// Link types of the pcap registry.
constexpr std::uint32_t kNull = 0;
constexpr std::uint32_t kEthernet = 1;
constexpr std::uint32_t kLoop = 108;
constexpr std::uint32_t kLinuxCooked = 113;
constexpr std::uint32_t kIpv4 = 228;
constexpr std::uint32_t kIpv6 = 229;
constexpr std::uint32_t kLinuxCooked2 = 276;

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86DD;

bool is_raw_ip(std::uint32_t link_type) {
    return link_type == 101 || link_type == 12 || link_type == 14 || link_type == kIpv4 || link_type == kIpv6;
}

/// Octets from the IP header on.
std::optional<ByteView> network_of(const Packet& packet) {
    ByteReader in(packet.octets);
    if (is_raw_ip(packet.link_type)) return packet.octets;
    std::uint16_t type = 0;
    switch (packet.link_type) {
        case kNull:
        case kLoop:
            in.skip(4);
            return in.failed() ? std::nullopt : std::optional(in.rest());
        case kEthernet:
            in.skip(12);
            type = in.u16();
            // Tags of virtual networks.
            for (int tags = 0; tags < 3 && (type == 0x8100 || type == 0x88A8); ++tags) {
                in.skip(2);
                type = in.u16();
            }
            break;
        case kLinuxCooked:
            in.skip(14);
            type = in.u16();
            break;
        case kLinuxCooked2:
            type = in.u16();
            in.skip(18);
            break;
        default:
            return std::nullopt;
    }
    if (in.failed() || (type != kEtherIpv4 && type != kEtherIpv6)) return std::nullopt;
    return in.rest();
}

struct Network {
    Endpoint source{};
    Endpoint destination{};
    std::uint8_t protocol{0};
    ByteView payload{};
};

std::optional<Network> ipv4(ByteView octets) {
    ByteReader in(octets);
    Network network;
    const std::size_t header = static_cast<std::size_t>(in.u8() & 0x0FU) * 4;
    in.skip(1);
    const std::size_t total = in.u16();
    in.skip(2);
    const std::uint16_t fragment = in.u16();
    in.skip(1);
    network.protocol = in.u8();
    in.skip(2);
    const ByteView source = in.take(4);
    const ByteView destination = in.take(4);
    constexpr std::uint16_t kOffset = 0x1FFF;
    if (in.failed() || header < 20 || header > octets.size() || (fragment & kOffset) != 0) return std::nullopt;
    std::ranges::copy(source, network.source.address.begin());
    std::ranges::copy(destination, network.destination.address.begin());
    // A total of 0 is what offloading network cards leave behind.
    const std::size_t end = total >= header && total <= octets.size() ? total : octets.size();
    network.payload = octets.first(end).subspan(header);
    return network;
}

std::optional<Network> ipv6(ByteView octets) {
    ByteReader in(octets);
    Network network;
    in.skip(4);
    const std::size_t length = in.u16();
    network.protocol = in.u8();
    in.skip(1);
    const ByteView source = in.take(16);
    const ByteView destination = in.take(16);
    if (in.failed()) return std::nullopt;
    std::ranges::copy(source, network.source.address.begin());
    std::ranges::copy(destination, network.destination.address.begin());
    network.source.v6 = network.destination.v6 = true;
    ByteReader rest(in.rest().first(length == 0 ? in.remaining() : std::min(length, in.remaining())));
    constexpr std::uint8_t kFragment = 44;
    constexpr std::uint8_t kExtensions[] = {0, 43, kFragment, 60};
    for (int count = 0; count < 8 && std::ranges::find(kExtensions, network.protocol) != std::end(kExtensions);
         ++count) {
        const bool fragment = network.protocol == kFragment;
        network.protocol = rest.u8();
        const std::uint8_t size = rest.u8();
        const std::uint16_t offset = fragment ? rest.u16() : std::uint16_t{0};
        if ((offset >> 3U) != 0) return std::nullopt;
        rest.skip(fragment ? 4 : std::size_t{size} * 8 + 6);
    }
    if (rest.failed()) return std::nullopt;
    network.payload = rest.rest();
    return network;
}

}  // namespace

bool is_capture(ByteView file) {
    if (file.size() < 12) return false;
    for (const bool little : {true, false}) {
        const std::uint32_t magic = number(file, 0, 4, little);
        if (magic == kMicroseconds || magic == kNanoseconds) return true;
        if (magic == kSectionHeader && number(file, 8, 4, little) == kByteOrderMagic) return true;
    }
    return false;
}

std::uint32_t CaptureReader::u32(std::uint64_t at) const { return number(file_, at, 4, little_endian_); }
std::uint32_t CaptureReader::u16(std::uint64_t at) const { return number(file_, at, 2, little_endian_); }

CaptureReader::CaptureReader(ByteView file) : file_(file) {
    if (!is_capture(file)) {
        problem_ = "no capture file";
        return;
    }
    if (number(file, 0, 4, true) == kSectionHeader) {
        next_generation_ = true;
        return;
    }
    const std::uint32_t magic = number(file, 0, 4, true);
    little_endian_ = magic == kMicroseconds || magic == kNanoseconds;
    nanoseconds_ = u32(0) == kNanoseconds;
    constexpr std::uint64_t kFileHeader = 24;
    if (file.size() < kFileHeader) {
        problem_ = "the file header is cut short";
        return;
    }
    constexpr std::uint32_t kLinkType = 0x0FFFFFFF;
    link_type_ = u32(20) & kLinkType;
    position_ = kFileHeader;
}

std::optional<Packet> CaptureReader::next() {
    if (!problem_.empty()) return std::nullopt;
    return next_generation_ ? next_pcapng() : next_pcap();
}

std::optional<Packet> CaptureReader::next_pcap() {
    constexpr std::uint64_t kHeader = 16;
    if (position_ == file_.size()) return std::nullopt;
    if (file_.size() - position_ < kHeader) {
        problem_ = fmt::format("the file breaks off at octet {}", position_);
        return std::nullopt;
    }
    const std::int64_t fraction = u32(position_ + 4);
    const std::uint32_t length = u32(position_ + 8);
    Packet packet;
    packet.link_type = link_type_;
    packet.time_ns = u32(position_) * kNanosecondsPerSecond + (nanoseconds_ ? fraction : fraction * 1000);
    if (length > file_.size() - position_ - kHeader) {
        problem_ = fmt::format("the file breaks off in the packet at octet {}", position_);
        return std::nullopt;
    }
    packet.octets = file_.subspan(position_ + kHeader, length);
    position_ += kHeader + length;
    return packet;
}

void CaptureReader::interface_block(std::uint64_t at, std::uint64_t end) {
    Interface interface;
    interface.link_type = u16(at);
    // Options: code, length, value padded to four octets; code 9 is the resolution of time stamps.
    constexpr std::uint32_t kResolution = 9;
    for (std::uint64_t option = at + 8; option + 4 <= end;) {
        const std::uint32_t code = u16(option);
        const std::uint32_t length = u16(option + 2);
        if (code == 0 || length > end - option - 4) break;
        if (code == kResolution && length >= 1) {
            const std::uint8_t value = file_[option + 4];
            std::int64_t ticks = 1;
            const std::int64_t base = (value & 0x80U) != 0 ? 2 : 10;
            for (int i = 0; i < (value & 0x7F) && ticks < kNanosecondsPerSecond; ++i) ticks *= base;
            interface.ticks_per_second = ticks;
        }
        option += 4 + (std::uint64_t{length} + 3) / 4 * 4;
    }
    interfaces_.push_back(interface);
}

std::optional<Packet> CaptureReader::next_pcapng() {
    constexpr std::uint64_t kAround = 12;  // type, length, length again
    while (file_.size() - position_ >= kAround) {
        if (number(file_, position_, 4, true) == kSectionHeader) {
            little_endian_ = number(file_, position_ + 8, 4, true) == kByteOrderMagic;
            interfaces_.clear();
        }
        const std::uint32_t type = u32(position_);
        const std::uint64_t length = u32(position_ + 4);
        if (length < kAround || length % 4 != 0 || length > file_.size() - position_) break;
        const std::uint64_t body = position_ + 8;
        const std::uint64_t end = position_ + length - 4;
        position_ += length;
        if (type == kInterfaceDescription && end - body >= 8) {
            interface_block(body, end);
        } else if (type == kEnhancedPacket && end - body >= 20) {
            const std::uint32_t index = u32(body);
            const std::uint64_t ticks = std::uint64_t{u32(body + 4)} << 32U | u32(body + 8);
            const std::uint64_t captured = u32(body + 12);
            if (index >= interfaces_.size() || captured > end - body - 20) continue;
            const Interface& interface = interfaces_[index];
            const auto resolution = static_cast<std::uint64_t>(interface.ticks_per_second);
            Packet packet;
            packet.link_type = interface.link_type;
            constexpr std::uint64_t kLatestSecond = 1ULL << 33U;
            const std::uint64_t second = std::min(ticks / resolution, kLatestSecond);
            packet.time_ns =
                static_cast<std::int64_t>(second) * kNanosecondsPerSecond +
                static_cast<std::int64_t>(ticks % resolution) * (kNanosecondsPerSecond / interface.ticks_per_second);
            packet.octets = file_.subspan(body + 20, captured);
            return packet;
        } else if (type == kSimplePacket && end - body >= 4 && !interfaces_.empty()) {
            Packet packet;
            packet.link_type = interfaces_.front().link_type;
            packet.octets = file_.subspan(body + 4, std::min<std::uint64_t>(u32(body), end - body - 4));
            return packet;
        }
    }
    if (position_ != file_.size()) problem_ = fmt::format("the file breaks off at octet {}", position_);
    position_ = file_.size();
    return std::nullopt;
}

std::string endpoint_text(const Endpoint& endpoint) {
    const auto& a = endpoint.address;
    if (!endpoint.v6) return fmt::format("{}.{}.{}.{}:{}", a[0], a[1], a[2], a[3], endpoint.port);
    std::string text = "[";
    for (std::size_t i = 0; i < 16; i += 2) {
        text += fmt::format("{}{:x}", i == 0 ? "" : ":", a[i] << 8U | a[i + 1]);
    }
    return fmt::format("{}]:{}", text, endpoint.port);
}

std::optional<Transport> transport_of(const Packet& packet) {
    const auto octets = network_of(packet);
    if (!octets || octets->empty()) return std::nullopt;
    const std::uint8_t version = (*octets)[0] >> 4U;
    const auto network = version == 4 ? ipv4(*octets) : version == 6 ? ipv6(*octets) : std::nullopt;
    if (!network) return std::nullopt;
    Transport transport;
    transport.source = network->source;
    transport.destination = network->destination;
    ByteReader in(network->payload);
    transport.source.port = in.u16();
    transport.destination.port = in.u16();
    constexpr std::uint8_t kTcp = 6;
    constexpr std::uint8_t kUdp = 17;
    if (network->protocol == kTcp) {
        transport.tcp = true;
        transport.sequence = in.u32();
        in.skip(4);
        const std::size_t header = static_cast<std::size_t>(in.u8() >> 4U) * 4;
        const std::uint8_t flags = in.u8();
        transport.syn = (flags & 0x02U) != 0;
        transport.fin = (flags & 0x05U) != 0;
        if (in.failed() || header < 20 || header > network->payload.size()) return std::nullopt;
        transport.payload = network->payload.subspan(header);
        return transport;
    }
    if (network->protocol == kUdp) {
        const std::size_t length = in.u16();
        in.skip(2);
        if (in.failed()) return std::nullopt;
        const std::size_t payload = length >= 8 ? std::min(length - 8, in.remaining()) : in.remaining();
        transport.payload = in.rest().first(payload);
        return transport;
    }
    return std::nullopt;
}

void TcpStream::segment(const Transport& segment, const Take& take, const Lost& lost) {
    std::uint32_t sequence = segment.sequence;
    if (segment.syn) {
        // A new connection on the same ports, or the first packet of this one once more.
        if (begun_ && sequence + 1 != base_) finish(take, lost);
        if (!begun_ || sequence + 1 != base_) {
            next_ = base_ = sequence + 1;
            waiting_.clear();
            waiting_octets_ = 0;
        }
        begun_ = true;
        ++sequence;
    }
    if (segment.payload.empty()) return;
    if (!begun_) {
        begun_ = true;
        next_ = base_ = sequence;
    }
    ByteView payload = segment.payload;
    const auto behind = static_cast<std::int32_t>(next_ - sequence);
    if (behind > 0) {
        // Sent once more; perhaps with something new at its end.
        if (static_cast<std::size_t>(behind) >= payload.size()) return;
        payload = payload.subspan(static_cast<std::size_t>(behind));
        sequence = next_;
    }
    if (sequence == next_) {
        take(payload);
        next_ += static_cast<std::uint32_t>(payload.size());
        deliver(take);
        return;
    }
    Octets& place = waiting_[sequence - base_];
    if (place.size() < payload.size()) {
        waiting_octets_ += payload.size() - place.size();
        place.assign(payload.begin(), payload.end());
    }
    constexpr std::size_t kPatience = std::size_t{1} << 20U;
    while (waiting_octets_ > kPatience) {
        jump(lost);
        deliver(take);
    }
}

void TcpStream::deliver(const Take& take) {
    while (!waiting_.empty()) {
        const auto first = waiting_.begin();
        const auto behind = static_cast<std::int32_t>(next_ - (base_ + first->first));
        if (behind < 0) return;
        const Octets octets = std::move(first->second);
        waiting_.erase(first);
        waiting_octets_ -= octets.size();
        if (static_cast<std::size_t>(behind) >= octets.size()) continue;
        const ByteView fresh = ByteView(octets).subspan(static_cast<std::size_t>(behind));
        take(fresh);
        next_ += static_cast<std::uint32_t>(fresh.size());
    }
}

void TcpStream::jump(const Lost& lost) {
    const std::uint32_t sequence = base_ + waiting_.begin()->first;
    lost(sequence - next_);
    next_ = sequence;
}

void TcpStream::finish(const Take& take, const Lost& lost) {
    while (!waiting_.empty()) {
        jump(lost);
        deliver(take);
    }
    begun_ = false;
}

std::string time_text(std::int64_t time_ns) {
    const CivilTime civil = civil_from_utc(UtcTime::from_seconds(time_ns / kNanosecondsPerSecond));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", civil.year, civil.month, civil.day, civil.hour,
                       civil.minute, civil.second, time_ns % kNanosecondsPerSecond / 1000);
}

}  // namespace ferraris::decode
