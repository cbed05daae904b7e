#include "twin/load_minutes.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string_view>

namespace ferraris::twin {
namespace {

/// A column of numbers: kW and kvar become mW and mvar, V mV, A uA. The meterings behind them are of parts of the
/// household, in Wh; the meter does not count them, but a row that has anything else there is damaged.
struct Column {
    std::size_t decimals;  ///< how many count
    bool may_be_negative;
};
constexpr std::array<Column, 7> kColumns{
    {{6, true}, {6, true}, {3, false}, {6, false}, {3, false}, {3, false}, {3, false}}};
constexpr std::size_t kFirstColumn = 2;  ///< behind date and time
constexpr std::size_t kFieldCount = kFirstColumn + kColumns.size();
constexpr std::string_view kHead = "Date;Time;";
constexpr std::int64_t kMillisecondsPerMinute = 60'000;

using Fields = std::array<std::string_view, kFieldCount>;

std::optional<Fields> split(std::string_view line) {
    Fields fields;
    for (std::size_t i = 0; i < kFieldCount; ++i) {
        const std::size_t end = line.find(';');
        const bool last = i + 1 == kFieldCount;
        if ((end == std::string_view::npos) != last) return std::nullopt;
        fields[i] = line.substr(0, end);
        if (!last) line.remove_prefix(end + 1);
    }
    return fields;
}

std::optional<int> whole(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

/// A decimal number, in units of its `decimals`th place. Digits beyond that must not be there: they would be lost.
std::optional<std::int64_t> scaled(std::string_view text, std::size_t decimals) {
    constexpr std::size_t kMostDigits = 15;
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::size_t places = point == std::string_view::npos ? 0 : text.size() - point - 1;
    if (text.empty() || text == "." || places > decimals || text.size() > kMostDigits) return std::nullopt;
    std::int64_t value = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == point) continue;
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    for (std::size_t i = places; i < decimals; ++i) value *= 10;
    return negative ? -value : value;
}

/// "16/12/2006" and "17:24:00".
std::optional<UtcTime> time_of(std::string_view date, std::string_view time) {
    const std::size_t first = date.find('/');
    const std::size_t second = first == std::string_view::npos ? first : date.find('/', first + 1);
    if (second == std::string_view::npos || time.size() != 8 || time[2] != ':' || time[5] != ':') return std::nullopt;
    const auto day = whole(date.substr(0, first));
    const auto month = whole(date.substr(first + 1, second - first - 1));
    const auto year = whole(date.substr(second + 1));
    const auto hour = whole(time.substr(0, 2));
    const auto minute = whole(time.substr(3, 2));
    const auto seconds = whole(time.substr(6, 2));
    if (!day || !month || !year || !hour || !minute || !seconds) return std::nullopt;
    if (*year < 1970 || *year > 2100 || *month < 1 || *month > 12 || *day < 1 || *hour > 23 || *minute > 59)
        return std::nullopt;
    if (*day > days_in_month(*year, static_cast<std::uint8_t>(*month)) || *seconds != 0) return std::nullopt;
    return utc_from_civil({*year, static_cast<std::uint8_t>(*month), static_cast<std::uint8_t>(*day),
                           static_cast<std::uint8_t>(*hour), static_cast<std::uint8_t>(*minute), 0, 0});
}

struct Minute {
    UtcTime begin{};
    Mains mains{};
};

Result<Minute, std::string> parse(std::string_view line) {
    const auto fields = split(line);
    if (!fields) return Error(fmt::format("not {} fields with semicolons between them", kFieldCount));
    const auto begin = time_of((*fields)[0], (*fields)[1]);
    if (!begin) {
        return Error(
            fmt::format("\"{} {}\" is no date and whole minute like 16/12/2006 17:24:00", (*fields)[0], (*fields)[1]));
    }
    constexpr std::int64_t kMost = 100'000'000;
    std::array<std::int64_t, kColumns.size()> values{};
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
        const std::string_view field = (*fields)[kFirstColumn + i];
        const auto value = scaled(field, kColumns[i].decimals);
        if (!value) {
            return Error(fmt::format("field {}: \"{}\" is no number of at most {} decimals", kFirstColumn + i + 1,
                                     field, kColumns[i].decimals));
        }
        if (*value < 0 && !kColumns[i].may_be_negative) {
            return Error(fmt::format("field {}: {} is less than zero", kFirstColumn + i + 1, field));
        }
        if (*value > kMost || *value < -kMost) {
            return Error(
                fmt::format("field {}: {} is more than a household meter measures", kFirstColumn + i + 1, field));
        }
        values[i] = *value;
    }
    Minute minute{*begin, {}};
    minute.mains.active_power_milliwatts = values[0];
    minute.mains.reactive_power_millivars = values[1];
    minute.mains.voltage_millivolts = static_cast<std::uint32_t>(values[2]);
    minute.mains.current_microamperes = static_cast<std::uint32_t>(values[3]);
    return minute;
}

}  // namespace

Result<MinutesLoad, std::string> MinutesLoad::open(const std::filesystem::path& path) {
    std::ifstream file(path);
    if (!file || std::filesystem::is_directory(path)) {
        return Error(fmt::format("{}: cannot be read; give a file of minutes", path.string()));
    }
    UtcTime begin{};
    std::vector<Mains> minutes;
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        if (line.ends_with('\r')) line.pop_back();
        if (number == 1 && line.starts_with(kHead)) continue;
        const auto minute = parse(line);
        if (!minute) return Error(fmt::format("{}:{}: {}", path.string(), number, minute.error()));
        const UtcTime due{begin.milliseconds + static_cast<std::int64_t>(minutes.size()) * kMillisecondsPerMinute};
        if (minutes.empty()) {
            begin = minute->begin;
        } else if (minute->begin != due) {
            return Error(fmt::format("{}:{}: this minute does not follow the one before; fill the gap or cut the file",
                                     path.string(), number));
        }
        minutes.push_back(minute->mains);
    }
    if (minutes.empty()) return Error(fmt::format("{}:1: no minute in it; give a file with rows", path.string()));
    return MinutesLoad(begin, std::move(minutes));
}

metrology::Measurement MinutesLoad::second(UtcTime end) {
    const std::int64_t into = end.milliseconds - begin_.milliseconds - 1;
    const std::int64_t minute = into >= 0 ? into / kMillisecondsPerMinute : (into + 1) / kMillisecondsPerMinute - 1;
    const auto count = static_cast<std::int64_t>(minutes_.size());
    return measure_second(minutes_[static_cast<std::size_t>((minute % count + count) % count)]);
}

}  // namespace ferraris::twin
