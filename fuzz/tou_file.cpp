/// Tables of tariffs, TOML or COSEM XML (`ferraris tou`): a table that is found good is still the same when it was
/// written and read again, in either form; one that is not has issues with a line each.
#include <cstdlib>

#include "cli/error.hpp"
#include "cli/tou_parts.hpp"
#include "memory_file.hpp"

using namespace ferraris;

namespace {

void expect_the_same(const cli::TouTable& table, cli::TouFile again) {
    cli::check_tou(again);
    if (!again.issues.empty() || !cli::differences(table, again.table).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile memory(data, size);
    try {
        const cli::TouFile file = cli::read_tou_file(memory.path());
        for (const cli::TouIssue& issue : file.issues) {
            if (issue.text.empty() || issue.text.find('\n') != std::string::npos) std::abort();
        }
        if (!file.issues.empty()) return 0;
        expect_the_same(file.table, cli::parse_tou_toml(cli::tou_toml(file.table), "again"));
        expect_the_same(file.table, cli::parse_tou_xml(cli::tou_xml(file.table)));
    } catch (const cli::CliError& error) {
        if (std::string_view(error.what()).empty()) std::abort();
    }
    return 0;
}
