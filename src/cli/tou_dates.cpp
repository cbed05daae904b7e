#include "cli/tou_dates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/hex.hpp"

namespace ferraris::cli {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};
constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end != 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

/// 1 for the first name; 0 for none of them.
template <std::size_t N>
std::uint8_t place_in(const std::array<std::string_view, N>& names, std::string_view word) {
    const auto found = std::ranges::find(names, word);
    return found == names.end() ? std::uint8_t{0} : static_cast<std::uint8_t>(found - names.begin() + 1);
}

template <class T>
bool take_digits(std::string_view digits, std::size_t width, T& number) {
    if (digits.size() != width) return false;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && end == digits.data() + digits.size();
}

/// "12-25" or "2026-12-25".
bool take_day(std::string_view text, dlms::Date& date) {
    if (text.size() == 10 && text[4] == '-') {
        if (!take_digits(text.substr(0, 4), 4, date.year)) return false;
        text.remove_prefix(5);
    }
    return text.size() == 5 && text[2] == '-' && take_digits(text.substr(0, 2), 2, date.month) &&
           take_digits(text.substr(3), 2, date.day_of_month);
}

/// "last sunday of march", "second last day of june 2026".
bool take_last(std::vector<std::string_view> words, dlms::Date& date) {
    date.day_of_month = dlms::kLastDay;
    if (words[0] == "second") {
        date.day_of_month = dlms::kSecondLastDay;
        words.erase(words.begin());
    }
    if (words.size() < 4 || words.size() > 5 || words[0] != "last" || words[2] != "of") return false;
    if (words[1] != "day") {
        date.day_of_week = place_in(kWeekdays, words[1]);
        if (date.day_of_week == 0) return false;
    }
    date.month = place_in(kMonths, words[3]);
    return date.month != 0 && (words.size() == 4 || take_digits(words[4], 4, date.year));
}

std::string day_text(const dlms::Date& date) {
    const std::string day = fmt::format("{:02}-{:02}", date.month, date.day_of_month);
    return date.year == dlms::kYearNotSpecified ? day : fmt::format("{:04}-{}", date.year, day);
}

}  // namespace

std::optional<dlms::Date> parse_tou_date(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::vector<std::string_view> words = words_of(lower);
    dlms::Date date;
    if (words.empty()) return std::nullopt;
    if (lower == "always") return date;
    if (words[0] == "hex" && words.size() == 2) {
        const auto octets = from_hex(words[1]);
        return octets ? dlms::decode_date(*octets) : std::nullopt;
    }
    if (words.size() == 4 && words[1] == "of" && words[2] == "daylight" && words[3] == "saving") {
        if (words[0] != "begin" && words[0] != "end") return std::nullopt;
        date.month = words[0] == "begin" ? dlms::kMonthDaylightSavingsBegin : dlms::kMonthDaylightSavingsEnd;
        return date;
    }
    if (words[0] == "last" || words[0] == "second") return take_last(words, date) ? std::optional(date) : std::nullopt;
    if (words.size() == 2) {
        date.day_of_week = place_in(kWeekdays, words[0]);
        if (date.day_of_week == 0) return std::nullopt;
    }
    return words.size() <= 2 && take_day(words.back(), date) ? std::optional(date) : std::nullopt;
}

std::string tou_date_text(const dlms::Date& date) {
    const bool any_weekday = date.day_of_week == dlms::kNotSpecified;
    const bool any_year = date.year == dlms::kYearNotSpecified;
    const bool any_day = date.day_of_month == dlms::kNotSpecified && any_weekday;
    if (date == dlms::Date{}) return "always";
    if (any_year && any_day && date.month == dlms::kMonthDaylightSavingsBegin) return "begin of daylight saving";
    if (any_year && any_day && date.month == dlms::kMonthDaylightSavingsEnd) return "end of daylight saving";
    const bool month_number = date.month >= 1 && date.month <= 12;
    const bool last = date.day_of_month == dlms::kLastDay || date.day_of_month == dlms::kSecondLastDay;
    if (month_number && last && (any_weekday || date.day_of_week <= 7)) {
        return fmt::format("{}last {} of {}{}", date.day_of_month == dlms::kLastDay ? "" : "second ",
                           any_weekday ? "day" : kWeekdays[date.day_of_week - 1U], kMonths[date.month - 1U],
                           any_year ? "" : fmt::format(" {:04}", date.year));
    }
    if (month_number && date.day_of_month <= 31) {
        return any_weekday ? day_text(date) : fmt::format("{} {}", kWeekdays[date.day_of_week - 1U], day_text(date));
    }
    return fmt::format("hex {}", to_hex(dlms::encode(date)));
}

}  // namespace ferraris::cli
