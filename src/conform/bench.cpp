#include "conform/bench.hpp"

namespace ferraris::conform {
namespace {

/// No case needs a tenth of it: a meter that fills it talks without being asked.
constexpr std::size_t kLongestRecord = 50'000;

}  // namespace

const char* name_of(Verdict verdict) {
    constexpr const char* kNames[] = {"passed", "failed", "inconclusive", "not applicable"};
    return kNames[static_cast<std::size_t>(verdict)];
}

void expect(bool met, const std::string& expected) {
    if (!met) throw Finding{Verdict::failed, expected};
}

const Credentials& Bench::credentials() const {
    if (!target_.credentials) throw Finding{Verdict::not_applicable, "no keys of a ciphering client are given"};
    return *target_.credentials;
}

void Bench::send(ByteView octets) {
    record_.push_back({true, {octets.begin(), octets.end()}});
    line_.send(octets);
}

Octets Bench::receive(milliseconds patience) {
    if (record_.size() >= kLongestRecord) throw Finding{Verdict::failed, "the meter comes to an end"};
    Octets octets = line_.receive(patience);
    if (!octets.empty()) record_.push_back({false, octets});
    return octets;
}

}  // namespace ferraris::conform
