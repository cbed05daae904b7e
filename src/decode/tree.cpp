#include "decode/tree.hpp"

#include <algorithm>

namespace ferraris::decode {
namespace {

struct Coverage {
    std::vector<std::vector<bool>> explained;
    std::vector<Gap> reasons;

    void mark(const Node& node, std::uint64_t length) {
        auto& octets = explained[node.buffer];
        for (std::uint64_t i = node.offset; i < node.offset + length && i < octets.size(); ++i) octets[i] = true;
    }

    void walk(const Node& node) {
        const bool leaf = std::ranges::all_of(
            node.children, [&](const Node& child) { return child.buffer != node.buffer || child.length == 0; });
        if (node.verdict == Verdict::unexplained) {
            reasons.push_back({node.buffer, node.offset, node.length, node.meaning});
        } else {
            mark(node, leaf ? node.length : node.head);
        }
        for (const Node& child : node.children) walk(child);
    }
};

}  // namespace

std::string_view verdict_name(Verdict verdict) {
    constexpr std::string_view kNames[] = {"good", "note", "wrong", "incomplete", "unexplained"};
    return kNames[static_cast<std::size_t>(verdict)];
}

ByteView Item::octets_of(const Node& part) const {
    const ByteView all = buffers[part.buffer].octets;
    const std::size_t offset = std::min<std::size_t>(part.offset, all.size());
    return all.subspan(offset, std::min<std::size_t>(part.length, all.size() - offset));
}

std::vector<Gap> unexplained(const Item& item) {
    Coverage coverage;
    for (const Buffer& buffer : item.buffers) coverage.explained.emplace_back(buffer.octets.size());
    coverage.walk(item.node);
    std::vector<Gap> gaps;
    for (std::uint32_t b = 0; b < coverage.explained.size(); ++b) {
        const auto& octets = coverage.explained[b];
        for (std::size_t i = 0; i < octets.size(); ++i) {
            if (octets[i]) continue;
            const std::size_t start = i;
            while (i < octets.size() && !octets[i]) ++i;
            Gap gap{b, start, i - start, {}};
            for (const Gap& reason : coverage.reasons) {
                if (reason.buffer == b && reason.offset >= start && reason.offset < i) gap.why = reason.why;
            }
            gaps.push_back(std::move(gap));
        }
    }
    return gaps;
}

Verdict worst(const Node& node) {
    Verdict verdict = node.verdict;
    for (const Node& child : node.children) verdict = std::max(verdict, worst(child));
    return verdict;
}

}  // namespace ferraris::decode
