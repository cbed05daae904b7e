#include "meter/objects/object_table.hpp"

#include <algorithm>
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/objects/quantities.hpp"
#include "meter/push/push_setup.hpp"
#include "meter/tariff/calendar_data.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
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

constexpr ObjectRow alarm(std::uint8_t e, AlarmData what) {
    return {obis(0, 0, 97, 98, e), &kAlarmDataClass, static_cast<std::uint16_t>(what), &access::kAlarms};
}

constexpr ObjectRow profile(dlms::LogicalName name, ProfileIndex index) {
    return {name, &kProfileGenericClass, static_cast<std::uint16_t>(index), &access::kProfile};
}

constexpr ObjectRow login_protection(std::size_t client) {
    return {obis(0, 0, 44, 2, static_cast<std::uint8_t>(client + 1)), &kPortProtectionClass,
            static_cast<std::uint16_t>(client), &access::kLoginProtection};
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
    ObjectRow{kRippleRelay, &kRippleRelayClass, 0, &access::kSwitching},
    ObjectRow{obis(0, 0, 128, 14, 0), &kFallbackTariffClass, 0, &access::kTariffs},
    ObjectRow{obis(0, 0, 15, 0, 4), &kPushScheduleClass, 0, &access::kPush},
    ObjectRow{obis(0, 0, 22, 0, 0), &kHdlcSetupClass, 0, &access::kPortSetup},
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
    login_protection(kUtilityIndex),
    login_protection(kReaderIndex),
    login_protection(kTechnicianIndex),
    data(obis(0, 0, 43, 1, 1), Quantity::utility_counter, access::kEverybodyReads),
    data(obis(0, 0, 43, 1, 3), Quantity::technician_counter, access::kEverybodyReads),
    text(obis(0, 0, 96, 1, 0), Text::serial_number),
    text(obis(0, 0, 96, 1, 1), Text::type_designation),
    data(obis(0, 0, 96, 5, 1), Quantity::active_anti_creep),
    data(obis(0, 0, 96, 5, 2), Quantity::reactive_anti_creep),
    data(obis(0, 0, 96, 10, 1), Quantity::profile_status),
    data(obis(0, 0, 96, 14, 0), Quantity::active_tariff),
    alarm(0, AlarmData::active),
    alarm(10, AlarmData::filter),
    alarm(20, AlarmData::descriptor),
    data(obis(1, 0, 0, 1, 0), Quantity::billing_period_counter),
    ObjectRow{obis(1, 0, 0, 1, 2), &kBillingTimeClass, 0, &access::kAuthenticatedRead},
    text(obis(1, 0, 0, 2, 0), Text::firmware_version),
    text(obis(1, 0, 0, 2, 8), Text::firmware_signature),
    value(0, 3, 0, Quantity::active_constant),
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
    profile(obis(1, 0, 99, 1, 0), ProfileIndex::load),
    profile(obis(1, 0, 99, 2, 0), ProfileIndex::daily),
    profile(obis(1, 0, 99, 3, 0), ProfileIndex::billing),
    profile(obis(1, 0, 99, 4, 0), ProfileIndex::voltage),
};

constexpr auto kTable = [] {
    std::array<ObjectRow, kSingleRows.size() + kEnergyRows.size() * (kRateCount + 1) + kDemandRowCount> table{};
    auto next = put_demand_rows(std::copy(kSingleRows.begin(), kSingleRows.end(), table.begin()));
    for (const EnergyRow& energy : kEnergyRows) {
        for (Rate rate = 0; rate <= kRateCount; ++rate) {
            const std::uint16_t address = energy_address(static_cast<EnergyMask>(energy.energies), rate);
            *next++ = {obis(1, 0, energy.c, 8, rate), &kEnergyRegisterClass, address, &access::kAuthenticatedRead};
        }
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
    return row->take(context, value);
}

ActionResult invoke_method(const Context& context, int method, ByteView parameters, ByteWriter& out) {
    const ClassTable& object_class = *context.row.object_class;
    const Rights& rights = context.row.access->of(context.level);
    if (method < 1 || method > last_method_of(object_class, context.meter.association_version) ||
        !rights.may_invoke(method) || (rights.protects_method(method) && !is_well_protected(context))) {
        return ActionResult::read_write_denied;
    }
    return object_class.methods[static_cast<std::size_t>(method - 1)](context, parameters, out);
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
