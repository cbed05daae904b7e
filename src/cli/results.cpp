#include "cli/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace ferraris::cli {
namespace {

struct ResultText {
    std::uint8_t result;
    std::string_view name;
    std::string_view text;
};

// IEC 62056-5-3, Data-Access-Result and Action-Result; they share their numbers.
constexpr ResultText kResults[] = {
    {0, "success", "done"},
    {1, "hardware-fault", "the meter reports a hardware fault"},
    {2, "temporary-failure", "the meter cannot do that just now; try again later"},
    {3, "read-write-denied",
     "this client may not do that; associate as another client (--client), or ask for an attribute that the class has"},
    {4, "object-undefined", "the meter has no such object; `ferraris read ADDRESS` lists what it has"},
    {9, "object-class-inconsistent", "the object is of another class, or has no such attribute"},
    {11, "object-unavailable", "the object is not available now; try again later"},
    {12, "type-unmatched", "the value is not of the type that the object needs; give it as TYPE:VALUE"},
    {13, "scope-of-access-violated", "this client may not do that; associate as another client (--client)"},
    {14, "data-block-unavailable", "the meter lost the transfer; try again"},
    {15, "long-get-aborted", "the meter broke the long transfer off; try again"},
    {16, "no-long-get-in-progress", "the meter lost the transfer; try again"},
    {17, "long-set-aborted", "the meter broke the long transfer off; try again"},
    {18, "no-long-set-in-progress", "the meter lost the transfer; try again"},
    {19, "data-block-number-invalid", "the meter lost the transfer; try again"},
    {250, "other-reason", "the meter refuses and gives no reason; the value may be out of range"},
};

const ResultText* find_result(std::uint8_t result) {
    const auto* const found = std::ranges::find(kResults, result, &ResultText::result);
    return found == std::end(kResults) ? nullptr : found;
}

std::string explain_result(std::uint8_t result) {
    const ResultText* const found = find_result(result);
    if (found == nullptr) return fmt::format("the meter answers with the unknown result {}", result);
    return fmt::format("{} ({})", found->text, found->name);
}

}  // namespace

std::string explain(dlms::DataAccessResult result) { return explain_result(static_cast<std::uint8_t>(result)); }
std::string explain(dlms::ActionResult result) { return explain_result(static_cast<std::uint8_t>(result)); }

std::string result_name(dlms::DataAccessResult result) {
    const ResultText* const found = find_result(static_cast<std::uint8_t>(result));
    return found == nullptr ? fmt::format("result-{}", static_cast<int>(result)) : std::string(found->name);
}

}  // namespace ferraris::cli
