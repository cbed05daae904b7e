/// The secrets of every virtual meter that nobody has given others: published here, and therefore secret to no one.
/// FOR TESTING ONLY.
#pragma once

#include <string_view>

#include "meter/identity.hpp"

namespace ferraris::twin {

/// Password of the reader (client 2).
inline constexpr std::string_view kTestReaderPassword = "TESTONLY";

/// `policy` as in `meter::SecuritySettings`: what utility and technician must at least do; 3 is to authenticate and
/// encrypt. Keys, as hexadecimal digits:
///
///     client 1, utility:    encryption   000102030405060708090A0B0C0D0E0F
///                           broadcast    0F0E0D0C0B0A09080706050403020100
///     client 3, technician: encryption   101112131415161718191A1B1C1D1E1F
///                           broadcast    1F1E1D1C1B1A19181716151413121110
///     both:                 authentication D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF
///                           master         505152535455565758595A5B5C5D5E5F
[[nodiscard]] meter::FactorySettings test_factory_settings(std::uint8_t policy = 3);

}  // namespace ferraris::twin
