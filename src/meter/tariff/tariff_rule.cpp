#include "meter/tariff/tariff_rule.hpp"

#include <array>

namespace ferraris::meter {
namespace {

constexpr Rate kHigh = 2;
constexpr Rate kLow = 3;

// By hour of the local day: low from 22:00 to 6:00 and over noon.
constexpr std::array<Rate, 24> kRateByHour{kLow,  kLow,  kLow,  kLow,  kLow,  kLow,  kHigh, kHigh,
                                           kHigh, kHigh, kHigh, kHigh, kHigh, kLow,  kLow,  kHigh,
                                           kHigh, kHigh, kHigh, kHigh, kHigh, kHigh, kLow,  kLow};

}  // namespace

Rate tariff_at(const CivilTime& local) { return kRateByHour[local.hour]; }

}  // namespace ferraris::meter
