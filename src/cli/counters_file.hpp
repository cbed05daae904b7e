/// The counters of a client, beside its key file (FILE.counters, mode 0600). With AES-GCM a counter must never be used
/// twice under one key, not even after a crash: a range is reserved, written and synced before the first number of it
/// is used, and what was not used is given back at a clean end. What each meter sent with last is kept too, so that its
/// old answers are known for what they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "cli/key_file.hpp"

namespace ferraris::cli {

class CountersFile {
public:
    explicit CountersFile(const std::filesystem::path& key_file);

    /// The first counter of `client_sap` that was never used; 1 when there is none yet.
    [[nodiscard]] std::uint32_t next(std::uint16_t client_sap) const;

    /// Reserves `count` numbers from the greater of `at_least` and `next()`, durably, also against other processes with
    /// the same file. Returns the first. Throws CliError when the file cannot be written or the numbers are used up.
    [[nodiscard]] std::uint32_t reserve(std::uint16_t client_sap, std::uint32_t at_least, std::uint32_t count);

    /// Gives back the end of a reservation: `first_unused` up to `end`, unless somebody reserved beyond `end`
    /// meanwhile.
    void give_back(std::uint16_t client_sap, std::uint32_t first_unused, std::uint32_t end);

    /// The last counter that each meter sent with to `client_sap`, by the meter's system title.
    [[nodiscard]] std::map<SystemTitle, std::uint32_t> heard(std::uint16_t client_sap) const;
    /// Keeps it, unless a greater one is there already.
    void hear(std::uint16_t client_sap, const SystemTitle& meter, std::uint32_t counter);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    struct Counters {
        std::map<std::uint16_t, std::uint32_t> next{};
        std::map<std::pair<std::uint16_t, SystemTitle>, std::uint32_t> heard{};
    };
    [[nodiscard]] Counters load() const;
    void store(const Counters& counters) const;

    std::filesystem::path path_;
};

/// Counters for one association, taken from a file in reserved ranges, or from memory when there is no key file.
class CounterSource {
public:
    /// `file` null: nothing is kept. `at_least` is the least that the meter would accept.
    CounterSource(CountersFile* file, std::uint16_t client_sap, std::uint32_t at_least);
    ~CounterSource();
    CounterSource(const CounterSource&) = delete;
    CounterSource& operator=(const CounterSource&) = delete;

    /// The next number, never given twice. Throws CliError when it cannot be made sure.
    [[nodiscard]] std::uint32_t take();
    /// The first number that `take` would give.
    [[nodiscard]] std::uint32_t peek() const { return next_; }

private:
    CountersFile* file_;
    std::uint16_t client_sap_;
    std::uint32_t next_;
    std::uint32_t end_;  ///< first number that is not reserved
};

}  // namespace ferraris::cli
