/// TOML as people write it, read by the library, with what the library leaves to its caller: texts that are no UTF-8
/// are refused before it reads beyond its own buffer (toml11 3.7, literal strings), and a name that stands twice is
/// told from what is no TOML.
#pragma once

#include <cstddef>
#include <string>
#include <toml.hpp>

#include "base/result.hpp"

namespace ferraris::twin {

struct TomlProblem {
    std::size_t line{0};      ///< from 1
    bool named_twice{false};  ///< a name that is there already; else it is no TOML
};

/// `name` of the file is for the library's own messages, which quote lines: they may hold keys, so none is passed on.
[[nodiscard]] Result<toml::value, TomlProblem> read_toml(const std::string& text, const std::string& name);

}  // namespace ferraris::twin
