#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "cli/error.hpp"
#include "cli/tou_dates.hpp"
#include "cli/tou_table.hpp"

namespace ferraris::cli {
namespace {

/// The years in which rules are looked at for days on which two of them meet: every weekday for each date of leap years
/// and others comes in 28 years.
constexpr std::int32_t kFirstYear = 2020;
constexpr std::int32_t kLastYear = 2060;

std::size_t line_at(const std::vector<std::size_t>& lines, std::size_t index) {
    return index < lines.size() ? lines[index] : 1;
}

std::string day_words(std::int64_t day) {
    const CivilTime date = civil_from_utc(UtcTime::from_seconds(day * 86400));
    return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

/// The first day on which both seasons begin.
std::optional<std::int64_t> meeting_day(const meter::Season& a, const meter::Season& b) {
    const meter::LocalTimeRule rule;
    for (std::int32_t year = kFirstYear; year <= kLastYear; ++year) {
        const std::int64_t last = days_from_civil(year, 12, 31);
        const auto first_of = meter::season_start(a.start, last, rule);
        const auto first_of_other = meter::season_start(b.start, last, rule);
        if (first_of && first_of_other && *first_of == *first_of_other) return *first_of;
    }
    return std::nullopt;
}

void check_seasons(TouFile& file) {
    const meter::CalendarSet& set = file.table.calendar;
    for (std::size_t i = 0; i < set.seasons.size(); ++i) {
        const meter::Season& season = set.seasons[i];
        const std::size_t line = line_at(file.lines.seasons, i);
        if (set.week(season.week) == nullptr) {
            file.complain(line, fmt::format("season \"{}\" goes by week \"{}\", which there is not; add [week.{}]",
                                            text_of(season.name), text_of(season.week), text_of(season.week)));
        }
        for (std::size_t k = 0; k < i; ++k) {
            const meter::Season& other = set.seasons[k];
            if (equal(other.name.view(), season.name.view())) {
                file.complain(line, fmt::format("two seasons have the name \"{}\"; rename one", text_of(season.name)));
            }
            if (const auto day = meeting_day(other, season)) {
                file.complain(line,
                              fmt::format("seasons \"{}\" (line {}) and \"{}\" overlap: both begin {}; move one",
                                          text_of(other.name), line_at(file.lines.seasons, k), text_of(season.name),
                                          *day < 0 ? std::string("always") : "on " + day_words(*day)));
            }
        }
    }
    if (set.seasons.empty()) file.complain(1, "there is no season; add [[season]] with start = \"always\"");
}

void check_special_days(TouFile& file) {
    const meter::LocalTimeRule rule;
    const auto& table = file.table.special_days;
    for (std::size_t i = 0; i < table.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (table[i].day == table[k].day) continue;
            const std::int64_t last = days_from_civil(kLastYear, 12, 31);
            for (std::int64_t day = days_from_civil(kFirstYear, 1, 1); day <= last; ++day) {
                if (!meter::matches(table[i].date, day, rule) || !meter::matches(table[k].date, day, rule)) continue;
                file.complain(line_at(file.lines.special_days, i),
                              fmt::format("this special day and the one in line {} overlap: both are on {}; change one",
                                          line_at(file.lines.special_days, k), day_words(day)));
                break;
            }
        }
    }
}

void check_weeks(TouFile& file) {
    const meter::CalendarSet& set = file.table.calendar;
    for (std::size_t i = 0; i < set.weeks.size(); ++i) {
        for (const std::uint8_t id : set.weeks[i].days) {
            if (set.day(id) != nullptr) continue;
            file.complain(
                line_at(file.lines.weeks, i),
                fmt::format("week \"{}\" goes by day {}, which there is not; add it", text_of(set.weeks[i].name), id));
        }
    }
    for (std::size_t i = 0; i < file.table.special_days.size(); ++i) {
        const std::uint8_t id = file.table.special_days[i].day;
        if (set.day(id) != nullptr) continue;
        file.complain(line_at(file.lines.special_days, i),
                      fmt::format("the special day goes by day {}, which there is not; add it", id));
    }
}

}  // namespace

std::string text_of(const meter::CalendarName& name) { return {name.begin(), name.end()}; }

std::string fault_text(meter::CalendarFault fault) {
    using enum meter::CalendarFault;
    switch (fault) {
        case none:
            return "good";
        case wrong_type:
            return "a value of another type than the activity calendar has";
        case too_many:
            return "more entries than a meter has room for";
        case name_too_long:
            return fmt::format("a name longer than {} octets", meter::kMostNameOctets);
        case name_twice:
            return "a name that is there twice";
        case impossible_start:
            return "a date that does not exist, or at which nothing can begin";
        case start_twice:
            return "two seasons with one start";
        case day_twice:
            return "a day that is there twice";
        case impossible_time:
            return "a time that is none, or has wild cards";
        case time_twice:
            return "two switches of one kind at one time";
        case unknown_script:
            return "a script other than 1 to 6 of 0-0:10.0.100 and 1 and 2 of 0-1:10.0.106";
        case no_season:
            return "there is no season";
        case unknown_week:
            return "a season goes by a week that there is not";
        case unknown_day:
            return "a week goes by a day that there is not";
        case no_tariff:
            return "no day ever selects a tariff; add a switch such as \"00:00 tariff 1\"";
    }
    return "unknown";
}

void check_tou(TouFile& file) {
    // What could not be read would only be found missing once more.
    if (file.issues.empty()) {
        check_seasons(file);
        check_weeks(file);
        check_special_days(file);
        const auto fault = meter::check_calendar(file.table.calendar);
        if (file.issues.empty() && fault != meter::CalendarFault::none) file.complain(1, fault_text(fault));
    }
    std::ranges::stable_sort(file.issues, {}, &TouIssue::line);
}

TouFile read_tou_file(const std::filesystem::path& path) {
    std::ifstream stream(path);
    std::ostringstream text;
    if (stream) text << stream.rdbuf();
    if (!stream) {
        throw CliError(fmt::format("the table {} cannot be read: {}", path.string(), std::strerror(errno)));
    }
    const std::string octets = text.str();
    const std::size_t first = octets.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    TouFile file = first != std::string::npos && octets[first] == '<' ? parse_tou_xml(octets)
                                                                      : parse_tou_toml(octets, path.string());
    check_tou(file);
    return file;
}

TouTable good_tou_table(const std::filesystem::path& path) {
    TouFile file = read_tou_file(path);
    if (file.issues.empty()) return file.table;
    const TouIssue& first = file.issues.front();
    const std::string more =
        file.issues.size() > 1 ? fmt::format(" (and {} more: `ferraris tou check`)", file.issues.size() - 1) : "";
    throw CliError(fmt::format("{}:{}: {}{}", path.string(), first.line, first.text, more));
}

}  // namespace ferraris::cli
