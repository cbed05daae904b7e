/// Checks of numbers on the command line, whose errors say what may be given.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>

namespace ferraris::cli {

/// "--port: 99999 is no whole number from 0 to 65535".
[[nodiscard]] CLI::Validator whole_number(std::uint64_t least, std::uint64_t most);
/// "--timeout: x is no number from 0.1 to 3600".
[[nodiscard]] CLI::Validator number(double least, double most);
/// "--frequency: 55 is neither 50 nor 60".
[[nodiscard]] CLI::Validator either(std::uint64_t one, std::uint64_t other);

}  // namespace ferraris::cli
