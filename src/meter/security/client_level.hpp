/// The four access levels, and the client SAP by which each is addressed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "meter/identity.hpp"

namespace ferraris::meter {

enum class Level : std::uint8_t { public_, reader, technician, utility };
inline constexpr std::size_t kLevelCount = 4;

inline constexpr std::uint16_t kPublicSap = 16;
inline constexpr std::uint16_t kUtilitySap = 1;
inline constexpr std::uint16_t kReaderSap = 2;
inline constexpr std::uint16_t kTechnicianSap = 3;
/// The one logical device of a meter.
inline constexpr std::uint16_t kManagementLogicalDeviceSap = 1;

struct Client {
    Level level{Level::public_};
    std::uint16_t sap{kPublicSap};
    bool has_secret{false};
    bool ciphers{false};
};

/// The first three in the order of `FactorySettings`; association object 0.0.40.0.(index + 1).
inline constexpr std::array<Client, kLevelCount> kClients{{
    {Level::utility, kUtilitySap, true, true},
    {Level::reader, kReaderSap, true, false},
    {Level::technician, kTechnicianSap, true, true},
    {Level::public_, kPublicSap, false, false},
}};

/// Index into `kClients`; nothing: no such client.
[[nodiscard]] constexpr std::optional<std::size_t> client_index(std::uint16_t sap) {
    for (std::size_t i = 0; i < kClients.size(); ++i) {
        if (kClients[i].sap == sap) return i;
    }
    return std::nullopt;
}

}  // namespace ferraris::meter
