/// Key files of clients: what is taken has keys of lengths that there are, and what is not is refused in one line.
#include "cli/key_file.hpp"

#include <cstdlib>
#include <string_view>

#include "cli/error.hpp"
#include "memory_file.hpp"

using namespace ferraris;

namespace {

void check(const cli::ClientSecrets& secrets) {
    const auto symmetric = [](const cli::Octets& key) { return key.empty() || key.size() == 16 || key.size() == 32; };
    if (!symmetric(secrets.unicast_key) || !symmetric(secrets.authentication_key) || !symmetric(secrets.master_key) ||
        !symmetric(secrets.broadcast_key) || !symmetric(secrets.dedicated_key) || secrets.suite_or_default() > 2) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile file(data, size);
    try {
        const cli::KeyFile keys = cli::read_key_file(file.path());
        for (const auto& [sap, secrets] : keys.clients) check(secrets);
        for (const auto& [title, secrets] : keys.meters) check(secrets);
    } catch (const cli::CliError& error) {
        if (std::string_view(error.what()).empty()) std::abort();
    }
    return 0;
}
