/// Files of quirks (`--quirks FILE`): what is taken lies within what the protocol allows, and what is not is refused in
/// one line that names the file.
#include "cli/quirks_file.hpp"

#include <cstdlib>
#include <optional>

#include "cli/error.hpp"
#include "memory_file.hpp"

using namespace ferraris;

namespace {

template <class Number>
void expect_within(const std::optional<Number>& value, Number least, Number most) {
    if (value && (*value < least || *value > most)) std::abort();
}

void check(const cli::Quirks& quirks) {
    expect_within<std::size_t>(quirks.challenge_size, 8, 64);
    expect_within<std::uint16_t>(quirks.max_information, 32, 2030);
    expect_within<std::uint8_t>(quirks.window, 1, 7);
    expect_within<std::uint8_t>(quirks.block_window, 1, 63);
    const std::uint8_t width = quirks.address_size;
    if (width != 0 && width != 1 && width != 2 && width != 4) std::abort();
    if (!quirks.system_title.empty() && quirks.system_title.size() != 8) std::abort();
    dlms::ClientConfiguration client;
    apply(quirks, client);
    dlms::HdlcClientConfig line;
    apply(quirks, line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile file(data, size);
    try {
        check(cli::read_quirks_file(file.path()).quirks);
    } catch (const cli::CliError& error) {
        if (std::string_view(error.what()).find(file.path().string()) == std::string_view::npos) std::abort();
    }
    return 0;
}
