/// A whole table of tariffs (time of use) as one parameter file: calendar and special days, in TOML or in COSEM XML.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "meter/tariff/special_days.hpp"

namespace ferraris::cli {

struct TouTable {
    meter::CalendarSet calendar{};
    meter::SpecialDays special_days{};
};

/// What is wrong at a line of the file, and what to do.
struct TouIssue {
    std::size_t line{0};
    std::string text{};
};

/// Where things stand in the file; in the order of the table's own lists.
struct TouLines {
    std::vector<std::size_t> seasons{};
    std::vector<std::size_t> weeks{};
    std::vector<std::size_t> days{};
    std::vector<std::size_t> special_days{};
};

struct TouFile {
    TouTable table{};
    TouLines lines{};
    std::vector<TouIssue> issues{};  ///< by line; empty: the table is good

    void complain(std::size_t line, std::string text) { issues.push_back({line, std::move(text)}); }
};

/// Reads and checks a file; one that begins with "<" is XML. Throws CliError when it cannot be read at all.
[[nodiscard]] TouFile read_tou_file(const std::filesystem::path& path);
/// A table that can be used. Throws CliError with the first issue.
[[nodiscard]] TouTable good_tou_table(const std::filesystem::path& path);

/// What the parts say of each other, and rules that meet on one day: finds what `check_calendar` finds, and where.
void check_tou(TouFile& file);
[[nodiscard]] std::string fault_text(meter::CalendarFault fault);

[[nodiscard]] TouFile parse_tou_toml(const std::string& text, const std::string& name);
[[nodiscard]] std::string tou_toml(const TouTable& table);
[[nodiscard]] TouFile parse_tou_xml(const std::string& text);
[[nodiscard]] std::string tou_xml(const TouTable& table);

[[nodiscard]] std::string text_of(const meter::CalendarName& name);

}  // namespace ferraris::cli
