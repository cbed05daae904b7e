/// The keys of a virtual meter: one file serves the meter and its clients.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "cli/key_file.hpp"
#include "crypto/crypto.hpp"
#include "meter/identity.hpp"
#include "meter/instrument.hpp"

namespace ferraris::cli {

/// What the command line says of keys.
struct MeterKeySettings {
    std::optional<std::uint8_t> suite{};  ///< of new keys; of those that are there, they must have it
    std::optional<dlms::AuthenticationMechanism> mechanism{};  ///< of clients 1 and 3, likewise
    bool allow_legacy_digests{false};                          ///< HLS with MD5 and SHA-1
    std::uint64_t serial_number{1};
    /// What clients 1 and 3 must at least do, as class 64 version 0 has it: 1 authenticate, 2 encrypt, 3 both, 0
    /// neither.
    std::uint8_t policy{3};
};

/// Factory settings with the octets that their views look at.
struct MeterFactory {
    KeyFile keys{};
    std::vector<ByteView> certificates{};
    meter::FactorySettings settings{};

    MeterFactory() = default;
    MeterFactory(MeterFactory&&) = default;
    MeterFactory& operator=(MeterFactory&&) = default;
    MeterFactory(const MeterFactory&) = delete;
    MeterFactory& operator=(const MeterFactory&) = delete;
    ~MeterFactory() = default;
};

/// Where the keys of this user's virtual meters are when nobody says otherwise.
[[nodiscard]] std::filesystem::path default_key_path();

/// From the key file at `path`, which is made with random keys where there is none. The meter's sending counters begin
/// behind those of earlier meters with the same number and keys, which left no state behind: at the seconds of this
/// machine's clock, and behind what the clients of these keys heard. Throws CliError, one line, for a client without
/// keys, and for what the meter cannot do as the file says it.
[[nodiscard]] MeterFactory meter_factory(const std::filesystem::path& path, const MeterKeySettings& settings,
                                         Crypto& crypto);

/// A meter that has a state keeps what it learnt: throws CliError where that is another suite than the key file has, or
/// a key pair on another curve.
void check_state(const meter::Instrument& instrument, const KeyFile& keys);

}  // namespace ferraris::cli
