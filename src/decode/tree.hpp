/// What an explanation is made of: a tree of named ranges of octets.
///
/// An item explains one frame or message. Its first buffer holds the octets as they came; what comes out of them by
/// deciphering or by joining pieces is a buffer of its own, so that every node points at octets that exist.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace ferraris::decode {

/// What became of the octets of a node.
enum class Verdict : std::uint8_t {
    good,         ///< explained
    note,         ///< explained, with something that deserves a look: a deviation from the standard, a missing key
    wrong,        ///< explained, but a check failed: check sum, authentication tag
    incomplete,   ///< explained as far as they go: the rest is not in the input
    unexplained,  ///< nobody knows; the meaning says why
};
/// "good", "note", "wrong", "incomplete", "unexplained"
[[nodiscard]] std::string_view verdict_name(Verdict verdict);

struct Node {
    std::string_view name{};  ///< in the words of the standard; always a constant
    std::uint32_t buffer{0};  ///< index in `Item::buffers`
    std::uint32_t length{0};  ///< octets, with those of the children that lie in the same buffer; 0 for a remark
    std::uint32_t head{0};    ///< octets at its beginning that the node itself explains where it has children
    std::uint64_t offset{0};  ///< in the buffer
    std::string value{};      ///< "16", "2019-12-04T10:06:11+02:00"; may be empty
    std::string meaning{};    ///< what the value says; may be empty
    Verdict verdict{Verdict::good};
    std::vector<Node> children{};

    Node& add(Node child) { return children.emplace_back(std::move(child)); }
};

struct Buffer {
    std::string name{};      ///< "input", "TCP 10.0.0.1:4059 to 10.0.0.2:50000", "deciphered", "joined"
    std::uint64_t start{0};  ///< where the first octet stands in what the name names
    std::vector<std::uint8_t> octets{};
};

struct Item {
    std::string time{};  ///< of a captured packet: "2026-01-31T12:00:00.123456Z"; else empty
    std::vector<Buffer> buffers{};
    Node node{};

    [[nodiscard]] ByteView octets_of(const Node& part) const;
};

/// Octets that no leaf explains.
struct Gap {
    std::uint32_t buffer{0};
    std::uint64_t offset{0};
    std::uint64_t length{0};
    std::string why{};

    friend bool operator==(const Gap&, const Gap&) = default;
};

/// Every octet of every buffer that is covered by no explained leaf, in order.
[[nodiscard]] std::vector<Gap> unexplained(const Item& item);
/// The worst verdict in the tree.
[[nodiscard]] Verdict worst(const Node& node);

}  // namespace ferraris::decode
