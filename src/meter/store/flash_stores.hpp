/// The stores of the flash by name, for reports about it.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "meter/store/layout.hpp"

namespace ferraris::meter {

/// A store by the name that reports give it.
struct FlashStore {
    std::string_view name{};
    FlashRegion region{};
};
/// All of them, in the order of the flash.
inline constexpr std::array kFlashStores{
    FlashStore{"parameters", kParameterRegion},
    FlashStore{"register journal", kRegisterJournalRegion},
    FlashStore{"certificates", kCertificateRegion},
    FlashStore{"load profile", kLoadProfileRegion},
    FlashStore{"daily profile", kDailyProfileRegion},
    FlashStore{"billing profile", kBillingProfileRegion},
    FlashStore{"voltage profile", kVoltageProfileRegion},
    FlashStore{"standard log", kStandardLogRegion},
    FlashStore{"tariff log", kTariffLogRegion},
    FlashStore{"fraud log", kFraudLogRegion},
    FlashStore{"power quality log", kPowerQualityLogRegion},
    FlashStore{"disconnector log", kDisconnectorLogRegion},
    FlashStore{"communication log", kCommunicationLogRegion},
    FlashStore{"billing periods", kBillingRegion},
    FlashStore{"tariff tables", kTariffRegion},
    FlashStore{"audit trail", kAuditRegion},
    FlashStore{"first image", kFirstImageRegion},
    FlashStore{"second image", kSecondImageRegion},
    FlashStore{"image marks", kImageMarkRegion},
    FlashStore{"boot record", kBootRegion},
};
static_assert(std::equal(kFlashStores.begin(), kFlashStores.end() - 1, kFlashStores.begin() + 1, kFlashStores.end(),
                         [](const FlashStore& store, const FlashStore& next) {
                             return behind(store.region, 0).first_sector == next.region.first_sector;
                         }) &&
                  behind(kFlashStores.back().region, 0).first_sector == kFlashSectors,
              "no sector without a store, none with two");

}  // namespace ferraris::meter
