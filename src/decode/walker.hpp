/// Reads fields one after the other and writes a node for each. What breaks stops the walk: later reads yield zeros and
/// write nothing, and `finish` marks what is left over with the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "decode/tree.hpp"

namespace ferraris::decode {

/// A row of a table of named numbers.
struct Term {
    std::uint32_t value;
    std::string_view name;
};
/// The name of `value`; nothing where the table has none.
[[nodiscard]] std::optional<std::string_view> term(std::span<const Term> table, std::uint64_t value);

class Walker {
public:
    /// Walks over `octets`, which begin at `offset` in buffer `buffer` of an item.
    Walker(ByteView octets, std::uint32_t buffer, std::uint64_t offset = 0)
        : octets_(octets), buffer_(buffer), offset_(offset) {}

    [[nodiscard]] bool failed() const { return failed_; }
    /// Why the walk broke off.
    [[nodiscard]] const std::string& why() const { return why_; }
    void fail(std::string why);

    [[nodiscard]] std::uint32_t buffer() const { return buffer_; }
    [[nodiscard]] std::size_t position() const { return position_; }
    [[nodiscard]] std::size_t remaining() const { return failed_ ? 0 : octets_.size() - position_; }
    [[nodiscard]] bool at_end() const { return remaining() == 0; }
    /// 0 behind the end.
    [[nodiscard]] std::uint8_t peek(std::size_t ahead = 0) const;
    /// What has not been read.
    [[nodiscard]] ByteView rest() const { return failed_ ? ByteView{} : octets_.subspan(position_); }

    /// A node that begins here; `close` gives it the length up to where the walk is then.
    [[nodiscard]] Node open(std::string_view name) const;
    void close(Node& node) const;

    /// A field of `count` octets with its octets as value where they are few. Nothing, and failed, when they are not
    /// all there.
    ByteView field(Node& parent, std::string_view name, std::size_t count);
    /// The same as a number of 1 to 8 octets, in decimal. The node is `parent.children.back()` when not `failed`.
    std::uint64_t number(Node& parent, std::string_view name, std::size_t width);
    /// One octet with the meaning that `table` gives it; a value that is not in the table gets a note.
    std::uint8_t choice(Node& parent, std::string_view name, std::span<const Term> table);
    /// A length in A-XDR (the same form as in BER).
    std::size_t length(Node& parent, std::string_view name = "length");
    /// Length and content of an A-XDR OCTET STRING; the content is a node of its own, also when it is empty.
    ByteView octet_string(Node& parent, std::string_view name);
    /// The presence flag of an OPTIONAL field.
    bool present(Node& parent, std::string_view name);

    /// A walker over the next `count` octets, which this one passes over. Failed when they are not all there, but it
    /// still walks over those that are.
    [[nodiscard]] Walker inner(std::size_t count);
    /// Passes over octets that another has explained.
    void skip(std::size_t count);

    /// The octets are the beginning of something longer: where they end is no fault.
    void expect_more(std::string_view what) { more_ = what; }

    /// Octets left over become an unexplained node: after a failure with its reason, else with `why_left`.
    void finish(Node& parent, std::string_view why_left = "nothing should follow here");

private:
    [[nodiscard]] bool need(std::size_t count, std::string_view what);

    ByteView octets_;
    std::uint32_t buffer_;
    std::uint64_t offset_;
    std::size_t position_{0};
    bool failed_{false};
    bool cut_short_{false};
    std::string why_{};
    std::string_view more_{};
};

/// "C0 01 81"; the first `most` octets and "…" of a longer one.
[[nodiscard]] std::string spaced_hex(ByteView octets, std::size_t most = 24);
/// The octets as text in quotation marks where all of them can be printed; else nothing.
[[nodiscard]] std::optional<std::string> printable(ByteView octets);
/// Count of a SEQUENCE OF, each of whose items takes an octet at least; 0 when the walk has failed.
[[nodiscard]] std::size_t count_of(Walker& in, Node& node, std::string_view name);
/// Says more about the last field of `parent`; nothing happens when the walk has failed.
void say(const Walker& in, Node& parent, std::string meaning, Verdict verdict = Verdict::good);

}  // namespace ferraris::decode
