/// Makes the keys of a virtual meter and its clients: of suite 1 or 2 with an authority of their own, which certifies
/// the key pairs of both.
#pragma once

#include <cstdint>
#include <filesystem>

#include "cli/key_file.hpp"
#include "crypto/crypto.hpp"

namespace ferraris::cli {

struct KeySetSettings {
    std::uint8_t suite{0};
    dlms::AuthenticationMechanism mechanism{dlms::AuthenticationMechanism::high_gmac};  ///< of clients 1 and 3
    std::uint64_t serial_number{1};  ///< of the meter that the certificates are for
};

/// Random keys for clients 1, 2 and 3 into a new key file; with suite 1 or 2 also, into the folder `certificates`
/// beside it, certificates as NAME.pem and private keys as NAME.key (mode 0600):
///
///     authority                           issued all others; its private key is needed for further ones
///     client-signing, client-agreement    of the system title that the clients share
///     meter-signing, meter-agreement      of the meter with that serial number
///
/// And a key pair on P-256 for firmware images: the private key as firmware.key beside the key file, unless there is
/// one.
///
/// Valid from 2000 to 2049, since the time of a virtual meter may be any. Throws CliError: no random numbers, a folder
/// or file that cannot be written.
void make_key_set(const std::filesystem::path& path, const KeySetSettings& settings, Crypto& crypto);

}  // namespace ferraris::cli
