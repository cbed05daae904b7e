#include "conform/cases.hpp"

#include <stdexcept>

namespace ferraris::conform {

std::vector<const Case*> all_cases() {
    std::vector<const Case*> all;
    for (const auto group :
         {hdlc_cases(), application_cases(), object_cases(), security_cases(), block_cases(), image_cases()}) {
        for (const Case& each : group) all.push_back(&each);
    }
    return all;
}

Outcome run_case(const Case& conformance_case, Line& line, const Target& target, Crypto& crypto) {
    Bench bench(line, target, crypto);
    Outcome outcome{&conformance_case};
    try {
        conformance_case.run(bench);
    } catch (const Finding& finding) {
        outcome.verdict = finding.verdict;
        outcome.why = finding.why;
    } catch (const std::runtime_error& error) {
        outcome.verdict = Verdict::inconclusive;
        outcome.why = error.what();
    }
    outcome.record = bench.record();
    return outcome;
}

}  // namespace ferraris::conform
