#include "meter/profile/profile_table.hpp"

#include "meter/registers/energy_registers.hpp"

namespace ferraris::meter {
namespace {

using dlms::CaptureObject;
using dlms::obis;

constexpr CaptureObject register_value(std::uint8_t c, std::uint8_t d, std::uint8_t e) {
    return {{3, obis(1, 0, c, d, e), 2}, 0};
}

/// The six channels of the load profile.
constexpr std::array kLoadColumns{
    kStampColumn,
    kStatusColumn,
    register_value(1, 8, 0),
    register_value(2, 8, 0),
    register_value(5, 8, 0),
    register_value(6, 8, 0),
    register_value(7, 8, 0),
    register_value(8, 8, 0),
};

/// Active energy, both ways, total and by tariff; reactive energy.
constexpr auto kRegisterColumns = [] {
    constexpr std::array<std::uint8_t, 2> kByTariff{1, 2};
    constexpr std::array<std::uint8_t, 4> kTotals{5, 6, 7, 8};
    std::array<CaptureObject, 2 + kByTariff.size() * (kRateCount + 1) + kTotals.size()> columns{kStampColumn,
                                                                                                kStatusColumn};
    std::size_t next = 2;
    for (const std::uint8_t c : kByTariff) {
        for (Rate rate = 0; rate <= kRateCount; ++rate) columns[next++] = register_value(c, 8, rate);
    }
    for (const std::uint8_t c : kTotals) columns[next++] = register_value(c, 8, 0);
    return columns;
}();

/// The average of the ten minutes that end with the row; least and greatest voltage of the day so far.
constexpr std::array kVoltageColumns{
    kStampColumn,
    kStatusColumn,
    register_value(32, 25, 0),
    CaptureObject{{4, obis(1, 0, 32, 3, 0), 2}, 0},
    CaptureObject{{4, obis(1, 0, 32, 6, 0), 2}, 0},
};

/// Of log `e`, 0-0:99.98.e: the event, its value and its duration.
constexpr std::array<CaptureObject, 5> event_columns(std::uint8_t e) {
    const auto datum = [e](std::uint8_t first) {
        return CaptureObject{{1, obis(0, 0, 96, 11, static_cast<std::uint8_t>(first + e)), 2}, 0};
    };
    return {kStampColumn, kStatusColumn, datum(0), datum(128), datum(144)};
}
constexpr std::array<std::array<CaptureObject, 5>, 6> kEventColumns{
    event_columns(1), event_columns(2), event_columns(3), event_columns(4), event_columns(5), event_columns(6)};
constexpr std::uint32_t kLogEntries = 200;

// In the order of `ProfileIndex`.
constexpr std::array<ProfileDefinition, kProfileCount> kProfiles{{
    {kLoadProfileRegion, 0x4C50, 8640, ProfileTrigger::period, 900, kLoadColumns},
    {kDailyProfileRegion, 0x4450, 400, ProfileTrigger::local_midnight, kDay, kRegisterColumns},
    {kBillingProfileRegion, 0x4250, 36, ProfileTrigger::call, 0, kRegisterColumns},
    {kVoltageProfileRegion, 0x5650, 10'080, ProfileTrigger::period, 600, kVoltageColumns},
    {kStandardLogRegion, 0x4531, kLogEntries, ProfileTrigger::call, 0, kEventColumns[0]},
    {kTariffLogRegion, 0x4532, kLogEntries, ProfileTrigger::call, 0, kEventColumns[1]},
    {kFraudLogRegion, 0x4533, kLogEntries, ProfileTrigger::call, 0, kEventColumns[2]},
    {kPowerQualityLogRegion, 0x4534, kLogEntries, ProfileTrigger::call, 0, kEventColumns[3]},
    {kCommunicationLogRegion, 0x4535, kLogEntries, ProfileTrigger::call, 0, kEventColumns[4]},
    {kDisconnectorLogRegion, 0x4536, kLogEntries, ProfileTrigger::call, 0, kEventColumns[5]},
}};

}  // namespace

const ProfileDefinition& profile_definition(ProfileIndex index) { return kProfiles[static_cast<std::size_t>(index)]; }

}  // namespace ferraris::meter
