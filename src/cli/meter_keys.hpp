/// The keys of a virtual meter: one file serves the meter and its clients.
#pragma once

#include <filesystem>

#include "cli/key_file.hpp"
#include "crypto/crypto.hpp"
#include "meter/identity.hpp"

namespace ferraris::cli {

/// Where the keys of this user's virtual meters are when nobody says otherwise.
[[nodiscard]] std::filesystem::path default_key_path();

/// The file, or a new one with random keys for clients 1, 2 and 3, readable by this user only.
[[nodiscard]] KeyFile read_or_make_keys(const std::filesystem::path& path, Crypto& crypto);

/// For the meter with that serial number. Its sending counters begin behind those of earlier meters with the same
/// number and keys, which left no state behind: at the seconds of this machine's clock, and behind what the clients of
/// these keys heard. Throws CliError when a client that the meter knows has no keys in the file.
[[nodiscard]] meter::FactorySettings factory_settings(const KeyFile& keys, Crypto& crypto, std::uint64_t serial_number);

}  // namespace ferraris::cli
