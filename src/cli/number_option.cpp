#include "cli/number_option.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>

namespace ferraris::cli {
namespace {

/// All of `text`, or nothing.
template <class Number>
std::optional<Number> number_of(const std::string& text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Without the description that help would show: that of the option says it in words.
CLI::Validator silent(std::function<std::string(std::string&)> check) { return {std::move(check), ""}; }

}  // namespace

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
    return silent([least, most](std::string& text) {
        const auto value = number_of<std::uint64_t>(text);
        if (value && *value >= least && *value <= most) return std::string{};
        return fmt::format("{} is no whole number from {} to {}", text, least, most);
    });
}

CLI::Validator number(double least, double most) {
    return silent([least, most](std::string& text) {
        const auto value = number_of<double>(text);
        if (value && *value >= least && *value <= most) return std::string{};
        return fmt::format("{} is no number from {} to {}", text, least, most);
    });
}

CLI::Validator either(std::uint64_t one, std::uint64_t other) {
    return silent([one, other](std::string& text) {
        const auto value = number_of<std::uint64_t>(text);
        return value == one || value == other ? std::string{}
                                              : fmt::format("{} is neither {} nor {}", text, one, other);
    });
}

}  // namespace ferraris::cli
