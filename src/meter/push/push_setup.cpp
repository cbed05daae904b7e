#include "meter/push/push_setup.hpp"

#include "meter/push/push_protection.hpp"
#include "meter/schedule/date_pattern.hpp"
#include "meter/schedule/execution_times.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataReader;
using dlms::DataWriter;
using dlms::obis;

constexpr std::size_t kKeysPerSetup = 16;
constexpr std::uint8_t kUtilityClient = 1;
constexpr std::uint8_t kNoRestriction = 0;
constexpr std::uint32_t kPercent = 100;

std::uint16_t key_of(PushCause cause, int attribute) {
    return key_number(ParameterKey::push_setup,
                      static_cast<std::size_t>(cause) * kKeysPerSetup + static_cast<std::size_t>(attribute));
}

void write_object(DataWriter& data, std::uint16_t class_id, const dlms::LogicalName& name, std::int8_t attribute = 2) {
    data.structure(6);
    data.long_unsigned(class_id);
    data.octet_string(name);
    data.integer(attribute);
    data.long_unsigned(0);
    data.structure(2);
    data.enum_(kNoRestriction);
    data.null_data();
    data.array(0);
}

/// Who sends, what follows (this list itself: a receiver then needs no other knowledge), when; then what it is about.
void write_default_objects(DataWriter& data, PushCause cause) {
    constexpr std::array kRegisters{obis(1, 0, 1, 8, 0), obis(1, 0, 2, 8, 0), obis(1, 0, 1, 7, 0),
                                    obis(1, 0, 32, 7, 0)};
    const bool scheduled = cause == PushCause::schedule;
    const bool alarm = cause == PushCause::alarm;
    data.array(3 + (scheduled ? 2 * kRegisters.size() : 0) + (alarm ? 2 : 0));
    write_object(data, 1, obis(0, 0, 42, 0, 0));
    write_object(data, 40, kPushSetups[static_cast<std::size_t>(cause)].name);
    write_object(data, 8, obis(0, 0, 1, 0, 0));
    if (alarm) {
        write_object(data, 1, obis(0, 0, 97, 98, 20));
        write_object(data, 1, obis(0, 0, 97, 98, 21));
    }
    if (!scheduled) return;
    constexpr std::int8_t kScalerUnit = 3;
    for (const dlms::LogicalName& name : kRegisters) {
        write_object(data, 3, name);
        write_object(data, 3, name, kScalerUnit);
    }
}

void write_default(DataWriter& data, PushCause cause, int attribute) {
    constexpr std::uint8_t kDefaultRetries = 3;
    switch (attribute) {
        case 2:
            return write_default_objects(data, cause);
        case 3:
            data.structure(3);
            data.enum_(static_cast<std::uint8_t>(PushTransport::tcp));
            data.octet_string(ByteView{});
            return data.enum_(static_cast<std::uint8_t>(PushMessageType::data_notification));
        case 5:
            return data.long_unsigned(0);
        case 6:
            return data.unsigned_(kDefaultRetries);
        case 7: {
            const RepetitionDelay delay;
            data.structure(3);
            data.long_unsigned(delay.least);
            data.long_unsigned(delay.exponent);
            return data.long_unsigned(delay.most);
        }
        case 8:
            return data.octet_string(ByteView{});
        case 9:
            return data.integer(kUtilityClient);
        case 11:
            return data.enum_(static_cast<std::uint8_t>(PushOperation::unconfirmed_failure));
        case 12:
            data.structure(2);
            data.out().u8(static_cast<std::uint8_t>(dlms::DataTag::date_time));
            data.out().put(dlms::encode(dlms::DateTime{}));
            return data.double_long_unsigned(0);
        default:
            // communication_window and push_protection_parameters
            return data.array(0);
    }
}

/// Every hour.
void write_default_schedule(DataWriter& data) {
    dlms::Time every_hour;
    every_hour.minute = every_hour.second = every_hour.hundredths = 0;
    data.array(1);
    data.structure(2);
    data.octet_string(dlms::encode(every_hour));
    data.octet_string(dlms::encode(dlms::Date{}));
}

template <class WriteDefault>
ByteView read_or_default(const ParameterStore& store, std::uint16_t key, PushAttribute& buffer, WriteDefault&& write) {
    if (const auto size = store.read(key, buffer)) return ByteView(buffer).first(*size);
    ByteWriter out(buffer);
    DataWriter data(out);
    write(data);
    return out.written();
}

/// Twelve octets, as octet-string or as date-time.
std::optional<dlms::DateTime> take_date_time(DataReader& in) {
    const auto element = in.any();
    if (!element) return std::nullopt;
    if (element->tag != dlms::DataTag::octet_string && element->tag != dlms::DataTag::date_time) return std::nullopt;
    return dlms::decode_date_time(element->content);
}

bool take_destination(DataReader& in, PushSettings& settings) {
    if (in.structure() != 3) return false;
    const std::uint8_t transport = in.enum_();
    const ByteView destination = in.octet_string();
    const std::uint8_t message = in.enum_();
    settings.transport = static_cast<PushTransport>(transport);
    settings.message = static_cast<PushMessageType>(message);
    const bool transport_known = transport == static_cast<std::uint8_t>(PushTransport::tcp) ||
                                 transport == static_cast<std::uint8_t>(PushTransport::udp) ||
                                 transport == static_cast<std::uint8_t>(PushTransport::hdlc);
    const bool message_known = message == static_cast<std::uint8_t>(PushMessageType::data_notification) ||
                               message == static_cast<std::uint8_t>(PushMessageType::event_notification);
    return transport_known && message_known && settings.destination.assign(destination);
}

bool take_repetition_delay(DataReader& in, RepetitionDelay& delay) {
    if (in.structure() != 3) return false;
    delay.least = in.long_unsigned();
    delay.exponent = in.long_unsigned();
    delay.most = in.long_unsigned();
    return delay.least <= delay.most && delay.exponent >= kPercent;
}

bool take_confirmation(DataReader& in, PushSettings& settings) {
    if (in.structure() != 2) return false;
    const auto start = take_date_time(in);
    settings.confirmation_interval_s = in.double_long_unsigned();
    if (!start) return false;
    if (*start == dlms::DateTime{}) return true;
    const auto utc = dlms::to_utc(*start);
    settings.confirmation_start_s = utc ? utc->seconds() : 0;
    return utc.has_value();
}

bool take_window(DataReader& in, DatePattern& start, DatePattern& end) {
    if (in.structure() != 2) return false;
    for (DatePattern* limit : {&start, &end}) {
        const auto date_time = take_date_time(in);
        if (!date_time) return false;
        *limit = {date_time->date, date_time->time};
        if (!possible(*limit)) return false;
    }
    return true;
}

bool take_windows(DataReader& in) {
    const std::size_t count = in.array();
    if (count > kMaxPushWindows) return false;
    DatePattern start;
    DatePattern end;
    for (std::size_t i = 0; i < count; ++i) {
        if (!take_window(in, start, end)) return false;
    }
    return true;
}

bool take_objects(DataReader& in) {
    const std::size_t count = in.array();
    if (count > kMaxPushObjects) return false;
    for (std::size_t i = 0; i < count; ++i) {
        if (!take_selected_attribute(in, Columns::listed)) return false;
    }
    return true;
}

/// Reads the attribute of a setup into `settings`, as far as it goes there. False: not possible.
bool take_attribute(int attribute, DataReader& in, PushSettings& settings) {
    switch (attribute) {
        case 2:
            return take_objects(in);
        case 3:
            return take_destination(in, settings);
        case 4:
            return take_windows(in);
        case 5:
            settings.randomisation_start_interval_s = in.long_unsigned();
            return true;
        case 6:
            settings.number_of_retries = in.unsigned_();
            return true;
        case 7:
            return take_repetition_delay(in, settings.repetition_delay);
        case 8: {
            const std::size_t size = in.octet_string().size();
            return size == 0 || size == 6;
        }
        case 9: {
            const std::int8_t sap = in.integer();
            settings.client_sap = static_cast<std::uint8_t>(sap);
            return sap > 0;
        }
        case 10:
            return take_push_protection(in).has_value();
        case 11: {
            const std::uint8_t operation = in.enum_();
            settings.operation = static_cast<PushOperation>(operation);
            return operation <= static_cast<std::uint8_t>(PushOperation::confirmed);
        }
        case 12:
            return take_confirmation(in, settings);
        default:
            return false;
    }
}

PushValue verdict(bool possible, const DataReader& in) {
    if (!in.ok()) return PushValue::wrong_type;
    if (!possible) return PushValue::impossible;
    return in.finished() ? PushValue::good : PushValue::wrong_type;
}

}  // namespace

std::uint32_t RepetitionDelay::seconds_after(unsigned attempt) const {
    std::uint32_t seconds = least;
    for (unsigned i = 1; i < attempt && seconds < most; ++i) seconds = seconds * exponent / kPercent;
    return seconds < most ? seconds : most;
}

ByteView read_push_attribute(const ParameterStore& store, PushCause cause, int attribute, PushAttribute& buffer) {
    return read_or_default(store, key_of(cause, attribute), buffer,
                           [&](DataWriter& data) { write_default(data, cause, attribute); });
}

bool write_push_attribute(ParameterStore& store, PushCause cause, int attribute, ByteView value) {
    return store.write(key_of(cause, attribute), value);
}

PushValue check_push_attribute(int attribute, ByteView value) {
    if (value.size() > kMaxPushAttribute) return PushValue::impossible;
    DataReader in(value);
    PushSettings scratch;
    const bool possible = take_attribute(attribute, in, scratch);
    return verdict(possible, in);
}

PushSettings read_push_settings(const ParameterStore& store, PushCause cause) {
    PushSettings settings;
    PushAttribute buffer;
    for (const int attribute : {3, 5, 6, 7, 9, 11, 12}) {
        DataReader in(read_push_attribute(store, cause, attribute, buffer));
        (void)take_attribute(attribute, in, settings);
    }
    return settings;
}

bool in_communication_window(const ParameterStore& store, PushCause cause, const CivilTime& local) {
    PushAttribute buffer;
    DataReader in(read_push_attribute(store, cause, 4, buffer));
    const std::size_t count = in.array();
    for (std::size_t i = 0; i < count; ++i) {
        DatePattern start;
        DatePattern end;
        if (!take_window(in, start, end)) return false;
        const auto opened = last_occurrence(start, local);
        const auto closed = last_occurrence(end, local);
        if (opened && (!closed || utc_from_civil(*opened) > utc_from_civil(*closed))) return true;
    }
    return count == 0;
}

ByteView read_push_schedule(const ParameterStore& store, PushAttribute& buffer) {
    return read_or_default(store, key_number(ParameterKey::push_schedule), buffer,
                           [](DataWriter& data) { write_default_schedule(data); });
}

bool write_push_schedule(ParameterStore& store, ByteView value) {
    return store.write(key_number(ParameterKey::push_schedule), value);
}

PushValue check_push_schedule(ByteView value) {
    if (value.size() > kMaxPushAttribute) return PushValue::impossible;
    DataReader in(value);
    const std::size_t count = in.array();
    bool possible = count <= kMaxScheduleEntries;
    DatePattern pattern;
    for (std::size_t i = 0; i < count && possible; ++i) possible = take_execution_time(in, pattern);
    return verdict(possible, in);
}

}  // namespace ferraris::meter
