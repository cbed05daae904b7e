#include "twin/toml_text.hpp"

#include <algorithm>
#include <boost/locale/utf.hpp>
#include <optional>
#include <sstream>
#include <string_view>

namespace ferraris::twin {
namespace {

/// The line of the first octet that is not part of a character.
std::optional<std::size_t> line_without_utf8(const std::string& text) {
    using Utf8 = boost::locale::utf::utf_traits<char>;
    for (auto at = text.begin(); at != text.end();) {
        const auto character = at;
        if (!boost::locale::utf::is_valid_codepoint(Utf8::decode(at, text.end()))) {
            return 1 + static_cast<std::size_t>(std::count(text.begin(), character, '\n'));
        }
    }
    return std::nullopt;
}

}  // namespace

Result<toml::value, TomlProblem> read_toml(const std::string& text, const std::string& name) {
    if (const auto line = line_without_utf8(text)) return Error(TomlProblem{*line});
    try {
        std::istringstream stream(text);
        return toml::parse(stream, name);
    } catch (const toml::syntax_error& error) {
        const std::string_view what = error.what();
        const bool twice = what.find("inserted twice") != std::string_view::npos ||
                           what.find("already exists") != std::string_view::npos;
        return Error(TomlProblem{error.location().line(), twice});
    }
}

}  // namespace ferraris::twin
