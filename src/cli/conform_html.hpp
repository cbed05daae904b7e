/// The report of conformance cases as one HTML page, without anything from elsewhere.
#pragma once

#include <string>

#include "cli/conform_report.hpp"
#include "decode/frames.hpp"

namespace ferraris::cli {

/// What failed or stayed open has its octets in both directions, each message explained field by field, deciphered with
/// what `tools` has. No key of `tools` stands in the page.
[[nodiscard]] std::string to_html(const ConformReport& report, const decode::Toolbox& tools);

}  // namespace ferraris::cli
