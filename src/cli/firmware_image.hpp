/// Firmware images as files: packed, signed and judged (format: meter/image/image_header.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "cli/key_file.hpp"
#include "crypto/crypto.hpp"
#include "meter/image/image_header.hpp"

namespace ferraris::cli {

/// What `firmware pack` is told of a program.
struct PackOptions {
    std::string hardware{meter::kHardwareType};
    std::string version{};                      ///< "1.2.3"
    std::string from{};                         ///< the oldest version that it may follow; empty: any
    std::optional<std::uint32_t> legal_size{};  ///< nothing: all of it
};

/// "1.2.3"; throws CliError, which names `option`.
[[nodiscard]] meter::FirmwareVersion firmware_version(const std::string& text, const std::string& option);
[[nodiscard]] std::string version_text(const meter::FirmwareVersion& version);
/// What is wrong with an image, and what to do.
[[nodiscard]] std::string explain(meter::ImageFault fault);

/// The whole file; throws CliError: missing, empty, or longer than a meter's image area.
[[nodiscard]] Octets read_image_file(const std::filesystem::path& path);
/// Throws CliError when it cannot.
void write_image_file(const std::filesystem::path& path, ByteView octets);

/// An image around `program`, not signed yet. Throws CliError for what no image can say.
[[nodiscard]] Octets pack_image(Crypto& crypto, ByteView program, const PackOptions& options);
/// Signs in place with the private key file. Throws CliError: no image, or a key that is not on P-256. The public key.
Octets sign_image(Crypto& crypto, Octets& image, const std::filesystem::path& key);

/// What a file is, without a meter.
struct ImageReport {
    meter::ImageHeader header{};
    meter::ImageFault fault{meter::ImageFault::none};  ///< of form, size and digest
    bool is_signed{false};
    std::uint32_t check_sum{0};  ///< as the meter will show it
};
[[nodiscard]] ImageReport examine_image(Crypto& crypto, ByteView image);
/// Whether the signature is that of `public_key`, x || y.
[[nodiscard]] bool is_signed_by(Crypto& crypto, ByteView image, ByteView public_key);

}  // namespace ferraris::cli
