/// The classes of the object table, one file each.
#pragma once

#include <array>

#include "meter/objects/object_table.hpp"

namespace ferraris::meter {

extern const ClassTable kEnergyRegisterClass;    ///< class 3; address: `energy_address`
extern const ClassTable kQuantityRegisterClass;  ///< class 3; address: `Quantity`
extern const ClassTable kQuantityDataClass;      ///< class 1; address: `Quantity`
extern const ClassTable kTextDataClass;          ///< class 1; address: `Text`
extern const ClassTable kAlarmDataClass;         ///< class 1; address: register << 8 | `AlarmData`
extern const ClassTable kErrorDataClass;         ///< class 1
extern const ClassTable kEventDataClass;         ///< class 1; address: `event_address`
extern const ClassTable kDisturbanceClass;       ///< class 3; address: `DisturbanceDatum` << 8 | `DisturbanceKind`
extern const ClassTable kPulseConstantClass;     ///< class 3, sealed
extern const ClassTable kAuditTrailClass;        ///< class 1
extern const ClassTable kAuditPlacesClass;       ///< class 1
extern const ClassTable kLimitClass;             ///< class 3; address: `LimitDatum` << 8 | limit
extern const ClassTable kTariffTimeClass;        ///< class 3; address: tariff, 0 for all
extern const ClassTable kMaximumDemandClass;     ///< class 4; address: `maximum_address`
extern const ClassTable kVoltageExtremeClass;    ///< class 4; address: `ExtremeVoltage`
extern const ClassTable kDemandRegisterClass;    ///< class 5; address: index of `kDemandChannels`
extern const ClassTable kLastAverageClass;       ///< class 3; address: index of `kDemandChannels`
extern const ClassTable kBillingScriptClass;     ///< class 9
extern const ClassTable kBillingScheduleClass;   ///< class 22
extern const ClassTable kBillingTimeClass;       ///< class 1
extern const ClassTable kBillingLockoutClass;    ///< class 3
extern const ClassTable kPushScriptClass;        ///< class 9
extern const ClassTable kPushScheduleClass;      ///< class 22
extern const ClassTable kPushSetupClass;         ///< class 40; address: `PushCause`
extern const ClassTable kProfileGenericClass;    ///< class 7; address: `ProfileIndex`
extern const ClassTable kBufferEncodingClass;    ///< class 1
extern const ClassTable kCompactDataClass;       ///< class 62; address: instance
extern const ClassTable kWirelessSetupClass;     ///< class 1
extern const ClassTable kWirelessCounterClass;   ///< class 1
extern const ClassTable kImageTransferClass;     ///< class 18
extern const ClassTable kImageScriptClass;       ///< class 9
extern const ClassTable kImageScheduleClass;     ///< class 22
extern const ClassTable kClockClass;             ///< class 8
extern const ClassTable kAssociationClass;       ///< class 15; address: client index, or `kCurrentAssociation`
extern const ClassTable kSapAssignmentClass;     ///< class 17
extern const ClassTable kHdlcSetupClass;         ///< class 23; address: `Port`
extern const ClassTable kLocalPortSetupClass;    ///< class 19; address: `Port`
extern const ClassTable kSubMetersClass;         ///< class 1: the list
extern const ClassTable kSubMetersHeardClass;    ///< class 1: which of them answered
extern const ClassTable kPortProtectionClass;    ///< class 124; address: client index
extern const ClassTable kDataProtectionClass;    ///< class 30
extern const ClassTable kSecuritySetupClass;     ///< class 64; address: client index

// Losses of power that lasted.
extern const ClassTable kPowerFailureCountClass;  ///< class 1
extern const ClassTable kPowerFailureTimeClass;   ///< class 3; address: `PowerFailureTime`

// Tariffs.
extern const ClassTable kActivityCalendarClass;    ///< class 20
extern const ClassTable kSpecialDaysClass;         ///< class 11
extern const ClassTable kTariffScriptClass;        ///< class 9; address: `SwitchTarget`
extern const ClassTable kRegisterActivationClass;  ///< class 6
extern const ClassTable kRippleRelayClass;         ///< class 70
extern const ClassTable kClockShiftLimitClass;     ///< class 3
extern const ClassTable kBatteryClass;             ///< class 3; address: `BatteryDatum`
extern const ClassTable kBatteryInstalledClass;    ///< class 1
extern const ClassTable kFallbackTariffClass;      ///< class 1

// The supply.
extern const ClassTable kDisconnectControlClass;  ///< class 70
extern const ClassTable kRelayButtonClass;        ///< class 1
extern const ClassTable kSupplyScriptClass;       ///< class 9
extern const ClassTable kSupplyScheduleClass;     ///< class 22
extern const ClassTable kLimiterClass;            ///< class 71

// The display.
extern const ClassTable kLcdClass;              ///< class 1
extern const ClassTable kDisplayListClass;      ///< class 1; address: `DisplayListIndex`
extern const ClassTable kDisplaySettingsClass;  ///< class 1
extern const ClassTable kTestModeClass;         ///< class 1
extern const ClassTable kButtonsClass;          ///< class 1

/// Objects that others name.
inline constexpr dlms::LogicalName kRegisterActivation = dlms::obis(0, 0, 14, 0, 0);
inline constexpr dlms::LogicalName kRippleRelay = dlms::obis(0, 1, 96, 3, 10);
inline constexpr dlms::LogicalName kImageTransfer = dlms::obis(0, 0, 44, 0, 0);
inline constexpr dlms::LogicalName kImageScriptTable = dlms::obis(0, 0, 10, 0, 107);
inline constexpr dlms::LogicalName kDisconnectControl = dlms::obis(0, 0, 96, 3, 10);
inline constexpr dlms::LogicalName kSupplyScriptTable = dlms::obis(0, 0, 10, 0, 106);

/// Of the mask of register activation that has the registers of `rate`: its digit.
[[nodiscard]] constexpr std::array<std::uint8_t, 1> mask_name(Rate rate) {
    return {static_cast<std::uint8_t>('0' + rate)};
}

/// The association through which the request came.
inline constexpr std::uint16_t kCurrentAssociationAddress = 0xFF;

/// Strings that identify.
enum class Text : std::uint16_t {
    serial_number,
    type_designation,
    logical_device_name,
    firmware_version,
    firmware_signature,
};

enum class ExtremeVoltage : std::uint16_t { least, greatest };

/// 0-0:96.6.e; the threshold is this meter's.
enum class BatteryDatum : std::uint16_t { use_time, charge, voltage, initial_capacity, remaining_time, threshold };

enum class PowerFailureTime : std::uint8_t { last, threshold };
enum class AlarmData : std::uint8_t { active, filter, descriptor };
/// Of a log: its newest event, that event's value and duration, how many it ever had. Of a code: how often.
enum class EventDatum : std::uint8_t { code, value, duration, log_count, event_count };
enum class DisturbanceDatum : std::uint8_t { threshold, hysteresis, count, duration, extreme };
enum class LimitDatum : std::uint8_t { threshold, hysteresis, delay, count, duration, extreme };

/// `index`: a log, or the code of an event.
template <class Index>
[[nodiscard]] constexpr std::uint16_t event_address(EventDatum datum, Index index) {
    return static_cast<std::uint16_t>(static_cast<unsigned>(datum) << 8U | static_cast<unsigned>(index));
}

/// Maximum demand of a channel in tariff `rate`.
[[nodiscard]] constexpr std::uint16_t maximum_address(std::size_t channel, Rate rate) {
    return static_cast<std::uint16_t>(channel << 8U | rate);
}

/// Sum of `energies` in tariff `rate`.
[[nodiscard]] constexpr std::uint16_t energy_address(EnergyMask energies, Rate rate) {
    return static_cast<std::uint16_t>(energies << 8U | rate);
}

}  // namespace ferraris::meter
