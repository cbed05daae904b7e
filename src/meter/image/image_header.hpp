/// The head of a firmware image, its digest, and the rules by which a meter takes it or not.
///
///     "FRFW"  format  0     hardware  version  from     payload  legal    digest  signature  payload
///     4       2       2     16        4        4        4        4        32      64         ...
///
/// The signature is ECDSA on P-256 with SHA-256 over all octets before it, and with the digest over the payload too.
/// The digest is a chain over pieces of 1 KiB, the last one shorter, so that a meter can go on with it whenever it has
/// time:
///
///     d(0) = 32 zeros; d(n + 1) = SHA-256(d(n) || piece n)
///
/// The first `legal` octets of the payload are its legally relevant part, whose check sum (CRC-32) the meter shows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/crypto.hpp"
#include "meter/image/firmware_version.hpp"

namespace ferraris::meter {

inline constexpr std::size_t kImageSignedSize = 72;
inline constexpr std::size_t kImageSignatureSize = 64;
inline constexpr std::size_t kImageHeaderSize = kImageSignedSize + kImageSignatureSize;
inline constexpr std::size_t kImagePiece = 1024;
inline constexpr std::uint32_t kMaxImageSize = 256 * 1024;
inline constexpr std::size_t kHardwareTypeSize = 16;

using ImageDigest = std::array<std::uint8_t, 32>;

struct ImageHeader {
    std::array<std::uint8_t, kHardwareTypeSize> hardware{};  ///< characters, then zeros
    FirmwareVersion version{};
    FirmwareVersion from{};  ///< the oldest version that it may follow
    std::uint32_t payload_size{0};
    std::uint32_t legal_size{0};
    ImageDigest digest{};
    std::array<std::uint8_t, kImageSignatureSize> signature{};  ///< zeros: not signed
};

/// Why an image is not taken: also the value of event 51.
enum class ImageFault : std::uint8_t {
    none = 0,
    not_an_image = 1,
    unknown_format = 2,
    wrong_size = 3,
    other_hardware = 4,
    not_newer = 5,        ///< than the program that runs: an old one, or the same again
    older_than_from = 6,  ///< what runs is too old for this image
    no_trust_key = 7,     ///< this meter has no key to verify with
    wrong_signature = 8,  ///< also none at all
    wrong_digest = 9,
    flash_fault = 10,
};

/// `octets` are the header or more.
[[nodiscard]] ImageFault decode_image_header(ByteView octets, ImageHeader& header);
/// `out` has `kImageHeaderSize` octets, the first `kImageSignedSize` of which are signed.
void encode_image_header(const ImageHeader& header, ByteSpan out);
/// Fills in `hardware`; false: empty, too long, or not printable.
[[nodiscard]] bool set_hardware(ImageHeader& header, std::string_view hardware);

/// Goes on over one piece. False: the engine fails.
[[nodiscard]] bool add_to_digest(Crypto& crypto, ByteView piece, ImageDigest& digest);

/// What a meter takes.
struct ImageRules {
    std::string_view hardware{kHardwareType};
    FirmwareVersion running{};
    FirmwareKey key{};
};
/// All but digest and payload. `image_size` is that of the whole image.
[[nodiscard]] ImageFault judge(const ImageRules& rules, Crypto& crypto, const ImageHeader& header,
                               std::uint32_t image_size);

}  // namespace ferraris::meter
