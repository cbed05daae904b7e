/// Power is cut at every flash operation of a simulated stretch of time, before, in each word of, and after it, and
/// once more during the recovery; what comes back is compared with what the world had been told.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/civil_time.hpp"
#include "meter/profile/profile_table.hpp"
#include "meter/store/cut_flash.hpp"

namespace ferraris::meter::testing {

/// What may be counted on once the first `operations` operations were carried out.
struct Acknowledged {
    std::size_t operations{0};
    UtcTime time{};
    std::uint64_t import_milliwatthours{0};
    std::uint32_t seconds{0};
    std::uint32_t billing_period{0};
    std::uint32_t maximum_milliwatts{0};
    std::array<std::uint32_t, kProfileCount> newest_row{};  ///< sequence number behind it; 0: none
    std::optional<std::uint32_t> counter_sent{};
    std::string secret{};
};

struct Recording {
    UtcTime from{};
    std::vector<FlashOperation> operations{};
    std::vector<Acknowledged> acknowledged{};
};

/// A meter that is new at `from` runs for `seconds`, with a load that varies, and a client that changes a secret once
/// an hour and asks for counters.
[[nodiscard]] Recording record(UtcTime from, std::int64_t seconds);

struct CutPoints {
    std::size_t every{1};  ///< takes one of so many ways of all operations
    std::size_t part{0};   ///< of `parts`, for several threads
    std::size_t parts{1};
};

struct CutReport {
    std::size_t operations{0};  ///< of which at least one way was taken
    std::size_t points{0};
    std::size_t recoveries{0};  ///< of which again cut
    std::vector<std::string> failures{};
};

[[nodiscard]] CutReport cut_everywhere(const Recording& recording, const CutPoints& which);

}  // namespace ferraris::meter::testing
