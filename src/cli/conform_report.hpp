/// What `ferraris conform` found, and its forms.
#pragma once

#include <string>
#include <vector>

#include "conform/cases.hpp"

namespace ferraris::cli {

struct ConformReport {
    std::string address{};
    std::vector<conform::Outcome> outcomes{};

    [[nodiscard]] std::size_t count(conform::Verdict verdict) const;
    /// Something passed, and nothing failed or stayed open.
    [[nodiscard]] bool is_passed() const;
};

/// "38 passed, 0 failed, 0 inconclusive, 13 not applicable"
[[nodiscard]] std::string summary_of(const ConformReport& report);

/// One case in lines: verdict, name, purpose; what is expected and every octet where it failed or stayed open.
[[nodiscard]] std::string to_text(const conform::Outcome& outcome);

/// One JSON object: address, passed, summary (a number for each verdict), and of each case its verdict and every octet.
[[nodiscard]] std::string to_json(const ConformReport& report);

}  // namespace ferraris::cli
