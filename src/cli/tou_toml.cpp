#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>
#include <toml.hpp>

#include "cli/tou_dates.hpp"
#include "cli/tou_table.hpp"
#include "meter/registers/energy_registers.hpp"
#include "twin/toml_text.hpp"

namespace ferraris::cli {
namespace {

using meter::SwitchTarget;

struct WeekKey {
    std::string_view name;
    std::size_t first;  ///< Monday is 0
    std::size_t last;
};
/// General ones first: the more special ones overwrite them.
constexpr std::array kWeekKeys{
    WeekKey{"every", 0, 6},    WeekKey{"weekdays", 0, 4},  WeekKey{"weekend", 5, 6},  WeekKey{"monday", 0, 0},
    WeekKey{"tuesday", 1, 1},  WeekKey{"wednesday", 2, 2}, WeekKey{"thursday", 3, 3}, WeekKey{"friday", 4, 4},
    WeekKey{"saturday", 5, 5}, WeekKey{"sunday", 6, 6},
};

std::size_t line_of(const toml::value& value) { return value.location().line(); }

/// The entries of a table in the order of the file.
std::vector<std::pair<std::string, toml::value>> in_order(const toml::value& table) {
    std::vector<std::pair<std::string, toml::value>> entries(table.as_table().begin(), table.as_table().end());
    std::ranges::sort(entries, {}, [](const auto& entry) { return line_of(entry.second); });
    return entries;
}

class TomlTable {
public:
    TouFile file;

    void read(const toml::value& root) {
        const toml::value* seasons = nullptr;
        const toml::value* weeks = nullptr;
        const toml::value* special = nullptr;
        const toml::value* days = nullptr;
        for (const auto& [key, value] : root.as_table()) {
            if (key == "name") {
                take_name(value, file.table.calendar.name);
            } else if (key == "season" && is_list(value)) {
                seasons = &value;
            } else if (key == "week" && value.is_table()) {
                weeks = &value;
            } else if (key == "day" && value.is_table()) {
                days = &value;
            } else if (key == "special" && is_list(value)) {
                special = &value;
            } else {
                file.complain(
                    line_of(value),
                    fmt::format(
                        "\"{}\" is unknown here; known are name, [[season]], [week.NAME], [day.NAME] and [[special]]",
                        key));
            }
        }
        if (days != nullptr) take_days(*days);
        if (weeks != nullptr) take_weeks(*weeks);
        if (seasons != nullptr) take_seasons(*seasons);
        if (special != nullptr) take_special_days(*special);
    }

private:
    static bool is_list(const toml::value& value) {
        return value.is_array() &&
               std::ranges::all_of(value.as_array(), [](const toml::value& each) { return each.is_table(); });
    }

    std::optional<std::string> text(const toml::value& value, std::string_view what) {
        if (value.is_string()) return value.as_string().str;
        file.complain(line_of(value), fmt::format("write {} in quotes", what));
        return std::nullopt;
    }
    bool name_fits(std::size_t line, const std::string& name, meter::CalendarName& taken) {
        if (taken.assign(octets_of(name))) return true;
        file.complain(line, fmt::format("the name \"{}\" is too long; a meter has room for {} letters", name,
                                        meter::kMostNameOctets));
        return false;
    }
    void take_name(const toml::value& value, meter::CalendarName& taken) {
        if (const auto name = text(value, "the name")) (void)name_fits(line_of(value), *name, taken);
    }
    void unknown(const toml::value& value, const std::string& key, std::string_view known) {
        file.complain(line_of(value), fmt::format("\"{}\" is unknown here; known are {}", key, known));
    }

    void take_days(const toml::value& days) {
        const auto entries = in_order(days);
        // Numbers that are given go first; the other days get what is left.
        for (const auto& [name, day] : entries) {
            if (!day.is_table() || !day.contains("id")) continue;
            const toml::value& id = day.at("id");
            if (!id.is_integer() || id.as_integer() < 0 || id.as_integer() > 255) {
                file.complain(line_of(id), fmt::format("the id of day \"{}\" is a number from 0 to 255", name));
            } else if (const auto number = static_cast<std::uint8_t>(id.as_integer()); is_used(number)) {
                file.complain(line_of(id), fmt::format("two days have the id {}; give one of them another", number));
            } else {
                ids_[name] = number;
            }
        }
        for (const auto& [name, day] : entries) take_day(name, day);
    }
    bool is_used(std::uint8_t id) const {
        return std::ranges::any_of(ids_, [id](const auto& entry) { return entry.second == id; });
    }
    void take_day(const std::string& name, const toml::value& value) {
        if (!value.is_table())
            return file.complain(line_of(value), fmt::format("write day \"{0}\" as a table, [day.{0}]", name));
        std::uint8_t free = 1;
        while (is_used(free)) ++free;
        const std::uint8_t id = ids_.try_emplace(name, free).first->second;
        meter::CalendarSet& set = file.table.calendar;
        meter::DayProfile day{id, 0, static_cast<std::uint16_t>(set.switches.size())};
        for (const auto& [key, entry] : in_order(value)) {
            if (key == "id") continue;
            if (key != "switches" || !entry.is_array()) {
                unknown(entry, key, "id and switches = [\"06:00 tariff 2\", …]");
                continue;
            }
            for (const toml::value& each : entry.as_array()) take_switch(name, day, each);
        }
        if (!set.days.push_back(day)) {
            return file.complain(line_of(value),
                                 fmt::format("too many days; a meter has room for {}", meter::kMostDays));
        }
        file.lines.days.push_back(line_of(value));
    }

    void take_switch(const std::string& name, meter::DayProfile& day, const toml::value& value) {
        const auto words = text(value, "a switch");
        if (!words) return;
        const auto change = parse_switch(*words);
        if (!change) {
            return file.complain(line_of(value), fmt::format("\"{}\" is no switch; write \"06:00 tariff 2\" (1 to {}), "
                                                             "\"22:30:00 relay closed\" or \"… relay open\"",
                                                             *words, meter::kRateCount));
        }
        meter::CalendarSet& set = file.table.calendar;
        for (const meter::Switch& other : set.switches_of(day)) {
            if (other.target == change->target && other.second_of_day() == change->second_of_day()) {
                return file.complain(
                    line_of(value),
                    fmt::format("day \"{}\" switches the {} twice at {:02}:{:02}:{:02}; take one of them out", name,
                                change->target == SwitchTarget::tariff ? "tariff" : "relay", change->hour,
                                change->minute, change->second));
            }
        }
        if (day.count == meter::kMostSwitchesADay || !set.switches.push_back(*change)) {
            return file.complain(line_of(value),
                                 fmt::format("too many switches; a meter has room for {} a day and {} together",
                                             meter::kMostSwitchesADay, meter::kMostSwitches));
        }
        ++day.count;
    }

    static std::optional<meter::Switch> parse_switch(const std::string& text) {
        std::istringstream in(text);
        std::string time;
        std::string target;
        std::string what;
        std::string more;
        if (!(in >> time >> target >> what) || in >> more) return std::nullopt;
        meter::Switch change;
        if (!parse_time(time, change)) return std::nullopt;
        if (target == "tariff") {
            change.script = static_cast<std::uint8_t>(what[0] - '0');
            const bool known = what.size() == 1 && change.script >= 1 && change.script <= meter::kRateCount;
            return known ? std::optional(change) : std::nullopt;
        }
        change.target = SwitchTarget::relay;
        change.script = what == "closed" ? meter::kCloseRelay : meter::kOpenRelay;
        const bool known = target == "relay" && (what == "closed" || what == "open");
        return known ? std::optional(change) : std::nullopt;
    }
    static bool parse_time(std::string_view text, meter::Switch& change) {
        const auto take = [&](std::size_t at, int most, std::uint8_t& field) {
            const std::string_view digits = text.substr(at, 2);
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), field);
            return error == std::errc() && end == digits.data() + 2 && field <= most;
        };
        if ((text.size() != 5 && text.size() != 8) || text[2] != ':') return false;
        if (!take(0, 23, change.hour) || !take(3, 59, change.minute)) return false;
        return text.size() == 5 || (text[5] == ':' && take(6, 59, change.second));
    }

    void take_weeks(const toml::value& weeks) {
        for (const auto& [name, value] : in_order(weeks)) {
            if (!value.is_table()) {
                file.complain(line_of(value), fmt::format("write week \"{0}\" as a table, [week.{0}]", name));
                continue;
            }
            take_week(name, value);
        }
    }
    void take_week(const std::string& name, const toml::value& value) {
        meter::WeekProfile week;
        if (!name_fits(line_of(value), name, week.name)) return;
        for (const auto& [key, entry] : in_order(value)) {
            if (std::ranges::find(kWeekKeys, key, &WeekKey::name) == kWeekKeys.end()) {
                unknown(entry, key, "every, weekdays, weekend and monday to sunday");
            }
        }
        std::array<bool, 7> given{};
        for (const WeekKey& key : kWeekKeys) {
            const std::string key_name(key.name);
            if (!value.contains(key_name)) continue;
            const toml::value& entry = value.at(key_name);
            const auto id = day_id(entry);
            for (std::size_t day = key.first; day <= key.last; ++day) {
                week.days[day] = id.value_or(0);
                given[day] = true;
            }
        }
        if (std::ranges::find(given, false) != given.end()) {
            file.complain(
                line_of(value),
                fmt::format("week \"{}\" leaves days open; write every, or weekdays and weekend, or each day", name));
        }
        if (!file.table.calendar.weeks.push_back(week)) {
            return file.complain(line_of(value),
                                 fmt::format("too many weeks; a meter has room for {}", meter::kMostWeeks));
        }
        file.lines.weeks.push_back(line_of(value));
    }
    std::optional<std::uint8_t> day_id(const toml::value& value) {
        const auto name = text(value, "the day");
        if (!name) return std::nullopt;
        const auto found = ids_.find(*name);
        if (found != ids_.end()) return found->second;
        file.complain(line_of(value), fmt::format("there is no day \"{0}\"; add a table [day.{0}]", *name));
        return std::nullopt;
    }

    std::optional<dlms::Date> date(const toml::value& table, std::string_view key, const std::string& what) {
        const std::string name(key);
        if (!table.contains(name)) {
            file.complain(line_of(table), fmt::format("{} lacks {}; {}", what, key, kTouDateForms));
            return std::nullopt;
        }
        const toml::value& value = table.at(name);
        const auto words = text(value, "a date");
        if (!words) return std::nullopt;
        const auto parsed = parse_tou_date(*words);
        if (!parsed || !dlms::possible(*parsed)) {
            file.complain(line_of(value), fmt::format("\"{}\" is no date; {}", *words, kTouDateForms));
            return std::nullopt;
        }
        return parsed;
    }

    void take_seasons(const toml::value& seasons) {
        for (const toml::value& value : seasons.as_array()) {
            meter::Season season;
            bool good = true;
            const std::size_t before = file.issues.size();
            for (const auto& [key, entry] : in_order(value)) {
                if (key == "name") {
                    take_name(entry, season.name);
                } else if (key == "week") {
                    take_name(entry, season.week);
                } else if (key != "start") {
                    unknown(entry, key, "name, start and week");
                }
            }
            // Most likely the unknown one is the missing one.
            if (file.issues.size() > before && !value.contains("start")) continue;
            const auto start = date(value, "start", "a season");
            if (!start) continue;
            season.start.date = *start;
            if (!meter::is_season_start(season.start)) {
                file.complain(line_of(value.at("start")),
                              "no season can begin so; give a month and a day, with or without a year");
                good = false;
            }
            if (!good) continue;
            if (!file.table.calendar.seasons.push_back(season)) {
                file.complain(line_of(value),
                              fmt::format("too many seasons; a meter has room for {}", meter::kMostSeasons));
                return;
            }
            file.lines.seasons.push_back(line_of(value));
        }
    }

    void take_special_days(const toml::value& list) {
        for (const toml::value& value : list.as_array()) {
            meter::SpecialDay entry;
            entry.index = static_cast<std::uint16_t>(file.table.special_days.size() + 1);
            for (const auto& [key, each] : in_order(value)) {
                if (key == "day") {
                    entry.day = day_id(each).value_or(0);
                } else if (key != "date") {
                    unknown(each, key, "date and day");
                }
            }
            if (!value.contains("day"))
                file.complain(line_of(value), "a special day lacks its day; write day = \"NAME\"");
            const auto when = date(value, "date", "a special day");
            if (!when) continue;
            entry.date = *when;
            switch (meter::insert(file.table.special_days, entry)) {
                case meter::CalendarFault::none:
                    file.lines.special_days.push_back(line_of(value));
                    break;
                case meter::CalendarFault::day_twice:
                    file.complain(line_of(value),
                                  fmt::format("{} is a special day twice; take one of them out", tou_date_text(*when)));
                    break;
                case meter::CalendarFault::too_many:
                    file.complain(line_of(value), fmt::format("too many special days; a meter has room for {}",
                                                              meter::kMostSpecialDays));
                    return;
                default:
                    file.complain(line_of(value.at("date")),
                                  fmt::format("no special day can be so; {}", kTouDateForms));
            }
        }
    }

    std::map<std::string, std::uint8_t> ids_{};
};

std::string toml_quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + "\"";
}

std::string switch_text(const meter::Switch& change) {
    const std::string time = change.second == 0
                                 ? fmt::format("{:02}:{:02}", change.hour, change.minute)
                                 : fmt::format("{:02}:{:02}:{:02}", change.hour, change.minute, change.second);
    if (change.target == SwitchTarget::tariff) return fmt::format("{} tariff {}", time, change.script);
    return fmt::format("{} relay {}", time, change.script == meter::kCloseRelay ? "closed" : "open");
}

}  // namespace

TouFile parse_tou_toml(const std::string& text, const std::string& name) {
    TomlTable table;
    if (const auto read = twin::read_toml(text, name)) {
        table.read(*read);
    } else {
        table.file.complain(read.error().line, read.error().named_twice
                                                   ? "this name is there already; each name once"
                                                   : "this is no TOML; the example shows the form: examples/tou.toml");
    }
    return std::move(table.file);
}

std::string tou_toml(const TouTable& table) {
    const meter::CalendarSet& set = table.calendar;
    const auto day_name = [](std::uint8_t id) { return fmt::format("day-{}", id); };
    std::string text = fmt::format(
        "# A table of tariffs; `ferraris tou check FILE` checks it, `ferraris tou show FILE` draws it.\nname = {}\n",
        toml_quoted(text_of(set.name)));
    for (const meter::Season& season : set.seasons) {
        text += fmt::format("\n[[season]]\nname = {}\nstart = \"{}\"\nweek = {}\n", toml_quoted(text_of(season.name)),
                            tou_date_text(season.start.date), toml_quoted(text_of(season.week)));
    }
    for (const meter::WeekProfile& week : set.weeks) {
        text += fmt::format("\n[week.{}]\n", toml_quoted(text_of(week.name)));
        for (const WeekKey& key : kWeekKeys) {
            if (key.first == key.last) text += fmt::format("{} = \"{}\"\n", key.name, day_name(week.days[key.first]));
        }
    }
    for (const meter::DayProfile& day : set.days) {
        text += fmt::format("\n[day.{}]\nid = {}\nswitches = [\n", day_name(day.id), day.id);
        for (const meter::Switch& each : set.switches_of(day)) text += fmt::format("    \"{}\",\n", switch_text(each));
        text += "]\n";
    }
    for (const meter::SpecialDay& entry : table.special_days) {
        text +=
            fmt::format("\n[[special]]\ndate = \"{}\"\nday = \"{}\"\n", tou_date_text(entry.date), day_name(entry.day));
    }
    return text;
}

}  // namespace ferraris::cli
