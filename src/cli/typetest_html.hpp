/// The report of the type test as one HTML page, plots included, without anything from elsewhere.
#pragma once

#include <string>

#include "twin/typetest.hpp"

namespace ferraris::cli {

[[nodiscard]] std::string to_html(const twin::TypeTestReport& report);

}  // namespace ferraris::cli
