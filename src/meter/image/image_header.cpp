#include "meter/image/image_header.hpp"

#include <algorithm>

namespace ferraris::meter {
namespace {

constexpr std::array<std::uint8_t, 4> kImageMagic{'F', 'R', 'F', 'W'};
constexpr std::uint16_t kImageFormat = 1;

bool is_printable(std::uint8_t octet) { return octet > 0x20 && octet < 0x7F; }

}  // namespace

ImageFault decode_image_header(ByteView octets, ImageHeader& header) {
    if (octets.size() < kImageHeaderSize) return ImageFault::not_an_image;
    ByteReader in(octets.first(kImageHeaderSize));
    if (!equal(in.take(kImageMagic.size()), kImageMagic)) return ImageFault::not_an_image;
    const std::uint16_t format = in.u16();
    const std::uint16_t reserved = in.u16();
    if (format != kImageFormat || reserved != 0) return ImageFault::unknown_format;
    std::ranges::copy(in.take(header.hardware.size()), header.hardware.begin());
    header.version = FirmwareVersion::from(in.u32());
    header.from = FirmwareVersion::from(in.u32());
    header.payload_size = in.u32();
    header.legal_size = in.u32();
    std::ranges::copy(in.take(header.digest.size()), header.digest.begin());
    std::ranges::copy(in.take(header.signature.size()), header.signature.begin());
    const bool sized = header.payload_size != 0 && header.payload_size <= kMaxImageSize - kImageHeaderSize &&
                       header.legal_size <= header.payload_size;
    return sized ? ImageFault::none : ImageFault::wrong_size;
}

void encode_image_header(const ImageHeader& header, ByteSpan out) {
    ByteWriter writer(out);
    writer.put(kImageMagic);
    writer.u16(kImageFormat);
    writer.u16(0);
    writer.put(header.hardware);
    writer.u32(header.version.number());
    writer.u32(header.from.number());
    writer.u32(header.payload_size);
    writer.u32(header.legal_size);
    writer.put(header.digest);
    writer.put(header.signature);
}

bool set_hardware(ImageHeader& header, std::string_view hardware) {
    const ByteView octets = octets_of(hardware);
    if (octets.empty() || octets.size() > header.hardware.size() || !std::ranges::all_of(octets, is_printable)) {
        return false;
    }
    header.hardware = {};
    std::ranges::copy(octets, header.hardware.begin());
    return true;
}

bool add_to_digest(Crypto& crypto, ByteView piece, ImageDigest& digest) {
    const ImageDigest before = digest;
    const std::array<ByteView, 2> pieces{before, piece};
    return crypto.hash(Digest::sha256, pieces, digest);
}

ImageFault judge(const ImageRules& rules, Crypto& crypto, const ImageHeader& header, std::uint32_t image_size) {
    if (image_size != kImageHeaderSize + header.payload_size) return ImageFault::wrong_size;
    ImageHeader own;
    if (!set_hardware(own, rules.hardware) || own.hardware != header.hardware) return ImageFault::other_hardware;
    if (header.version <= rules.running) return ImageFault::not_newer;
    if (rules.running < header.from) return ImageFault::older_than_from;
    if (rules.key == FirmwareKey{}) return ImageFault::no_trust_key;
    std::array<std::uint8_t, kImageHeaderSize> octets{};
    encode_image_header(header, octets);
    const std::array<ByteView, 1> message{ByteView(octets).first(kImageSignedSize)};
    const bool genuine = crypto.verify(Curve::p256, rules.key, message, header.signature);
    return genuine ? ImageFault::none : ImageFault::wrong_signature;
}

}  // namespace ferraris::meter
