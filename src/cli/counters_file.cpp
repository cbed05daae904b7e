#include "cli/counters_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>

#include "base/hex.hpp"
#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

/// Few enough that a crash costs little of the four thousand million, many enough that a long reading syncs seldom.
constexpr std::uint32_t kReservation = 256;

[[noreturn]] void fail(const std::filesystem::path& path) {
    throw CliError(fmt::format("the counters file {} cannot be written: {}; without it a counter could be used twice",
                               path.string(), std::strerror(errno)));
}

/// Keeps other processes with the same file away.
class Lock {
public:
    explicit Lock(const std::filesystem::path& path) : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (file_ < 0 || ::flock(file_, LOCK_EX) != 0) fail(path);
    }
    ~Lock() { ::close(file_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    int file_;
};

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) { return path += suffix; }

struct NextLine {
    std::uint16_t client_sap;
    std::uint32_t counter;
};

/// "client 1 next 257"
std::optional<NextLine> next_of(const std::string& line) {
    std::uint16_t sap = 0;
    std::uint32_t counter = 0;
    int end = 0;
    if (std::sscanf(line.c_str(), "client %5" SCNu16 " next %10" SCNu32 "%n", &sap, &counter, &end) != 2)
        return std::nullopt;
    // Numbers that do not fit would be others when written again.
    if (line != fmt::format("client {} next {}", sap, counter)) return std::nullopt;
    return NextLine{sap, counter};
}

struct HeardLine {
    std::uint16_t client_sap;
    SystemTitle meter;
    std::uint32_t counter;
};

/// "client 1 meter 4652530000000001 heard 12"
std::optional<HeardLine> heard_of(const std::string& line) {
    HeardLine heard{};
    std::array<char, 17> title{};
    if (std::sscanf(line.c_str(), "client %5" SCNu16 " meter %16s heard %10" SCNu32, &heard.client_sap, title.data(),
                    &heard.counter) != 3) {
        return std::nullopt;
    }
    const auto octets = from_hex(title.data());
    if (!octets || octets->size() != heard.meter.size()) return std::nullopt;
    std::ranges::copy(*octets, heard.meter.begin());
    if (line != fmt::format("client {} meter {} heard {}", heard.client_sap, title.data(), heard.counter))
        return std::nullopt;
    return heard;
}

}  // namespace

CountersFile::CountersFile(const std::filesystem::path& key_file) : path_(with_suffix(key_file, ".counters")) {}

CountersFile::Counters CountersFile::load() const {
    Counters counters;
    if (!std::filesystem::exists(path_)) return counters;
    std::ifstream file(path_);
    if (!file)
        throw CliError(fmt::format("the counters file {} cannot be read: {}", path_.string(), std::strerror(errno)));
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        if (line.empty() || line.front() == '#') continue;
        if (const auto next = next_of(line)) {
            counters.next[next->client_sap] = next->counter;
        } else if (const auto heard = heard_of(line)) {
            counters.heard[{heard->client_sap, heard->meter}] = heard->counter;
        } else {
            throw CliError(fmt::format(
                "counters file {}, line {}: neither \"client N next COUNTER\" nor \"client N meter TITLE heard "
                "COUNTER\"; correct it, or delete the file if the meter's counter can be read",
                path_.string(), number));
        }
    }
    return counters;
}

void CountersFile::store(const Counters& counters) const {
    std::string text = "# First sending counter that was not used yet, for each client. Never lower one.\n";
    for (const auto& [sap, next] : counters.next) text += fmt::format("client {} next {}\n", sap, next);
    if (!counters.heard.empty()) text += "# Last counter that a meter sent with; what is not beyond it is a replay.\n";
    for (const auto& [who, counter] : counters.heard) {
        text += fmt::format("client {} meter {} heard {}\n", who.first, to_hex(who.second), counter);
    }
    const std::filesystem::path fresh = with_suffix(path_, ".new");
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) fail(path_);
    const bool written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    ::close(file);
    if (!written || ::rename(fresh.c_str(), path_.c_str()) != 0) fail(path_);
    const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 || ::fsync(directory) != 0) fail(path_);
    ::close(directory);
}

std::uint32_t CountersFile::next(std::uint16_t client_sap) const {
    const Counters counters = load();
    const auto found = counters.next.find(client_sap);
    return found == counters.next.end() ? 1 : found->second;
}

std::uint32_t CountersFile::reserve(std::uint16_t client_sap, std::uint32_t at_least, std::uint32_t count) {
    const Lock lock(with_suffix(path_, ".lock"));
    Counters counters = load();
    std::uint32_t& next = counters.next.try_emplace(client_sap, 1U).first->second;
    const std::uint32_t first = std::max(next, at_least);
    if (first > std::numeric_limits<std::uint32_t>::max() - count) {
        throw CliError(fmt::format(
            "the sending counters of client {} are used up; give the meter and the key file a new key", client_sap));
    }
    next = first + count;
    store(counters);
    return first;
}

void CountersFile::give_back(std::uint16_t client_sap, std::uint32_t first_unused, std::uint32_t end) {
    const Lock lock(with_suffix(path_, ".lock"));
    Counters counters = load();
    std::uint32_t& next = counters.next[client_sap];
    if (next != end) return;
    next = first_unused;
    store(counters);
}

std::map<SystemTitle, std::uint32_t> CountersFile::heard(std::uint16_t client_sap) const {
    std::map<SystemTitle, std::uint32_t> meters;
    for (const auto& [who, counter] : load().heard) {
        if (who.first == client_sap) meters[who.second] = counter;
    }
    return meters;
}

void CountersFile::hear(std::uint16_t client_sap, const SystemTitle& meter, std::uint32_t counter) {
    const Lock lock(with_suffix(path_, ".lock"));
    Counters counters = load();
    const auto [found, is_new] = counters.heard.try_emplace({client_sap, meter}, counter);
    if (!is_new && found->second >= counter) return;
    found->second = counter;
    store(counters);
}

CounterSource::CounterSource(CountersFile* file, std::uint16_t client_sap, std::uint32_t at_least)
    : file_(file), client_sap_(client_sap), next_(at_least), end_(std::numeric_limits<std::uint32_t>::max()) {
    if (file_ == nullptr) return;
    next_ = file_->reserve(client_sap_, at_least, kReservation);
    end_ = next_ + kReservation;
}

CounterSource::~CounterSource() {
    if (file_ == nullptr || next_ == end_) return;
    try {
        file_->give_back(client_sap_, next_, end_);
    } catch (const CliError&) {
        // What stays reserved is lost, not used twice.
        return;
    }
}

std::uint32_t CounterSource::take() {
    if (next_ == end_) {
        if (file_ == nullptr) throw CliError("the sending counters are used up; the meter needs a new key");
        next_ = file_->reserve(client_sap_, end_, kReservation);
        end_ = next_ + kReservation;
    }
    return next_++;
}

}  // namespace ferraris::cli
