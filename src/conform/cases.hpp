/// The conformance cases: names as in the plans of the DLMS User Association (1001-3 for HDLC, 1001-6 for the
/// application layer, COSEM objects and symmetric security), procedures our own; and groups of our own where there are
/// no public plans.
#pragma once

#include <span>

#include "conform/bench.hpp"

namespace ferraris::conform {

struct Case {
    const char* id;
    const char* purpose;
    const char* clause;  ///< of the standard that the case rests on
    /// Returns when all is as it should be; throws a Finding otherwise.
    void (*run)(Bench& bench);
};

[[nodiscard]] std::span<const Case> hdlc_cases();
[[nodiscard]] std::span<const Case> application_cases();
[[nodiscard]] std::span<const Case> security_cases();

[[nodiscard]] std::span<const Case> object_cases();
/// Blocks of GET, SET and ACTION, and general blocks.
[[nodiscard]] std::span<const Case> block_cases();
[[nodiscard]] std::span<const Case> image_cases();

/// All of them, in this order.
[[nodiscard]] std::vector<const Case*> all_cases();

struct Outcome {
    const Case* of{nullptr};
    Verdict verdict{Verdict::passed};
    std::string why{};
    std::vector<Passage> record{};
};

/// Runs one case on a fresh record. What the line throws makes it inconclusive.
[[nodiscard]] Outcome run_case(const Case& conformance_case, Line& line, const Target& target, Crypto& crypto);

}  // namespace ferraris::conform
