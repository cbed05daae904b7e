#include "cli/quirks_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <ranges>
#include <sstream>
#include <toml.hpp>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "cli/obis.hpp"
#include "twin/toml_text.hpp"

namespace ferraris::cli {
namespace {

using Kind = QuirkField::Kind;
using V = const QuirkValue&;

constexpr std::array<std::string_view, 3> kProtections{"both", "authenticate", "encrypt"};
constexpr std::array<std::string_view, 2> kLengthWidths{"shortest", "two_octets"};
constexpr std::array<std::int64_t, 3> kAddressSizes{1, 2, 4};
constexpr std::array<std::string_view, 3> kDeviations{"standard", "reversed", "unspecified"};
constexpr std::array<std::string_view, 2> kTimeTypes{"octet_string", "date_time"};

struct Service {
    std::string_view name;
    dlms::Conformance bit;
};
constexpr std::array<Service, 7> kServices{{
    {"multiple_references", dlms::Conformance::multiple_references},
    {"selective_access", dlms::Conformance::selective_access},
    {"block_transfer_with_get", dlms::Conformance::block_transfer_with_get},
    {"block_transfer_with_set", dlms::Conformance::block_transfer_with_set},
    {"block_transfer_with_action", dlms::Conformance::block_transfer_with_action},
    {"access", dlms::Conformance::access},
    {"attribute0_with_get", dlms::Conformance::attribute0_with_get},
}};
constexpr auto kServiceNames = [] {
    std::array<std::string_view, kServices.size()> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = kServices[i].name;
    return names;
}();

constexpr QuirkField flag(std::string_view table, std::string_view name, std::string_view description,
                          void (*take)(Quirks&, V)) {
    return {table, name, description, Kind::flag, 0, 0, {}, {}, take};
}
constexpr QuirkField number(std::string_view table, std::string_view name, std::string_view description,
                            std::int64_t least, std::int64_t most, void (*take)(Quirks&, V)) {
    return {table, name, description, Kind::number, least, most, {}, {}, take};
}
constexpr QuirkField choice(std::string_view table, std::string_view name, std::string_view description,
                            std::span<const std::string_view> names, void (*take)(Quirks&, V)) {
    return {table, name, description, Kind::choice, 0, 0, names, {}, take};
}

constexpr QuirkField kFields[] = {
    {"association",
     "reply_object",
     "Object that reply_to_HLS_authentication goes to; 0-0:40.0.0 by the standard",
     Kind::logical_name,
     0,
     0,
     {},
     {},
     [](Quirks& q, V v) { q.protocol.association = v.name; }},
    number("association", "challenge_size", "Octets of the client's challenge; 16 by default", 8, 64,
           [](Quirks& q, V v) { q.challenge_size = static_cast<std::size_t>(v.number); }),
    number("association", "max_pdu_size", "Longest APDU that the client says it takes; 0 and 65535: no limit", 0, 65535,
           [](Quirks& q, V v) { q.max_pdu_size = static_cast<std::uint16_t>(v.number); }),
    {"association",
     "system_title",
     "Of a meter that does not name itself, in hexadecimal digits",
     Kind::octets,
     8,
     8,
     {},
     {},
     [](Quirks& q, V v) { q.system_title = v.octets; }},
    choice("association", "initiate_protection", "Of the InitiateRequest inside AARQ and RLRQ", kProtections,
           [](Quirks& q, V v) {
               q.initiate = dlms::Protection{v.number != 2, v.number != 1};
           }),
    {"association",
     "without",
     "Services that the client does not propose",
     Kind::choices,
     0,
     0,
     kServiceNames,
     {},
     [](Quirks& q, V v) {
         for (const std::size_t i : v.some) q.without = q.without | kServices[i].bit;
     }},
    flag("association", "same_invoke_id", "Every request has the same invoke id",
         [](Quirks& q, V v) { q.keep_invoke_id = v.number != 0; }),
    flag("association", "general_envelopes", "Ciphered services go in general-glo and general-ded APDUs",
         [](Quirks& q, V v) { q.general_envelopes = v.number != 0; }),
    flag("association", "release_without_initiate", "RLRQ of a ciphered association has no InitiateRequest",
         [](Quirks& q, V v) { q.protocol.release_without_initiate = v.number != 0; }),
    flag("answers", "repeat_counters", "Invocation counters of answers do not rise: they are not looked at",
         [](Quirks& q, V v) { q.protocol.answers_repeat_counters = v.number != 0; }),
    flag("answers", "wrong_invoke_id", "The invoke id of answers is not that of the request: it is not looked at",
         [](Quirks& q, V v) { q.protocol.answers_wrong_invoke_id = v.number != 0; }),
    {"counter",
     "object",
     "Where the public client reads the invocation counter",
     Kind::logical_name,
     0,
     0,
     {},
     {},
     [](Quirks& q, V v) { q.counter_object = v.name; }},
    number("counter", "at_least", "The first invocation counter of all that the meter takes", 0, 0xFFFFFFFE,
           [](Quirks& q, V v) { q.counter_at_least = static_cast<std::uint32_t>(v.number); }),
    {"hdlc",
     "address_size",
     "Octets of the server address",
     Kind::number,
     1,
     4,
     {},
     kAddressSizes,
     [](Quirks& q, V v) { q.address_size = static_cast<std::uint8_t>(v.number); }},
    choice("hdlc", "length_width", "How SNRM states the lengths of information fields", kLengthWidths,
           [](Quirks& q, V v) {
               q.length_width = v.number == 0 ? dlms::hdlc::LengthWidth::shortest : dlms::hdlc::LengthWidth::two_octets;
           }),
    flag("hdlc", "without_parameters", "SNRM has no information field",
         [](Quirks& q, V v) { q.without_parameters = v.number != 0; }),
    number("hdlc", "max_information", "Longest information field, each way", 32, 2030,
           [](Quirks& q, V v) { q.max_information = static_cast<std::uint16_t>(v.number); }),
    number("hdlc", "window", "Frames in a row without acknowledgement", 1, 7,
           [](Quirks& q, V v) { q.window = static_cast<std::uint8_t>(v.number); }),
    flag("blocks", "general", "General block transfer is proposed on any link",
         [](Quirks& q, V v) { q.general_blocks = v.number != 0; }),
    number("blocks", "window", "Blocks that the meter may send in one go", 1, 63,
           [](Quirks& q, V v) { q.block_window = static_cast<std::uint8_t>(v.number); }),
    choice("time", "deviation", "Deviation of date-times that are written: by the standard local time plus it is UTC",
           kDeviations, [](Quirks& q, V v) { q.time.deviation = static_cast<TimeForm::Deviation>(v.number); }),
    choice("time", "type", "Type of date-times that are written", kTimeTypes,
           [](Quirks& q, V v) { q.time.tagged = v.number == 1; }),
};

const QuirkField* field_of(std::string_view table, std::string_view name) {
    const auto* const found = std::ranges::find_if(
        kFields, [&](const QuirkField& field) { return field.table == table && field.name == name; });
    return found == std::end(kFields) ? nullptr : found;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& letter : result) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return result;
}

/// Each once, in the order of the table.
std::vector<std::string_view> tables() {
    std::vector<std::string_view> names;
    for (const QuirkField& field : kFields) {
        if (names.empty() || names.back() != field.table) names.push_back(field.table);
    }
    return names;
}

class QuirksParser {
public:
    explicit QuirksParser(const std::filesystem::path& path) : path_(path.string()) {}

    [[noreturn]] void refuse(const toml::value& at, std::string_view entry, std::string_view why) const {
        throw CliError(fmt::format("quirks file {}, line {}: {}: {}", path_, at.location().line(), entry, why));
    }

    [[nodiscard]] QuirksFile file(const toml::value& root) const {
        QuirksFile file;
        const std::vector<std::string_view> known = tables();
        for (const auto& [name, value] : root.as_table()) {
            if (name == "models") {
                file.models = texts(value, "models");
            } else if (std::ranges::find(known, name) != known.end()) {
                if (!value.is_table()) refuse(value, name, fmt::format("write it as a table, [{}]", name));
                take_table(file.quirks, name, value);
            } else {
                refuse(value, name, fmt::format("unknown; known are models and the tables {}", fmt::join(known, ", ")));
            }
        }
        return file;
    }

private:
    void take_table(Quirks& quirks, std::string_view table, const toml::value& entries) const {
        for (const auto& [name, value] : entries.as_table()) {
            const std::string entry = fmt::format("[{}] {}", table, name);
            const QuirkField* const field = field_of(table, name);
            if (field == nullptr) {
                std::vector<std::string_view> known;
                for (const QuirkField& each : kFields) {
                    if (each.table == table) known.push_back(each.name);
                }
                refuse(value, entry, fmt::format("unknown; known are {}", fmt::join(known, ", ")));
            }
            field->take(quirks, value_of(*field, value, entry));
        }
    }

    [[nodiscard]] std::vector<std::string> texts(const toml::value& value, std::string_view entry) const {
        std::vector<std::string> found;
        const bool good = value.is_array() &&
                          std::ranges::all_of(value.as_array(), [](const toml::value& v) { return v.is_string(); });
        if (!good) refuse(value, entry, "write a list of texts in quotes, as in [\"one\", \"two\"]");
        for (const toml::value& each : value.as_array()) found.push_back(each.as_string().str);
        return found;
    }

    [[nodiscard]] std::size_t which(const QuirkField& field, const toml::value& at, const std::string& text,
                                    const std::string& entry) const {
        const auto found = std::ranges::find(field.names, text);
        if (found == field.names.end())
            refuse(at, entry, fmt::format("\"{}\" is none of {}", text, fmt::join(field.names, ", ")));
        return static_cast<std::size_t>(found - field.names.begin());
    }

    [[nodiscard]] const std::string& text(const toml::value& value, const std::string& entry) const {
        if (!value.is_string()) refuse(value, entry, "write it in quotes");
        return value.as_string().str;
    }

    [[nodiscard]] QuirkValue value_of(const QuirkField& field, const toml::value& value,
                                      const std::string& entry) const {
        QuirkValue result;
        switch (field.kind) {
            case Kind::flag:
                if (!value.is_boolean()) refuse(value, entry, "write true or false");
                result.number = value.as_boolean() ? 1 : 0;
                break;
            case Kind::number:
                if (!value.is_integer() || value.as_integer() < field.least || value.as_integer() > field.most)
                    refuse(value, entry, fmt::format("write a number from {} to {}", field.least, field.most));
                if (!field.numbers.empty() &&
                    std::ranges::find(field.numbers, value.as_integer()) == field.numbers.end())
                    refuse(value, entry, fmt::format("write one of {}", fmt::join(field.numbers, ", ")));
                result.number = value.as_integer();
                break;
            case Kind::choice:
                result.number = static_cast<std::int64_t>(which(field, value, text(value, entry), entry));
                break;
            case Kind::choices:
                for (const std::string& each : texts(value, entry))
                    result.some.push_back(which(field, value, each, entry));
                break;
            case Kind::logical_name: {
                const auto name = parse_obis(text(value, entry));
                if (!name) refuse(value, entry, "write an OBIS code, as in \"0-0:40.0.1\"");
                result.name = *name;
                break;
            }
            case Kind::octets: {
                const auto octets = from_hex(text(value, entry));
                if (!octets || static_cast<std::int64_t>(octets->size()) != field.least)
                    refuse(value, entry, fmt::format("write {} hexadecimal digits", 2 * field.least));
                result.octets = *octets;
                break;
            }
        }
        return result;
    }

    std::string path_;
};

/// Where files of models may be: beside the installed program, and in the tree that it was built in.
std::vector<std::filesystem::path> folders() {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    std::filesystem::path above = std::filesystem::read_symlink("/proc/self/exe", error);
    while (!error && above.has_relative_path()) {
        above = above.parent_path();
        for (const char* const below : {"share/ferraris/quirks", "data/quirks"}) {
            if (std::filesystem::is_directory(above / below, error)) found.push_back(above / below);
            error.clear();
        }
    }
    return found;
}

}  // namespace

std::span<const QuirkField> quirk_fields() { return kFields; }

QuirksFile read_quirks_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream || std::filesystem::is_directory(path)) {
        throw CliError(
            fmt::format("the quirks file {} cannot be opened; give another with --quirks FILE", path.string()));
    }
    std::ostringstream text;
    text << stream.rdbuf();
    const auto table = twin::read_toml(text.str(), path.string());
    if (!table) {
        throw CliError(fmt::format("quirks file {}, line {}: this is no TOML; write NAME = VALUE below [hdlc]",
                                   path.string(), table.error().line));
    }
    return QuirksParser(path).file(*table);
}

Quirks find_quirks(const std::string& text) {
    if (text.find('/') != std::string::npos || text.ends_with(".toml")) return read_quirks_file(text).quirks;
    std::map<std::string, std::string> known;  // by their small letters
    for (const std::filesystem::path& folder : folders()) {
        for (const auto& each : std::filesystem::directory_iterator(folder)) {
            if (each.path().extension() != ".toml") continue;
            const QuirksFile file = read_quirks_file(each.path());
            std::vector<std::string> names = file.models;
            names.push_back(each.path().stem().string());
            for (const std::string& name : names) {
                if (lower(name) == lower(text)) return file.quirks;
                known.emplace(lower(name), name);
            }
        }
    }
    std::string names;
    for (const auto& [key, name] : known) names += (names.empty() ? "" : ", ") + name;
    throw CliError(
        fmt::format("nobody knows the quirks of a \"{}\"; known are {}; or give a file, as in --quirks "
                    "./MODEL.toml",
                    text, names.empty() ? "none" : names));
}

}  // namespace ferraris::cli
