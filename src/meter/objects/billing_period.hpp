/// Value group F of a logical name: which billing period a value is of (IEC 62056-6-1).
#pragma once

#include <optional>

#include "meter/objects/object_table.hpp"

namespace ferraris::meter {

inline constexpr std::uint8_t kPresentPeriod = 255;
inline constexpr std::size_t kBillingPeriodGroup = 5;

/// What the billing period that `context` asks about ended with; nothing for the present one.
[[nodiscard]] inline std::optional<BillingRecord> ended_period(const Context& context) {
    const std::uint8_t f = context.row.name.groups[kBillingPeriodGroup];
    BillingRecord record;
    if (f == kPresentPeriod || !context.meter.billing.read(f, record)) return std::nullopt;
    return record;
}

}  // namespace ferraris::meter
