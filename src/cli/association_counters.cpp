#include "cli/association_counters.hpp"

#include <algorithm>

namespace ferraris::cli {
namespace {

std::optional<SystemTitle> title_of(ByteView octets) {
    SystemTitle title{};
    if (octets.size() != title.size()) return std::nullopt;
    std::ranges::copy(octets, title.begin());
    return title;
}

}  // namespace

void AssociationCounters::start(CountersFile* file, std::uint16_t client_sap, std::uint32_t at_least) {
    file_ = file;
    client_sap_ = client_sap;
    // What is left of the old range goes back first.
    source_.reset();
    last_sent_ = 0;
    if (file != nullptr) heard_ = file->heard(client_sap);
    source_.emplace(file, client_sap, at_least);
}

std::optional<std::uint32_t> AssociationCounters::reserve() {
    if (!source_) return std::nullopt;
    last_sent_ = source_->take();
    return last_sent_;
}

std::optional<std::uint32_t> AssociationCounters::last_heard(ByteView server_system_title) const {
    const auto title = title_of(server_system_title);
    const auto found = title ? heard_.find(*title) : heard_.end();
    if (found == heard_.end()) return std::nullopt;
    return found->second;
}

void AssociationCounters::keep_heard(ByteView server_system_title, std::uint32_t counter) {
    const auto title = title_of(server_system_title);
    if (file_ != nullptr && title) file_->hear(client_sap_, *title, counter);
}

}  // namespace ferraris::cli
