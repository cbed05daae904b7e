/// Quirks of a model of meter, from a file:
///
///     models = ["ZMX320"]           # names that --quirks finds it by, besides that of the file
///     [association]
///     challenge_size = 16
///     [hdlc]
///     address_size = 4
///
/// All entries are optional. data/quirks/schema.json describes them, for editors and for other programs.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/quirks.hpp"

namespace ferraris::cli {

/// What an entry of a file holds, once it was found to be of its kind.
struct QuirkValue {
    std::int64_t number{0};           ///< number; a flag as 0 or 1; of a choice, which one
    std::vector<std::size_t> some{};  ///< of several choices
    std::vector<std::uint8_t> octets{};
    dlms::LogicalName name{};
};

/// One entry that a file may have. The table of them is the truth about files: parser, schema and errors follow it.
struct QuirkField {
    enum class Kind : std::uint8_t { flag, number, choice, choices, logical_name, octets };

    std::string_view table;
    std::string_view name;
    std::string_view description;
    Kind kind{Kind::flag};
    std::int64_t least{0};  ///< number; octets: how many there are
    std::int64_t most{0};
    std::span<const std::string_view> names{};  ///< of choices
    std::span<const std::int64_t> numbers{};    ///< number: only these, where there are some
    void (*take)(Quirks& quirks, const QuirkValue& value){nullptr};
};

[[nodiscard]] std::span<const QuirkField> quirk_fields();

struct QuirksFile {
    std::vector<std::string> models{};
    Quirks quirks{};
};

/// Throws CliError: missing, no TOML, an unknown entry, a wrong value. The message names file and line.
[[nodiscard]] QuirksFile read_quirks_file(const std::filesystem::path& path);

/// `text` is a file (it has a slash, or ends in .toml) or a model. Models are looked for, whatever the case of their
/// letters, in share/ferraris/quirks and data/quirks beside the program and above it. Throws CliError as above, or when
/// nobody knows the model.
[[nodiscard]] Quirks find_quirks(const std::string& text);

}  // namespace ferraris::cli
