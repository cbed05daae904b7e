/// Where each store lies in the flash of the meter (sectors of 4 KiB).
///
///     +-------------+----------+--------------+------+-------+---------+---------+-------------+---------+-------------+
///     | parameters, | register | certificates | load | daily | billing | voltage | logs, 200   | billing | tariffs, |
///     | 2 banks     | journal  | 2 banks      |      |       | profile |         | entries     | periods | 3 x 2 turns
///     |
///     +-------------+----------+--------------+------+-------+---------+---------+-------------+---------+-------------+
///
/// Behind these, four sectors of audit trail, and the program: two areas for images of 256 KiB, one of which takes the
/// next image while the other one may run, a sector of marks of what was transferred, and two with what the boot loader
/// remembers. Each profile and log begins with two sectors for its setup.
///
/// Wear over 16.3 years with the default profiles: the journal writes 8.6 million records, 37 a sector less up to five
/// of a checkpoint: about 260,000 erases over 16 sectors, 16,500 each; the load profile 571,543 rows of 57 octets, 65
/// each; the voltage profile 857,300 rows of 21 octets, 76 each. An image transfer erases the marks once and each
/// sector of one area once, and an activation the two sectors of the boot record twice each.
#pragma once

#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

inline constexpr std::uint32_t kSectorSize = 4096;

/// The stretch of `sectors` behind `previous`.
[[nodiscard]] constexpr FlashRegion behind(const FlashRegion& previous, std::uint32_t sectors) {
    return {previous.first_sector + previous.sector_count, sectors};
}

inline constexpr FlashRegion kParameterRegion{0, 8};
inline constexpr FlashRegion kRegisterJournalRegion = behind(kParameterRegion, 16);
inline constexpr FlashRegion kCertificateRegion = behind(kRegisterJournalRegion, 8);
inline constexpr FlashRegion kLoadProfileRegion = behind(kCertificateRegion, 127);
inline constexpr FlashRegion kDailyProfileRegion = behind(kLoadProfileRegion, 22);
inline constexpr FlashRegion kBillingProfileRegion = behind(kDailyProfileRegion, 12);
inline constexpr FlashRegion kVoltageProfileRegion = behind(kBillingProfileRegion, 60);
inline constexpr FlashRegion kStandardLogRegion = behind(kVoltageProfileRegion, 6);
inline constexpr FlashRegion kTariffLogRegion = behind(kStandardLogRegion, 6);
inline constexpr FlashRegion kFraudLogRegion = behind(kTariffLogRegion, 6);
inline constexpr FlashRegion kPowerQualityLogRegion = behind(kFraudLogRegion, 6);
inline constexpr FlashRegion kDisconnectorLogRegion = behind(kPowerQualityLogRegion, 6);
inline constexpr FlashRegion kCommunicationLogRegion = behind(kDisconnectorLogRegion, 6);
inline constexpr FlashRegion kBillingRegion = behind(kCommunicationLogRegion, 4);
/// Two calendars and the special days, each in two sectors that take turns.
inline constexpr FlashRegion kTariffRegion = behind(kBillingRegion, 6);
/// Never erased: 240 entries.
inline constexpr FlashRegion kAuditRegion = behind(kTariffRegion, 4);
inline constexpr FlashRegion kFirstImageRegion = behind(kAuditRegion, 64);
inline constexpr FlashRegion kSecondImageRegion = behind(kFirstImageRegion, 64);
inline constexpr FlashRegion kImageMarkRegion = behind(kSecondImageRegion, 1);
inline constexpr FlashRegion kBootRegion = behind(kImageMarkRegion, 2);
inline constexpr std::uint32_t kFlashSectors = behind(kBootRegion, 0).first_sector;
inline constexpr std::uint32_t kFlashSize = kFlashSectors * kSectorSize;

}  // namespace ferraris::meter
