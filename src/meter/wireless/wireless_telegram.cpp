#include "meter/wireless/wireless_telegram.hpp"

#include "mbus/record.hpp"
#include "mbus/telegram.hpp"
#include "meter/objects/capture.hpp"
#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::obis;
using mbus::Coding;

constexpr std::uint8_t kDeviceVersion = 1;
/// Bits of the status (EN 13757-7, table 8).
constexpr std::uint8_t kPowerLow = 0x04;
constexpr std::uint8_t kPermanentError = 0x08;

/// A record, and the register that it is of.
struct RadioRecord {
    dlms::LogicalName object{};
    Coding coding{Coding::integer_32};
    ByteView quantity{};
    std::uint8_t tariff{0};
    std::uint16_t divisor{1};  ///< from the register's scaler to the record's
};

constexpr RadioRecord import_of(std::uint8_t tariff) {
    return {obis(1, 0, 1, 8, tariff), Coding::integer_48, mbus::quantity::kImportedWattHours, tariff};
}

constexpr std::array kRecords{
    import_of(0),
    import_of(1),
    import_of(2),
    import_of(3),
    import_of(4),
    import_of(5),
    import_of(6),
    RadioRecord{obis(1, 0, 2, 8, 0), Coding::integer_48, mbus::quantity::kExportedWattHours},
    RadioRecord{obis(1, 0, 1, 7, 0), Coding::integer_32, mbus::quantity::kImportedWatts, 0, 1000},
    RadioRecord{obis(1, 0, 2, 7, 0), Coding::integer_32, mbus::quantity::kExportedWatts, 0, 1000},
    RadioRecord{obis(1, 0, 32, 7, 0), Coding::integer_16, mbus::quantity::kDecivolts, 0, 10},
    RadioRecord{obis(1, 0, 31, 7, 0), Coding::integer_32, mbus::quantity::kMilliamperes},
};
constexpr std::uint16_t kRegister = 3;

std::uint64_t present(Instrument& meter, const dlms::LogicalName& object) {
    const auto column = column_for(meter, {{kRegister, object, 2}, 0});
    if (!column) return 0;
    std::array<std::uint8_t, 8> octets{};
    ByteWriter out(octets);
    write_present(meter, *column, out);
    return ByteReader(out.written()).unsigned_of(out.size());
}

void write_records(Instrument& meter, ByteWriter& out) {
    const UtcTime now = meter.clock.utc();
    mbus::write_record_head({Coding::integer_32}, mbus::quantity::kDateTime, out);
    mbus::write_date_time(meter.clock.rule.local(now), meter.clock.valid(),
                          meter.clock.rule.daylight_saving_active(now), out);
    for (const RadioRecord& record : kRecords) {
        mbus::write_record_head({record.coding, mbus::Function::instantaneous, 0, record.tariff}, record.quantity, out);
        const std::uint64_t value = present(meter, record.object);
        mbus::write_integer(record.coding, (value + record.divisor / 2U) / record.divisor, out);
    }
    mbus::write_record_head({Coding::integer_32}, mbus::quantity::kErrorFlags, out);
    mbus::write_integer(Coding::integer_32, meter.errors.bits(), out);
}

/// The last eight digits of the serial number.
std::uint32_t identification_of(const MeterIdentity& identity) {
    std::uint32_t number = 0;
    for (const std::uint8_t character : identity.serial_number) {
        if (character >= '0' && character <= '9') number = number % 10'000'000 * 10 + (character - '0');
    }
    return number;
}

std::uint8_t status_of(std::uint32_t errors) {
    constexpr std::uint32_t kBattery = Alarms::bit_of(Alarm::replace_battery);
    return static_cast<std::uint8_t>(((errors & kBattery) != 0 ? kPowerLow : 0U) |
                                     ((errors & ~kBattery) != 0 ? kPermanentError : 0U));
}

}  // namespace

Result<std::size_t, WirelessProblem> write_wireless_frame(Instrument& meter, ByteSpan frame) {
    const WirelessSetup& setup = meter.wireless.setup();
    const auto counter = meter.wireless.take_counter(meter.parameters);
    if (!counter) return Error(WirelessProblem::counter);
    mbus::TelegramHead head;
    head.address = {mbus::manufacturer_code(kManufacturer), identification_of(meter.identity), kDeviceVersion,
                    mbus::kElectricityMeter};
    head.security = setup.security;
    head.access_number = static_cast<std::uint8_t>(*counter);
    head.status = status_of(meter.errors.bits());
    head.counter = *counter;
    std::array<std::uint8_t, mbus::kMaxRecords> records{};
    ByteWriter out(records);
    write_records(meter, out);
    std::array<std::uint8_t, mbus::kMaxTelegram> telegram{};
    const auto size = mbus::write_telegram(head, out.written(), meter.wireless_key, meter.crypto, telegram);
    if (!size) {
        return Error(size.error() == mbus::TelegramError::no_room ? WirelessProblem::too_long : WirelessProblem::key);
    }
    const auto framed = mbus::add_check_octets(setup.frame_format(), ByteView(telegram).first(*size), frame);
    if (!framed) return Error(WirelessProblem::too_long);
    return *framed;
}

}  // namespace ferraris::meter
