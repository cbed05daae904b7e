#include "meter/objects/object_table.hpp"

#include <algorithm>
#include <array>

#include "meter/event/change_events.hpp"
#include "meter/objects/buttons_name.hpp"
#include "meter/objects/classes.hpp"
#include "meter/objects/parameter_class.hpp"
#include "meter/objects/quantities.hpp"
#include "meter/push/push_setup.hpp"
#include "meter/tariff/calendar_data.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using metrology::DisturbanceKind;
using metrology::Energy;

constexpr ObjectRow text(dlms::LogicalName name, Text what) {
    return {name, &kTextDataClass, static_cast<std::uint16_t>(what), &access::kEverybodyReads};
}

constexpr ObjectRow data(dlms::LogicalName name, Quantity what, const Access& rights = access::kAuthenticatedRead) {
    return {name, &kQuantityDataClass, static_cast<std::uint16_t>(what), &rights};
}

constexpr ObjectRow value(std::uint8_t c, std::uint8_t d, std::uint8_t e, Quantity what) {
    return {obis(1, 0, c, d, e), &kQuantityRegisterClass, static_cast<std::uint16_t>(what),
            &access::kAuthenticatedRead};
}

constexpr ObjectRow extreme_voltage(std::uint8_t d, ExtremeVoltage which) {
    return {obis(1, 0, 32, d, 0), &kVoltageExtremeClass, static_cast<std::uint16_t>(which),
            &access::kAuthenticatedRead};
}

constexpr ObjectRow association(std::uint8_t e, std::uint16_t client, const Access& rights) {
    return {obis(0, 0, 40, 0, e), &kAssociationClass, client, &rights};
}

constexpr ObjectRow push_setup(PushCause cause) {
    const auto index = static_cast<std::size_t>(cause);
    return {kPushSetups[index].name, &kPushSetupClass, static_cast<std::uint16_t>(index), &access::kPush};
}

/// Register, filter or descriptor of alarm register `index`: 0-0:97.98.0, .10 and .20 of the first.
constexpr ObjectRow alarm(std::uint8_t index, AlarmData what) {
    const auto e = static_cast<std::uint8_t>(10 * static_cast<unsigned>(what) + index);
    return {obis(0, 0, 97, 98, e), &kAlarmDataClass,
            static_cast<std::uint16_t>(static_cast<unsigned>(index) << 8U | static_cast<unsigned>(what)),
            &access::kAlarms};
}

constexpr ObjectRow event_count(std::uint8_t d, std::uint8_t e, Event event) {
    return {obis(0, 0, 96, d, e), &kEventDataClass, event_address(EventDatum::event_count, event),
            &access::kAuthenticatedRead};
}

constexpr ObjectRow power_failure_time(std::uint8_t e, PowerFailureTime which) {
    return {obis(0, 0, 96, 7, e), &kPowerFailureTimeClass, static_cast<std::uint16_t>(which),
            which == PowerFailureTime::threshold ? &access::kLimit : &access::kAuthenticatedRead};
}

constexpr ObjectRow profile(dlms::LogicalName name, ProfileIndex index) {
    return {name, &kProfileGenericClass, static_cast<std::uint16_t>(index), &access::kProfile};
}

/// 1-0:c.d.e of a sag, a swell or an interruption.
constexpr ObjectRow disturbance(std::uint8_t c, std::uint8_t d, std::uint8_t e, metrology::DisturbanceKind kind,
                                DisturbanceDatum datum) {
    const bool is_set = datum == DisturbanceDatum::threshold || datum == DisturbanceDatum::hysteresis;
    return {obis(1, 0, c, d, e), &kDisturbanceClass,
            static_cast<std::uint16_t>(static_cast<unsigned>(datum) << 8U | static_cast<unsigned>(kind)),
            is_set ? &access::kLimit : &access::kAuthenticatedRead};
}

/// 0-0:96.6.e.
constexpr ObjectRow battery(std::uint8_t e, BatteryDatum datum) {
    return {obis(0, 0, 96, 6, e), &kBatteryClass, static_cast<std::uint16_t>(datum),
            datum == BatteryDatum::threshold ? &access::kLimit : &access::kAuthenticatedRead};
}

constexpr ObjectRow login_protection(std::size_t client) {
    return {obis(0, 0, 44, 2, static_cast<std::uint8_t>(client + 1)), &kPortProtectionClass,
            static_cast<std::uint16_t>(client), &access::kLoginProtection};
}

constexpr ObjectRow hdlc_setup(Port port) {
    const auto number = static_cast<std::uint8_t>(port);
    return {obis(0, number, 22, 0, 0), &kHdlcSetupClass, number, &access::kPortSetup};
}

constexpr ObjectRow local_port_setup(Port port) {
    const auto number = static_cast<std::uint8_t>(port);
    return {obis(0, number, 20, 0, 0), &kLocalPortSetupClass, number, &access::kLocalPortSetup};
}

constexpr ObjectRow display_list(std::uint8_t e, DisplayListIndex index) {
    return {obis(0, 0, 128, 30, e), &kDisplayListClass, static_cast<std::uint16_t>(index), &access::kDisplaySetup};
}

constexpr ObjectRow scripts(const dlms::LogicalName& name, SwitchTarget target) {
    return {name, &kTariffScriptClass, static_cast<std::uint16_t>(target), &access::kSwitching};
}

/// An energy and its six tariffs: 1-0:c.8.e.
struct EnergyRow {
    std::uint8_t c;
    unsigned energies;
};

constexpr std::array kEnergyRows{
    EnergyRow{1, mask_of(Energy::active_import)},
    EnergyRow{2, mask_of(Energy::active_export)},
    EnergyRow{3, mask_of(Energy::reactive_q1) | mask_of(Energy::reactive_q2)},
    EnergyRow{4, mask_of(Energy::reactive_q3) | mask_of(Energy::reactive_q4)},
    EnergyRow{5, mask_of(Energy::reactive_q1)},
    EnergyRow{6, mask_of(Energy::reactive_q2)},
    EnergyRow{7, mask_of(Energy::reactive_q3)},
    EnergyRow{8, mask_of(Energy::reactive_q4)},
    EnergyRow{9, mask_of(Energy::apparent_import)},
    EnergyRow{10, mask_of(Energy::apparent_export)},
    EnergyRow{15, mask_of(Energy::active_import) | mask_of(Energy::active_export)},
};

/// 1-0:c.4.0, c.5.0 and c.6.e of a demand, and 0-0:96.8.e.
constexpr std::size_t kDemandRowCount = kDemandChannelCount * (2 + kRateCount + 1) + kRateCount + 1;

template <class Out>
constexpr Out put_demand_rows(Out next) {
    const auto put = [&next](dlms::LogicalName name, const ClassTable& object_class, std::uint16_t address,
                             const Access& rights) {
        *next++ = ObjectRow{name, &object_class, address, &rights};
    };
    for (std::size_t i = 0; i < kDemandChannelCount; ++i) {
        const std::uint8_t c = kDemandChannels[i].c;
        const auto channel = static_cast<std::uint16_t>(i);
        put(obis(1, 0, c, 4, 0), kDemandRegisterClass, channel, access::kDemand);
        put(obis(1, 0, c, 5, 0), kLastAverageClass, channel, access::kAuthenticatedRead);
        for (Rate rate = 0; rate <= kRateCount; ++rate) {
            put(obis(1, 0, c, 6, rate), kMaximumDemandClass, maximum_address(i, rate), access::kAuthenticatedRead);
        }
    }
    for (Rate rate = 0; rate <= kRateCount; ++rate) {
        put(obis(0, 0, 96, 8, rate), kTariffTimeClass, rate, access::kAuthenticatedRead);
    }
    return next;
}

constexpr std::array kSingleRows{
    ObjectRow{obis(0, 0, 1, 0, 0), &kClockClass, 0, &access::kClock},
    ObjectRow{kPushScriptTable, &kPushScriptClass, 0, &access::kPush},
    ObjectRow{obis(0, 0, 10, 0, 1), &kBillingScriptClass, 0, &access::kBilling},
    ObjectRow{obis(0, 0, 15, 0, 0), &kBillingScheduleClass, 0, &access::kBilling},
    scripts(kTariffScriptTable, SwitchTarget::tariff),
    scripts(kRelayScriptTable, SwitchTarget::relay),
    ObjectRow{obis(0, 0, 11, 0, 0), &kSpecialDaysClass, 0, &access::kTariffs},
    ObjectRow{obis(0, 0, 13, 0, 0), &kActivityCalendarClass, 0, &access::kTariffs},
    ObjectRow{kRegisterActivation, &kRegisterActivationClass, 0, &access::kTariffs},
    ObjectRow{kDisconnectControl, &kDisconnectControlClass, 0, &access::kSupply},
    ObjectRow{obis(0, 0, 24, 4, 0), &kDisconnectControlClass, 0, &access::kSupply},
    ObjectRow{obis(0, 0, 128, 24, 0), &kRelayButtonClass, 0, &access::kLimit},
    ObjectRow{kSupplyScriptTable, &kSupplyScriptClass, 0, &access::kSwitching},
    ObjectRow{obis(0, 0, 15, 0, 1), &kSupplyScheduleClass, 0, &access::kSupplySchedule},
    ObjectRow{obis(0, 0, 17, 0, 0), &kLimiterClass, 0, &access::kLimiter},
    ObjectRow{kRippleRelay, &kRippleRelayClass, 0, &access::kSwitching},
    ObjectRow{obis(0, 0, 128, 14, 0), &kFallbackTariffClass, 0, &access::kTariffs},
    ObjectRow{kImageTransfer, &kImageTransferClass, 0, &access::kImage},
    ObjectRow{kImageScriptTable, &kImageScriptClass, 0, &access::kImageSchedule},
    ObjectRow{obis(0, 0, 15, 0, 2), &kImageScheduleClass, 0, &access::kImageSchedule},
    ObjectRow{obis(0, 0, 15, 0, 4), &kPushScheduleClass, 0, &access::kPush},
    local_port_setup(Port::optical),
    local_port_setup(Port::rs485),
    hdlc_setup(Port::optical),
    hdlc_setup(Port::rs485),
    hdlc_setup(Port::module),
    ObjectRow{obis(0, 1, 128, 20, 0), &kSubMetersClass, 0, &access::kLimit},
    ObjectRow{obis(0, 1, 128, 20, 1), &kSubMetersHeardClass, 0, &access::kAuthenticatedRead},
    push_setup(PushCause::power_up),
    push_setup(PushCause::schedule),
    push_setup(PushCause::alarm),
    association(0, kCurrentAssociationAddress, access::kCurrentAssociation),
    association(1, kUtilityIndex, access::kAssociation),
    association(2, kReaderIndex, access::kAssociation),
    association(3, kTechnicianIndex, access::kAssociation),
    association(4, 3, access::kPublicAssociation),
    ObjectRow{obis(0, 0, 41, 0, 0), &kSapAssignmentClass, 0, &access::kEverybodyReads},
    text(obis(0, 0, 42, 0, 0), Text::logical_device_name),
    ObjectRow{obis(0, 0, 43, 0, 1), &kSecuritySetupClass, kUtilityIndex, &access::kUtilitySecurity},
    ObjectRow{obis(0, 0, 43, 0, 3), &kSecuritySetupClass, kTechnicianIndex, &access::kTechnicianSecurity},
    ObjectRow{obis(0, 0, 43, 2, 0), &kDataProtectionClass, 0, &access::kDataProtection},
    login_protection(kUtilityIndex),
    login_protection(kReaderIndex),
    login_protection(kTechnicianIndex),
    data(obis(0, 0, 43, 1, 1), Quantity::utility_counter, access::kEverybodyReads),
    data(obis(0, 0, 43, 1, 3), Quantity::technician_counter, access::kEverybodyReads),
    text(obis(0, 0, 96, 1, 0), Text::serial_number),
    text(obis(0, 0, 96, 1, 1), Text::type_designation),
    data(obis(0, 0, 96, 5, 1), Quantity::active_anti_creep),
    data(obis(0, 0, 96, 5, 2), Quantity::reactive_anti_creep),
    battery(0, BatteryDatum::use_time),
    battery(1, BatteryDatum::charge),
    battery(3, BatteryDatum::voltage),
    battery(4, BatteryDatum::initial_capacity),
    ObjectRow{obis(0, 0, 96, 6, 5), &kBatteryInstalledClass, 0, &access::kService},
    battery(6, BatteryDatum::remaining_time),
    battery(131, BatteryDatum::threshold),
    data(obis(0, 0, 96, 10, 1), Quantity::profile_status),
    data(obis(0, 0, 96, 14, 0), Quantity::active_tariff),
    ObjectRow{obis(0, 0, 97, 97, 0), &kErrorDataClass, 0, &access::kAlarms},
    alarm(0, AlarmData::active),
    data(obis(1, 0, 0, 1, 0), Quantity::billing_period_counter),
    ObjectRow{obis(1, 0, 0, 1, 2), &kBillingTimeClass, 0, &access::kAuthenticatedRead},
    alarm(0, AlarmData::filter),
    alarm(0, AlarmData::descriptor),
    alarm(1, AlarmData::active),
    alarm(1, AlarmData::filter),
    alarm(1, AlarmData::descriptor),
    ObjectRow{obis(0, 0, 96, 128, 0), &kAuditTrailClass, 0, &access::kAuthenticatedRead},
    ObjectRow{obis(0, 0, 96, 128, 1), &kAuditPlacesClass, 0, &access::kAuthenticatedRead},
    event_count(7, 21, Event::power_up),
    ObjectRow{obis(0, 0, 96, 7, 9), &kPowerFailureCountClass, 0, &access::kAuthenticatedRead},
    power_failure_time(19, PowerFailureTime::last),
    power_failure_time(20, PowerFailureTime::threshold),
    event_count(20, 0, Event::meter_cover_removed),
    event_count(20, 5, Event::terminal_cover_removed),
    event_count(20, 15, Event::magnetic_field_began),
    event_count(20, 128, Event::battery_cover_removed),
    event_count(20, 129, Event::ripple_relay_cover_removed),
    profile(obis(0, 0, 99, 98, 1), ProfileIndex::standard_log),
    profile(obis(0, 0, 99, 98, 2), ProfileIndex::tou_log),
    profile(obis(0, 0, 99, 98, 3), ProfileIndex::fraud_log),
    profile(obis(0, 0, 99, 98, 4), ProfileIndex::power_quality_log),
    profile(obis(0, 0, 99, 98, 5), ProfileIndex::communication_log),
    profile(obis(0, 0, 99, 98, 6), ProfileIndex::disconnector_log),
    text(obis(1, 0, 0, 2, 0), Text::firmware_version),
    text(obis(1, 0, 0, 2, 8), Text::firmware_signature),
    ObjectRow{kPulseConstant.instance, &kPulseConstantClass, 0, &access::kLimit},
    ObjectRow{obis(1, 0, 0, 9, 11), &kClockShiftLimitClass, 0, &access::kTariffs},
    value(0, 3, 1, Quantity::reactive_constant),
    ObjectRow{obis(1, 0, 0, 9, 13), &kBillingLockoutClass, 0, &access::kBillingLockout},
    value(1, 7, 0, Quantity::active_power_import),
    value(2, 7, 0, Quantity::active_power_export),
    value(3, 7, 0, Quantity::reactive_power_import),
    value(4, 7, 0, Quantity::reactive_power_export),
    value(9, 7, 0, Quantity::apparent_power),
    value(11, 7, 124, Quantity::thd_current),
    value(12, 7, 124, Quantity::thd_voltage),
    value(13, 7, 0, Quantity::power_factor),
    value(14, 7, 0, Quantity::frequency),
    value(16, 7, 0, Quantity::active_power_sum),
    disturbance(12, 31, 0, DisturbanceKind::sag, DisturbanceDatum::threshold),
    disturbance(12, 35, 0, DisturbanceKind::swell, DisturbanceDatum::threshold),
    disturbance(12, 39, 1, DisturbanceKind::interruption, DisturbanceDatum::threshold),
    disturbance(12, 131, 0, DisturbanceKind::sag, DisturbanceDatum::hysteresis),
    disturbance(32, 32, 0, DisturbanceKind::sag, DisturbanceDatum::count),
    disturbance(32, 33, 0, DisturbanceKind::sag, DisturbanceDatum::duration),
    disturbance(32, 34, 0, DisturbanceKind::sag, DisturbanceDatum::extreme),
    disturbance(32, 36, 0, DisturbanceKind::swell, DisturbanceDatum::count),
    disturbance(32, 37, 0, DisturbanceKind::swell, DisturbanceDatum::duration),
    disturbance(32, 38, 0, DisturbanceKind::swell, DisturbanceDatum::extreme),
    disturbance(32, 40, 1, DisturbanceKind::interruption, DisturbanceDatum::count),
    disturbance(32, 41, 1, DisturbanceKind::interruption, DisturbanceDatum::duration),
    disturbance(32, 42, 1, DisturbanceKind::interruption, DisturbanceDatum::extreme),
    value(31, 7, 0, Quantity::current),
    value(31, 24, 0, Quantity::current_average),
    value(31, 25, 0, Quantity::current_last_average),
    extreme_voltage(3, ExtremeVoltage::least),
    extreme_voltage(6, ExtremeVoltage::greatest),
    value(32, 7, 0, Quantity::voltage),
    value(32, 24, 0, Quantity::voltage_average),
    value(32, 25, 0, Quantity::voltage_last_average),
    ObjectRow{obis(0, 0, 66, 0, 1), &kCompactDataClass, 0, &access::kCompactData},
    ObjectRow{obis(0, 0, 66, 0, 2), &kCompactDataClass, 1, &access::kCompactData},
    profile(obis(0, 0, 98, 1, 0), ProfileIndex::billing),
    ObjectRow{obis(0, 0, 128, 7, 0), &kBufferEncodingClass, 0, &access::kBufferEncoding},
    ObjectRow{obis(0, 0, 128, 8, 0), &kWirelessSetupClass, 0, &access::kLimit},
    ObjectRow{obis(0, 0, 128, 8, 1), &kWirelessCounterClass, 0, &access::kAuthenticatedRead},
    ObjectRow{obis(0, 0, 128, 30, 0), &kLcdClass, 0, &access::kAuthenticatedRead},
    display_list(1, DisplayListIndex::normal),
    display_list(2, DisplayListIndex::service),
    ObjectRow{obis(0, 0, 128, 30, 3), &kDisplaySettingsClass, 0, &access::kDisplaySetup},
    ObjectRow{obis(0, 0, 128, 30, 4), &kTestModeClass, 0, &access::kDisplayCommand},
    ObjectRow{kButtons, &kButtonsClass, 0, &access::kDisplayCommand},
    profile(obis(1, 0, 99, 1, 0), ProfileIndex::load),
    profile(obis(1, 0, 99, 2, 0), ProfileIndex::daily),
    profile(obis(1, 0, 99, 3, 0), ProfileIndex::billing),
    profile(obis(1, 0, 99, 4, 0), ProfileIndex::voltage),
};

/// What each log has besides its rows: 0-0:96.11.e, .(128+e) and .(144+e), 0-0:96.15.e.
struct LogDatumRow {
    EventDatum datum;
    std::uint8_t d;
    std::uint8_t first_e;
};
constexpr std::array kLogDatumRows{
    LogDatumRow{EventDatum::code, 11, 0},
    LogDatumRow{EventDatum::value, 11, 128},
    LogDatumRow{EventDatum::duration, 11, 144},
    LogDatumRow{EventDatum::log_count, 15, 0},
};

/// Value group D of what belongs to a limit, for what is too little; too much is 4 further, what is missing 8. Delays
/// are next to each other.
struct LimitDatumRow {
    LimitDatum datum;
    std::uint8_t d;
    std::uint8_t step;
    bool by_phase;
    const Access* access;
};
constexpr std::array kLimitDatumRows{
    LimitDatumRow{LimitDatum::threshold, 31, 4, false, &access::kLimit},
    LimitDatumRow{LimitDatum::hysteresis, 131, 4, false, &access::kLimit},
    LimitDatumRow{LimitDatum::delay, 43, 1, false, &access::kLimit},
    LimitDatumRow{LimitDatum::count, 32, 4, true, &access::kAuthenticatedRead},
    LimitDatumRow{LimitDatum::duration, 33, 4, true, &access::kAuthenticatedRead},
    LimitDatumRow{LimitDatum::extreme, 34, 4, true, &access::kAuthenticatedRead},
};

constexpr ObjectRow limit_row(const LimitDatumRow& datum, std::size_t index) {
    const LimitRow& limit = kLimits[index];
    const auto d = static_cast<std::uint8_t>(datum.d + datum.step * static_cast<unsigned>(limit.kind));
    return {obis(1, 0, datum.by_phase ? limit.quantity->c_phase : limit.quantity->c, d, limit.e), &kLimitClass,
            static_cast<std::uint16_t>(static_cast<unsigned>(datum.datum) << 8U | index), datum.access};
}

constexpr auto kTable = [] {
    std::array<ObjectRow, kSingleRows.size() + kEnergyRows.size() * (kRateCount + 1) +
                              kLogDatumRows.size() * kEventLogCount + kLimitDatumRows.size() * kLimitCount +
                              kDemandRowCount>
        table{};
    auto next = put_demand_rows(std::copy(kSingleRows.begin(), kSingleRows.end(), table.begin()));
    for (const EnergyRow& energy : kEnergyRows) {
        for (Rate rate = 0; rate <= kRateCount; ++rate) {
            const std::uint16_t address = energy_address(static_cast<EnergyMask>(energy.energies), rate);
            *next++ = {obis(1, 0, energy.c, 8, rate), &kEnergyRegisterClass, address, &access::kAuthenticatedRead};
        }
    }
    for (const LogDatumRow& row : kLogDatumRows) {
        for (std::uint8_t log = 0; log < kEventLogCount; ++log) {
            *next++ = {obis(0, 0, 96, row.d, static_cast<std::uint8_t>(row.first_e + log + 1)), &kEventDataClass,
                       event_address(row.datum, log), &access::kAuthenticatedRead};
        }
    }
    for (const LimitDatumRow& row : kLimitDatumRows) {
        for (std::size_t i = 0; i < kLimitCount; ++i) *next++ = limit_row(row, i);
    }
    std::sort(table.begin(), table.end(), [](const ObjectRow& a, const ObjectRow& b) { return a.name < b.name; });
    return table;
}();

static_assert(std::adjacent_find(kTable.begin(), kTable.end(),
                                 [](const ObjectRow& a, const ObjectRow& b) { return !(a.name < b.name); }) ==
                  kTable.end(),
              "sorted by logical name, each name once");

constexpr int kFirstOwnAttribute = 2;

const AttributeRow* attribute_row(const ClassTable& object_class, int attribute) {
    const auto index = static_cast<std::size_t>(attribute - kFirstOwnAttribute);
    if (attribute < kFirstOwnAttribute || index >= object_class.attributes.size()) return nullptr;
    return &object_class.attributes[index];
}

/// What `rights` leave of what the class offers.
std::uint8_t attribute_mode(const ClassTable& object_class, const Rights& rights, int attribute) {
    if (attribute == 1) return rights.may_read(1) ? access_mode::kRead : 0;
    const AttributeRow& row = *attribute_row(object_class, attribute);
    const bool reads = rights.may_read(attribute) && (row.value != nullptr || row.stream != nullptr);
    const bool writes = rights.may_write(attribute) && row.take != nullptr;
    if (!reads && !writes) return 0;
    return static_cast<std::uint8_t>((reads ? access_mode::kRead : 0U) | (writes ? access_mode::kWrite : 0U) |
                                     (rights.protects_attribute(attribute) ? access_mode::kProtected : 0U));
}

std::uint8_t method_mode(const Rights& rights, int method) {
    if (!rights.may_invoke(method)) return 0;
    return static_cast<std::uint8_t>(access_mode::kInvoke |
                                     (rights.protects_method(method) ? access_mode::kProtected : 0U));
}

/// An association object is as its version has it; all else as its class.
std::uint8_t version_of(const ClassTable& object_class, AssociationVersion associations) {
    return object_class.class_id == AssociationVersion::kClassId ? associations.number : object_class.version;
}
int last_attribute_of(const ClassTable& object_class, AssociationVersion associations) {
    const auto last = static_cast<int>(object_class.attributes.size()) + 1;
    return object_class.class_id == AssociationVersion::kClassId ? associations.last_attribute() : last;
}
int last_method_of(const ClassTable& object_class, AssociationVersion associations) {
    const auto last = static_cast<int>(object_class.methods.size());
    return object_class.class_id == AssociationVersion::kClassId ? associations.last_method() : last;
}

bool is_well_protected(const Context& context) { return context.caller.protection.covers({true, true}); }

void write_selectors(std::span<const std::int8_t> selectors, dlms::DataWriter& out) {
    if (selectors.empty()) return out.null_data();
    out.array(selectors.size());
    for (const std::int8_t selector : selectors) out.integer(selector);
}

void write_object(const ObjectRow& row, Level level, AssociationVersion associations, dlms::DataWriter& out) {
    const ClassTable& object_class = *row.object_class;
    const Rights& rights = row.access->of(level);
    const int last_attribute = last_attribute_of(object_class, associations);
    const int last_method = last_method_of(object_class, associations);
    out.structure(4);
    out.long_unsigned(object_class.class_id);
    out.unsigned_(version_of(object_class, associations));
    out.octet_string(row.name);
    out.structure(2);
    out.array(static_cast<std::size_t>(last_attribute));
    for (int attribute = 1; attribute <= last_attribute; ++attribute) {
        const AttributeRow* own = attribute_row(object_class, attribute);
        out.structure(3);
        out.integer(static_cast<std::int8_t>(attribute));
        out.enum_(associations.attribute_mode(attribute_mode(object_class, rights, attribute)));
        write_selectors(own == nullptr ? std::span<const std::int8_t>{} : own->selectors, out);
    }
    out.array(static_cast<std::size_t>(last_method));
    for (int method = 1; method <= last_method; ++method) {
        out.structure(2);
        out.integer(static_cast<std::int8_t>(method));
        out.enum_(associations.method_mode(method_mode(rights, method)));
    }
}

}  // namespace

std::span<const ObjectRow> object_table() { return kTable; }

const ObjectRow* find_object(const dlms::LogicalName& name) {
    const auto found =
        std::lower_bound(kTable.begin(), kTable.end(), name,
                         [](const ObjectRow& row, const dlms::LogicalName& key) { return row.name < key; });
    return found != kTable.end() && found->name == name ? &*found : nullptr;
}

dlms::ReadOutcome read_attribute(const Context& context, int attribute, const dlms::Selection* selection,
                                 dlms::ReadCursor& cursor, ByteWriter& out) {
    const ClassTable& object_class = *context.row.object_class;
    const Rights& rights = context.row.access->of(context.level);
    if (attribute < 1 || attribute > last_attribute_of(object_class, context.meter.association_version) ||
        (attribute_mode(object_class, rights, attribute) & access_mode::kRead) == 0 ||
        (rights.protects_attribute(attribute) && !is_well_protected(context))) {
        return dlms::ReadOutcome::failed(DataAccessResult::read_write_denied);
    }
    if (attribute == 1) {
        return write_whole(cursor, out, [&](dlms::DataWriter& data) { data.octet_string(context.row.name); });
    }
    const AttributeRow& row = *attribute_row(object_class, attribute);
    if (row.stream != nullptr) return row.stream(context, selection, cursor, out);
    if (selection != nullptr) return dlms::ReadOutcome::failed(DataAccessResult::type_unmatched);
    return write_whole(cursor, out, [&](dlms::DataWriter& data) { row.value(context, data); });
}

DataAccessResult write_attribute(const Context& context, int attribute, ByteView value) {
    const AttributeRow* row = attribute_row(*context.row.object_class, attribute);
    const Rights& rights = context.row.access->of(context.level);
    if (row == nullptr || row->take == nullptr || !rights.may_write(attribute) ||
        (rights.protects_attribute(attribute) && !is_well_protected(context))) {
        return DataAccessResult::read_write_denied;
    }
    const bool sealed = parameter_class(context.row, attribute) == ParameterClass::sealed;
    if (sealed && !seal_allows(context.meter.audit_trail)) return DataAccessResult::read_write_denied;
    const DataAccessResult result = row->take(context, value);
    if (result != DataAccessResult::success) return result;
    const dlms::AttributeDescriptor changed{context.row.object_class->class_id, context.row.name,
                                            static_cast<std::int8_t>(attribute)};
    const auto event = event_of_write(changed, context.caller.association.client_sap);
    if (event) context.meter.report(*event);
    return result;
}

ActionResult invoke_method(const Context& context, int method, ByteView parameters, ByteWriter& out) {
    const ClassTable& object_class = *context.row.object_class;
    const Rights& rights = context.row.access->of(context.level);
    if (method < 1 || method > last_method_of(object_class, context.meter.association_version) ||
        !rights.may_invoke(method) || (rights.protects_method(method) && !is_well_protected(context))) {
        return ActionResult::read_write_denied;
    }
    const ActionResult result = object_class.methods[static_cast<std::size_t>(method - 1)](context, parameters, out);
    if (result != ActionResult::success) return result;
    const dlms::MethodDescriptor called{object_class.class_id, context.row.name, static_cast<std::int8_t>(method)};
    const auto event = event_of_call(called, context.caller.association.client_sap);
    if (event) context.meter.report(*event);
    return result;
}

dlms::ReadOutcome write_object_list(const Instrument& meter, std::size_t client, dlms::ReadCursor& cursor,
                                    ByteWriter& out) {
    const Level level = kClients[client].level;
    const auto visible = [&](const ObjectRow& row) {
        return row.access->of(level).any() && !meter.associations[client].has_removed(row.name);
    };
    // A list that was changed half-way would promise a number of elements that it does not have.
    if (cursor.at_start()) cursor.first = meter.associations_revision;
    if (cursor.first != meter.associations_revision) {
        return dlms::ReadOutcome::failed(DataAccessResult::long_get_aborted);
    }
    // Element 0 is the head of the array; then one for each row of the table, empty where nothing may be done with it.
    return write_elements(cursor, static_cast<std::uint32_t>(kTable.size()) + 1, out,
                          [&](std::uint32_t index, dlms::DataWriter& list) {
                              if (index == 0) {
                                  list.array(static_cast<std::size_t>(std::ranges::count_if(kTable, visible)));
                              } else if (visible(kTable[index - 1])) {
                                  write_object(kTable[index - 1], level, meter.association_version, list);
                              }
                          });
}

bool is_list_element(const ObjectRow& row, Level level, AssociationVersion associations, ByteView element) {
    // 14 attributes with two selectors each and as many methods stay well below.
    std::array<std::uint8_t, 512> octets{};
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    write_object(row, level, associations, data);
    return !out.overflowed() && equal(out.written(), element);
}

}  // namespace ferraris::meter
