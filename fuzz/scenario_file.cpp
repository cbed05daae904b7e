/// Scenarios (`--scenario FILE.toml`): what is no scenario is told in one line each, with the line of the file where it
/// stands.
#include <algorithm>

#include "require.hpp"
#include "twin/scenario/scenario.hpp"

using namespace ferraris;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    const twin::scenario::ScenarioFile file = twin::scenario::read_scenario(text, "fuzzed.toml");
    for (const auto& complaint : file.complaints) {
        fuzz::require(complaint.line <= lines);
        fuzz::require(!complaint.text.empty() && complaint.text.find('\n') == std::string::npos);
    }
    return 0;
}
