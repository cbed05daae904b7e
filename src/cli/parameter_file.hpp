/// A file of parameters: what a meter has configured, by section, with the class of each and who may change it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <toml.hpp>
#include <vector>

#include "cli/client.hpp"
#include "cli/format.hpp"
#include "cli/parameter_table.hpp"
#include "cli/tou_table.hpp"

namespace ferraris::cli {

struct ParameterValue {
    Parameter parameter{};
    Value value{};
    std::optional<ScalerUnit> unit{};
};

/// The parameters of a meter.
struct MeterParameters {
    std::string model{};
    std::string serial_number{};
    std::string firmware{};
    std::vector<ParameterValue> values{};
    std::optional<TouTable> tariffs{};
};

/// `section` empty: all. Throws CliError for a meter of another model, and where the client may not read a parameter.
[[nodiscard]] MeterParameters read_parameters(Client& client, const std::string& section);
/// The type designation, and that it is of this program's model. Throws CliError.
[[nodiscard]] std::string checked_model(Client& client);

[[nodiscard]] std::string parameter_file_text(const MeterParameters& meter);

struct ParameterEntry {
    Parameter parameter{};
    std::size_t line{0};
    toml::value text{};
};

struct ParameterFile {
    std::string name{};
    std::string model{};
    std::vector<ParameterEntry> entries{};  ///< in the order in which they are written
    std::optional<TouTable> tariffs{};
    std::vector<TouIssue> issues{};  ///< empty: all that can be said without a meter is right
};

/// Of a text in memory, or of a file; the table of tariffs may be a file beside it. Throws CliError for what is no
/// TOML, or is not there.
[[nodiscard]] ParameterFile parse_parameter_file(const std::string& text, const std::filesystem::path& path,
                                                 const std::string& section);
[[nodiscard]] ParameterFile read_parameter_file(const std::filesystem::path& path, const std::string& section);

/// "FILE:LINE: what is wrong", each on a line of standard error, and CliError where there is any.
void require_no_issues(const ParameterFile& file);

}  // namespace ferraris::cli
