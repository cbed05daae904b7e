/// Where each store lies in the flash of the meter (sectors of 4 KiB).
///
///     sector 0        8                24                           109            117
///     +---------------+----------------+----------------------------+--------------+
///     | parameters,   | register       | load profile               | certificates |
///     | 2 banks       | journal        | 8,736 rows at least        | 2 banks      |
///     +---------------+----------------+----------------------------+--------------+
///
/// Wear over 16.3 years with the default profile: the journal writes 8.6 million records, 49 a sector less up to six of
/// a checkpoint: about 200,000 erases over 16 sectors, 12,500 each; the profile 571,543 rows of 39 octets, 65 each.
#pragma once

#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

inline constexpr std::uint32_t kSectorSize = 4096;
inline constexpr FlashRegion kParameterRegion{0, 8};
inline constexpr FlashRegion kRegisterJournalRegion{8, 16};
inline constexpr FlashRegion kLoadProfileRegion{24, 85};
inline constexpr FlashRegion kCertificateRegion{109, 8};
inline constexpr std::uint32_t kFlashSectors = 117;
inline constexpr std::uint32_t kFlashSize = kFlashSectors * kSectorSize;

}  // namespace ferraris::meter
