#include "cli/tou_chart.hpp"

#include <fmt/format.h>

#include <array>

#include "meter/tariff/switching.hpp"

namespace ferraris::cli {
namespace {

using meter::SwitchTarget;

constexpr int kColumns = 48;
constexpr int kSecondsAColumn = 86400 / kColumns;
constexpr std::size_t kDayLabelColumns = 16;
constexpr std::array kMonthNames{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array kWeekdayNames{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
/// Backgrounds of tariffs 1 to 6 with black figures: green, red, blue, yellow, magenta, cyan.
constexpr std::array kColours{"42", "41", "44", "43", "45", "46"};

std::string hours_line() {
    std::string line(kDayLabelColumns + kColumns + 2, ' ');
    for (int hour = 0; hour <= 24; hour += 3) {
        const std::string text = std::to_string(hour);
        line.replace(kDayLabelColumns + static_cast<std::size_t>(hour) * 2, text.size(), text);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

/// `script_at(second of the day)`: what holds then; 0: nobody knows.
template <class ScriptAt>
std::string bar(const std::string& label, bool colour, ScriptAt&& script_at) {
    std::string line = fmt::format("{:<{}}", label, kDayLabelColumns);
    int last = -1;
    for (int column = 0; column < kColumns; ++column) {
        const int script = script_at(column * kSecondsAColumn);
        if (colour && script != last) {
            line +=
                script == 0 ? "\033[0m" : fmt::format("\033[30;{}m", kColours[static_cast<std::size_t>(script - 1)]);
        }
        line += script == 0 ? '.' : static_cast<char>('0' + script);
        last = script;
    }
    return line + (colour ? "\033[0m\n" : "\n");
}

template <class ScriptAt>
std::string relay_bar(ScriptAt&& script_at) {
    std::string line = fmt::format("{:<{}}", "   relay 2", kDayLabelColumns);
    for (int column = 0; column < kColumns; ++column) {
        const int script = script_at(column * kSecondsAColumn);
        line += script == meter::kCloseRelay ? '#' : script == meter::kOpenRelay ? '-' : '.';
    }
    return line + "\n";
}

char letter_of(const meter::CalendarSet& set, const meter::DayProfile* profile, bool special) {
    if (profile == nullptr) return '?';
    return static_cast<char>((special ? 'a' : 'A') + (profile - set.days.begin()));
}

/// What the day's own switches say at a second of it.
int within_day(const meter::CalendarSet& set, const meter::DayProfile& day, SwitchTarget target, int second) {
    const meter::Switch* latest = nullptr;
    for (const meter::Switch& each : set.switches_of(day)) {
        if (each.target != target || each.second_of_day() > second) continue;
        if (latest == nullptr || each.second_of_day() > latest->second_of_day()) latest = &each;
    }
    return latest != nullptr ? latest->script : 0;
}

bool has_switches(const meter::CalendarSet& set, const meter::DayProfile& day, SwitchTarget target) {
    for (const meter::Switch& each : set.switches_of(day)) {
        if (each.target == target) return true;
    }
    return false;
}

}  // namespace

std::string tou_day_chart(const TouTable& table, bool colour) {
    const meter::CalendarSet& set = table.calendar;
    std::string text = hours_line();
    for (const meter::DayProfile& day : set.days) {
        const std::string label = fmt::format("{}  day {}", letter_of(set, &day, false), day.id);
        text += bar(label, colour, [&](int second) { return within_day(set, day, SwitchTarget::tariff, second); });
        if (!has_switches(set, day, SwitchTarget::relay)) continue;
        text += relay_bar([&](int second) { return within_day(set, day, SwitchTarget::relay, second); });
    }
    return text;
}

std::string tou_year_chart(const TouTable& table, std::int32_t year) {
    const meter::LocalTimeRule rule;
    const meter::Switching calendar(table.calendar, table.special_days, rule);
    std::string text = fmt::format("{}  ", year);
    for (int day = 1; day <= 31; ++day) text += day % 5 == 0 ? fmt::format("{:>2}", day) : day % 5 == 4 ? "" : " ";
    text += "\n";
    for (std::uint8_t month = 1; month <= 12; ++month) {
        text += fmt::format("{}   ", kMonthNames[month - 1U]);
        for (std::uint8_t day = 1; day <= days_in_month(year, month); ++day) {
            const std::int64_t date = days_from_civil(year, month, day);
            const auto special = meter::special_day(table.special_days, date, rule);
            const bool known = special && table.calendar.day(*special) != nullptr;
            text += letter_of(table.calendar, calendar.profile_of(date), known);
        }
        text += "\n";
    }
    return text;
}

std::string tou_week_chart(const TouTable& table, std::int64_t day, bool colour) {
    const meter::LocalTimeRule rule;
    const meter::Switching calendar(table.calendar, table.special_days, rule);
    const std::int64_t monday = day - (weekday_from_days(day) - 1);
    std::string text = hours_line();
    for (int i = 0; i < 7; ++i) {
        const std::int64_t date = monday + i;
        const CivilTime civil = civil_from_utc(UtcTime::from_seconds(date * 86400));
        const auto at = [&](SwitchTarget target, int second) {
            const auto last = calendar.last(target, date * 86400 + second);
            return last ? int{last->script} : 0;
        };
        text += bar(fmt::format("{} {:04}-{:02}-{:02}", kWeekdayNames[static_cast<std::size_t>(i)], civil.year,
                                civil.month, civil.day),
                    colour, [&](int second) { return at(SwitchTarget::tariff, second); });
        if (at(SwitchTarget::relay, 86399) == 0) continue;
        text += relay_bar([&](int second) { return at(SwitchTarget::relay, second); });
    }
    return text;
}

}  // namespace ferraris::cli
