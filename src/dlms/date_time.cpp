#include "dlms/date_time.hpp"

namespace ferraris::dlms {
namespace {

constexpr std::int16_t kLeastDeviation = -840;
constexpr std::int16_t kMostDeviation = 840;

bool wildcard_or(std::uint8_t value, std::uint8_t most) { return value == kNotSpecified || value <= most; }

}  // namespace

bool possible(const Date& date) {
    const bool month_number = date.month >= 1 && date.month <= 12;
    if (!month_number && date.month < kMonthDaylightSavingsEnd) return false;
    if ((date.day_of_month == 0 || date.day_of_month > 31) && date.day_of_month < kSecondLastDay) return false;
    if (date.day_of_week == 0 || !wildcard_or(date.day_of_week, 7)) return false;
    if (!month_number || date.day_of_month > 31) return true;
    // Without a year, 29 February is a day that exists at times.
    const std::int32_t year = date.year == kYearNotSpecified ? 2000 : std::int32_t{date.year};
    if (date.day_of_month > days_in_month(year, date.month)) return false;
    if (!date.fully_specified() || date.day_of_week == kNotSpecified) return true;
    return weekday_from_days(days_from_civil(year, date.month, date.day_of_month)) == date.day_of_week;
}

bool possible(const Time& time) {
    return wildcard_or(time.hour, 23) && wildcard_or(time.minute, 59) && wildcard_or(time.second, 59) &&
           wildcard_or(time.hundredths, 99);
}

bool possible(const DateTime& date_time) {
    const std::int16_t deviation = date_time.deviation;
    const bool deviation_possible =
        deviation == kDeviationNotSpecified || (deviation >= kLeastDeviation && deviation <= kMostDeviation);
    return deviation_possible && possible(date_time.date) && possible(date_time.time);
}

std::optional<Date> decode_date(ByteView five_octets) {
    if (five_octets.size() != kDateSize) return std::nullopt;
    ByteReader in(five_octets);
    Date date;
    date.year = in.u16();
    date.month = in.u8();
    date.day_of_month = in.u8();
    date.day_of_week = in.u8();
    return date;
}

std::optional<Time> decode_time(ByteView four_octets) {
    if (four_octets.size() != kTimeSize) return std::nullopt;
    return Time{four_octets[0], four_octets[1], four_octets[2], four_octets[3]};
}

std::optional<DateTime> decode_date_time(ByteView twelve_octets) {
    if (twelve_octets.size() != kDateTimeSize) return std::nullopt;
    const auto date = decode_date(twelve_octets.first(kDateSize));
    const auto time = decode_time(twelve_octets.subspan(kDateSize, kTimeSize));
    if (!date || !time) return std::nullopt;
    ByteReader tail(twelve_octets.subspan(kDateSize + kTimeSize));
    const auto deviation = static_cast<std::int16_t>(tail.u16());
    return DateTime{*date, *time, deviation, tail.u8()};
}

std::array<std::uint8_t, kDateSize> encode(const Date& date) {
    return {static_cast<std::uint8_t>(date.year >> 8U), static_cast<std::uint8_t>(date.year), date.month,
            date.day_of_month, date.day_of_week};
}

std::array<std::uint8_t, kTimeSize> encode(const Time& time) {
    return {time.hour, time.minute, time.second, time.hundredths};
}

std::array<std::uint8_t, kDateTimeSize> encode(const DateTime& date_time) {
    std::array<std::uint8_t, kDateTimeSize> octets{};
    ByteWriter out(octets);
    out.put(encode(date_time.date));
    out.put(encode(date_time.time));
    out.u16(static_cast<std::uint16_t>(date_time.deviation));
    out.u8(date_time.status);
    return octets;
}

std::optional<UtcTime> to_utc(const DateTime& date_time, std::int16_t deviation_if_none) {
    if (!date_time.date.fully_specified() || !date_time.time.fully_specified()) return std::nullopt;
    DateTime any_weekday = date_time;
    any_weekday.date.day_of_week = kNotSpecified;
    if (!possible(any_weekday)) return std::nullopt;
    CivilTime local;
    local.year = date_time.date.year;
    local.month = date_time.date.month;
    local.day = date_time.date.day_of_month;
    local.hour = date_time.time.hour;
    local.minute = date_time.time.minute;
    local.second = date_time.time.second;
    local.hundredths = date_time.time.hundredths == kNotSpecified ? std::uint8_t{0} : date_time.time.hundredths;
    const std::int16_t deviation =
        date_time.deviation == kDeviationNotSpecified ? deviation_if_none : date_time.deviation;
    return UtcTime{utc_from_civil(local).milliseconds + std::int64_t{deviation} * 60'000};
}

DateTime from_utc(UtcTime instant, std::int16_t deviation, std::uint8_t status) {
    const std::int64_t shift = deviation == kDeviationNotSpecified ? 0 : std::int64_t{deviation} * 60'000;
    const CivilTime local = civil_from_utc(UtcTime{instant.milliseconds - shift});
    const std::int64_t days = days_from_civil(local.year, local.month, local.day);
    return {{static_cast<std::uint16_t>(local.year), local.month, local.day, weekday_from_days(days)},
            {local.hour, local.minute, local.second, local.hundredths},
            deviation,
            status};
}

DateTime plus_seconds(const DateTime& time, std::int64_t seconds) {
    DateTime local = time;
    if (local.time.second == kNotSpecified) local.time.second = 0;
    local.deviation = 0;
    const auto instant = to_utc(local);
    if (!instant) return time;
    DateTime result = from_utc(UtcTime{instant->milliseconds + seconds * 1000}, 0, time.status);
    result.deviation = time.deviation;
    result.time.hundredths = time.time.hundredths;
    if (time.time.second == kNotSpecified) result.time.second = kNotSpecified;
    return result;
}

}  // namespace ferraris::dlms
