#include "cli/conform_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"

namespace ferraris::cli {

using conform::Verdict;

std::size_t ConformReport::count(Verdict verdict) const {
    return static_cast<std::size_t>(std::ranges::count(outcomes, verdict, &conform::Outcome::verdict));
}

bool ConformReport::is_passed() const {
    return count(Verdict::passed) != 0 && count(Verdict::failed) == 0 && count(Verdict::inconclusive) == 0;
}

std::string summary_of(const ConformReport& report) {
    return fmt::format("{} passed, {} failed, {} inconclusive, {} not applicable", report.count(Verdict::passed),
                       report.count(Verdict::failed), report.count(Verdict::inconclusive),
                       report.count(Verdict::not_applicable));
}

std::string to_text(const conform::Outcome& outcome) {
    const char* const name = outcome.verdict == Verdict::failed ? "FAILED" : conform::name_of(outcome.verdict);
    std::string text = fmt::format("{:<15} {:<17} {}", name, outcome.of->id, outcome.of->purpose);
    if (outcome.verdict == Verdict::not_applicable) return text + fmt::format(" ({})\n", outcome.why);
    text += '\n';
    if (outcome.verdict == Verdict::passed) return text;
    const char* const what = outcome.verdict == Verdict::failed ? "expected" : "not decided";
    text += fmt::format("    {}: {} ({})\n", what, outcome.why, outcome.of->clause);
    for (const conform::Passage& passage : outcome.record) {
        text += fmt::format("    {} {}\n", passage.sent ? "->" : "<-", to_hex(passage.octets));
    }
    return text;
}

std::string to_json(const ConformReport& report) {
    nlohmann::ordered_json json{{"address", report.address}, {"passed", report.is_passed()}};
    for (const Verdict verdict : {Verdict::passed, Verdict::failed, Verdict::inconclusive, Verdict::not_applicable}) {
        json["summary"][conform::name_of(verdict)] = report.count(verdict);
    }
    json["cases"] = nlohmann::ordered_json::array();
    for (const conform::Outcome& outcome : report.outcomes) {
        nlohmann::ordered_json record = nlohmann::ordered_json::array();
        for (const conform::Passage& passage : outcome.record) {
            record.push_back({{"direction", passage.sent ? "sent" : "received"}, {"hex", to_hex(passage.octets)}});
        }
        json["cases"].push_back({{"id", outcome.of->id},
                                 {"purpose", outcome.of->purpose},
                                 {"clause", outcome.of->clause},
                                 {"verdict", conform::name_of(outcome.verdict)},
                                 {"reason", outcome.why},
                                 {"record", std::move(record)}});
    }
    return json.dump(1) + "\n";
}

}  // namespace ferraris::cli
