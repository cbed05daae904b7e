#include "cli/obis.hpp"

#include <fmt/format.h>

#include <charconv>

#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

/// One group of a code; moves `text` past it.
std::optional<std::uint8_t> take_group(std::string_view& text) {
    std::uint8_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take_one_of(std::string_view& text, std::string_view separators) {
    if (text.empty() || separators.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

/// Takes a code off the front of `text`; what follows stays there.
std::optional<dlms::LogicalName> take_obis(std::string_view& text) {
    dlms::LogicalName name;
    name.groups[5] = 255;
    const auto first = take_group(text);
    if (!first) return std::nullopt;
    name.groups[0] = *first;
    const bool dashed = !text.empty() && text.front() == '-';
    const std::string_view separators[] = {dashed ? "-" : ".", dashed ? ":" : ".", ".", "."};
    for (std::size_t i = 0; i < 4; ++i) {
        if (!take_one_of(text, separators[i])) return std::nullopt;
        const auto group = take_group(text);
        if (!group) return std::nullopt;
        name.groups[i + 1] = *group;
    }
    if (take_one_of(text, dashed ? ".*" : ".")) {
        const auto group = take_group(text);
        if (!group) return std::nullopt;
        name.groups[5] = *group;
    }
    return name;
}

[[noreturn]] void refuse(std::string_view text) {
    throw CliError(fmt::format(
        "\"{}\" names no object; write an OBIS code as 1-0:1.8.0 or 1.0.1.8.0.255, with :2 behind it for attribute 2",
        text));
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<dlms::LogicalName> parse_obis(std::string_view text) {
    const auto name = take_obis(text);
    return text.empty() ? name : std::nullopt;
}

ObjectReference parse_object(std::string_view text) {
    ObjectReference reference;
    std::string_view rest = text;
    if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
        reference.class_id = whole_number<std::uint16_t>(rest.substr(0, slash));
        if (!reference.class_id) refuse(text);
        rest.remove_prefix(slash + 1);
    }
    const auto name = take_obis(rest);
    if (!name) refuse(text);
    reference.name = *name;
    if (rest.empty()) return reference;
    if (rest.front() != ':') refuse(text);
    reference.index = whole_number<std::int8_t>(rest.substr(1));
    if (!reference.index || *reference.index < 0) refuse(text);
    return reference;
}

std::string dotted(const dlms::LogicalName& name) { return fmt::format("{}", fmt::join(name.groups, ".")); }

}  // namespace ferraris::cli
