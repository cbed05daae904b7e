#include "cli/firmware_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <limits>

#include "base/crc.hpp"
#include "cli/error.hpp"
#include "cli/key_material.hpp"

namespace ferraris::cli {
namespace {

using meter::ImageFault;
using meter::ImageHeader;

constexpr std::size_t kLongestProgram = meter::kMaxImageSize - meter::kImageHeaderSize;

/// A private key on P-256, cleared when it goes, and its public one.
class FirmwareSigner {
public:
    FirmwareSigner(Crypto& crypto, const std::filesystem::path& path)
        : private_key(read_private_key(path)), public_key(public_key_size(Curve::p256)) {
        if (private_key.size() != private_key_size(Curve::p256) ||
            !crypto.public_key_of(Curve::p256, private_key, public_key)) {
            throw CliError(fmt::format("the key {} is not on P-256; images are signed with such a key", path.string()));
        }
    }
    FirmwareSigner(const FirmwareSigner&) = delete;
    FirmwareSigner& operator=(const FirmwareSigner&) = delete;
    ~FirmwareSigner() { wipe(private_key); }

    Octets private_key;
    Octets public_key;
};

ImageHeader header_of(ByteView image) {
    ImageHeader header;
    const ImageFault fault = meter::decode_image_header(image, header);
    if (fault != ImageFault::none) throw CliError(explain(fault));
    return header;
}

meter::ImageDigest digest_of_payload(Crypto& crypto, ByteView payload) {
    meter::ImageDigest digest{};
    for (std::size_t at = 0; at < payload.size(); at += meter::kImagePiece) {
        const ByteView piece = payload.subspan(at, std::min(meter::kImagePiece, payload.size() - at));
        if (!meter::add_to_digest(crypto, piece, digest)) throw CliError("the cryptographic library makes no digest");
    }
    return digest;
}

}  // namespace

meter::FirmwareVersion firmware_version(const std::string& text, const std::string& option) {
    constexpr std::array<std::uint32_t, 3> kMost{255, 255, 65535};
    std::array<std::uint32_t, 3> numbers{};
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    bool good = true;
    for (std::size_t i = 0; i < numbers.size() && good; ++i) {
        const auto [next, error] = std::from_chars(at, end, numbers[i]);
        good = error == std::errc() && numbers[i] <= kMost[i];
        const bool last = i + 1 == numbers.size();
        good = good && (last ? next == end : next != end && *next == '.');
        at = good && !last ? next + 1 : next;
    }
    if (!good) {
        throw CliError(
            fmt::format("{} wants a version such as 1.2.3, up to 255.255.65535; it was given {}", option, text));
    }
    return {static_cast<std::uint8_t>(numbers[0]), static_cast<std::uint8_t>(numbers[1]),
            static_cast<std::uint16_t>(numbers[2])};
}

std::string version_text(const meter::FirmwareVersion& version) {
    return fmt::format("{}.{}.{}", version.major, version.minor, version.build);
}

std::string explain(ImageFault fault) {
    switch (fault) {
        case ImageFault::none:
            return "nothing is wrong with the image";
        case ImageFault::not_an_image:
            return "this is no firmware image; make one with `ferraris firmware pack`";
        case ImageFault::unknown_format:
            return "the image has a format that this version does not know";
        case ImageFault::wrong_size:
            return "the image is cut, or something stands behind it; take the file as it was packed";
        case ImageFault::other_hardware:
            return "the image is for other hardware";
        case ImageFault::not_newer:
            return "the image is not newer than the firmware that runs";
        case ImageFault::older_than_from:
            return "the firmware that runs is too old for this image; send the one between them first";
        case ImageFault::no_trust_key:
            return "the meter trusts nobody's images; give it the public key of the signer in its factory settings";
        case ImageFault::wrong_signature:
            return "the image is not signed by whom the meter trusts; sign it with `ferraris firmware sign`";
        case ImageFault::wrong_digest:
            return "the image was altered behind its header; pack and sign it again";
        case ImageFault::flash_fault:
            return "the meter cannot read the image in its flash";
    }
    return "the meter gave no reason that this version knows";
}

Octets read_image_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw CliError(fmt::format("{} cannot be read; check the path", path.string()));
    Octets octets;
    octets.assign(std::istreambuf_iterator<char>(file), {});
    if (octets.empty()) throw CliError(fmt::format("{} is empty", path.string()));
    return octets;
}

void write_image_file(const std::filesystem::path& path, ByteView octets) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
    file.close();
    if (!file) throw CliError(fmt::format("{} cannot be written; is the disk full?", path.string()));
}

Octets pack_image(Crypto& crypto, ByteView program, const PackOptions& options) {
    if (program.size() > kLongestProgram) {
        throw CliError(fmt::format("the program has {} octets; an image takes {}", program.size(), kLongestProgram));
    }
    ImageHeader header;
    if (!meter::set_hardware(header, options.hardware)) {
        throw CliError(fmt::format("--hardware wants 1 to {} characters without spaces; it was given {}",
                                   meter::kHardwareTypeSize, options.hardware));
    }
    header.version = firmware_version(options.version, "--version");
    if (!options.from.empty()) header.from = firmware_version(options.from, "--from");
    header.payload_size = static_cast<std::uint32_t>(program.size());
    header.legal_size = options.legal_size.value_or(header.payload_size);
    if (header.legal_size > header.payload_size) {
        throw CliError(fmt::format("--legal-size {} is more than the program has", header.legal_size));
    }
    header.digest = digest_of_payload(crypto, program);
    Octets image(meter::kImageHeaderSize);
    meter::encode_image_header(header, image);
    image.insert(image.end(), program.begin(), program.end());
    return image;
}

Octets sign_image(Crypto& crypto, Octets& image, const std::filesystem::path& key) {
    ImageHeader header = header_of(image);
    const ImageReport report = examine_image(crypto, image);
    if (report.fault != ImageFault::none) throw CliError(explain(report.fault));
    const FirmwareSigner signer(crypto, key);
    const std::array<ByteView, 1> message{ByteView(image).first(meter::kImageSignedSize)};
    if (!crypto.sign(Curve::p256, signer.private_key, message, header.signature)) {
        throw CliError("the cryptographic library does not sign");
    }
    meter::encode_image_header(header, ByteSpan(image).first(meter::kImageHeaderSize));
    return signer.public_key;
}

ImageReport examine_image(Crypto& crypto, ByteView image) {
    ImageReport report;
    report.fault = meter::decode_image_header(image, report.header);
    if (report.fault != ImageFault::none) return report;
    report.is_signed = std::ranges::any_of(report.header.signature, [](std::uint8_t octet) { return octet != 0; });
    const ByteView payload = image.subspan(meter::kImageHeaderSize);
    if (payload.size() != report.header.payload_size) {
        report.fault = ImageFault::wrong_size;
        return report;
    }
    if (digest_of_payload(crypto, payload) != report.header.digest) report.fault = ImageFault::wrong_digest;
    report.check_sum = crc32(payload.first(report.header.legal_size));
    return report;
}

bool is_signed_by(Crypto& crypto, ByteView image, ByteView public_key) {
    const ImageHeader header = header_of(image);
    const std::array<ByteView, 1> message{image.first(meter::kImageSignedSize)};
    return crypto.verify(Curve::p256, public_key, message, header.signature);
}

}  // namespace ferraris::cli
