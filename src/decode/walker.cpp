#include "decode/walker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ferraris::decode {

std::optional<std::string_view> term(std::span<const Term> table, std::uint64_t value) {
    const auto found = std::ranges::find_if(table, [value](const Term& row) { return row.value == value; });
    if (found == table.end()) return std::nullopt;
    return found->name;
}

void Walker::fail(std::string why) {
    if (failed_) return;
    failed_ = true;
    why_ = std::move(why);
}

std::uint8_t Walker::peek(std::size_t ahead) const {
    return ahead < remaining() ? octets_[position_ + ahead] : std::uint8_t{0};
}

Node Walker::open(std::string_view name) const {
    Node node;
    node.name = name;
    node.buffer = buffer_;
    node.offset = offset_ + position_;
    return node;
}

void Walker::close(Node& node) const { node.length = static_cast<std::uint32_t>(offset_ + position_ - node.offset); }

bool Walker::need(std::size_t count, std::string_view what) {
    if (failed_) return false;
    const std::size_t there = octets_.size() - position_;
    if (count <= there) return true;
    fail(fmt::format("cut short: {} needs {} octet{}, {} {} there", what, count, count == 1 ? "" : "s", there,
                     there == 1 ? "is" : "are"));
    cut_short_ = true;
    return false;
}

ByteView Walker::field(Node& parent, std::string_view name, std::size_t count) {
    if (!need(count, name)) return {};
    Node node = open(name);
    const ByteView content = octets_.subspan(position_, count);
    position_ += count;
    close(node);
    parent.add(std::move(node));
    return content;
}

std::uint64_t Walker::number(Node& parent, std::string_view name, std::size_t width) {
    const ByteView content = field(parent, name, width);
    if (failed_) return 0;
    std::uint64_t value = 0;
    for (const std::uint8_t octet : content) value = (value << 8U) | octet;
    parent.children.back().value = fmt::format_int(value).str();
    return value;
}

std::uint8_t Walker::choice(Node& parent, std::string_view name, std::span<const Term> table) {
    const auto value = static_cast<std::uint8_t>(number(parent, name, 1));
    if (failed_) return value;
    Node& node = parent.children.back();
    if (const auto known = term(table, value)) {
        node.meaning = *known;
    } else {
        node.meaning = "not in the standard's table";
        node.verdict = Verdict::note;
    }
    return value;
}

std::size_t Walker::length(Node& parent, std::string_view name) {
    if (!need(1, name)) return 0;
    const std::uint8_t first = octets_[position_];
    const std::size_t more = first < 0x80 ? 0 : first & 0x7FU;
    if (more > 4 || first == 0x80) {
        fail(fmt::format("{} begins with {:02X}, which no length does", name, first));
        return 0;
    }
    if (!need(1 + more, name)) return 0;
    Node node = open(name);
    std::size_t value = first;
    if (more != 0) {
        value = 0;
        for (std::size_t i = 0; i < more; ++i) value = (value << 8U) | octets_[position_ + 1 + i];
    }
    position_ += 1 + more;
    close(node);
    node.value = fmt::format_int(value).str();
    parent.add(std::move(node));
    return value;
}

ByteView Walker::octet_string(Node& parent, std::string_view name) {
    const std::size_t count = length(parent);
    return field(parent, name, count);
}

bool Walker::present(Node& parent, std::string_view name) {
    const auto flag = static_cast<std::uint8_t>(number(parent, name, 1));
    if (failed_) return false;
    Node& node = parent.children.back();
    node.meaning = flag == 0 ? "not there" : "follows";
    if (flag > 1) {
        node.verdict = Verdict::unexplained;
        node.meaning = "a presence flag is 0 or 1";
        fail(fmt::format("the presence flag of {} is {}", name, flag));
        return false;
    }
    return flag != 0;
}

Walker Walker::inner(std::size_t count) {
    if (failed_) {
        Walker none({}, buffer_, offset_ + position_);
        none.fail(why_);
        return none;
    }
    const std::size_t there = std::min(count, octets_.size() - position_);
    Walker part(octets_.subspan(position_, there), buffer_, offset_ + position_);
    position_ += there;
    if (there < count) {
        fail(fmt::format("cut short: {} octets announced, {} are there", count, there));
        cut_short_ = true;
    }
    return part;
}

void Walker::skip(std::size_t count) { (void)inner(count); }

void Walker::finish(Node& parent, std::string_view why_left) {
    const bool broken = failed_;
    const std::size_t left = octets_.size() - position_;
    if (left == 0 && !broken) return;
    Node node = open(broken ? "broken off" : "left over");
    position_ = octets_.size();
    close(node);
    node.meaning = broken ? why_ : std::string(why_left);
    node.verdict = Verdict::unexplained;
    if (cut_short_ && !more_.empty()) {
        node.meaning = more_;
        node.verdict = Verdict::incomplete;
    }
    parent.add(std::move(node));
}

std::string spaced_hex(ByteView octets, std::size_t most) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string text;
    const std::size_t count = std::min(octets.size(), most);
    text.reserve(count * 3 + 4);
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) text.push_back(' ');
        text.push_back(kDigits[octets[i] >> 4U]);
        text.push_back(kDigits[octets[i] & 0x0FU]);
    }
    if (count < octets.size()) text += " …";
    return text;
}

std::optional<std::string> printable(ByteView octets) {
    if (octets.empty()) return std::nullopt;
    std::string text = "\"";
    for (const std::uint8_t octet : octets) {
        if (octet < 0x20 || octet > 0x7E) return std::nullopt;
        text.push_back(static_cast<char>(octet));
    }
    return text + "\"";
}

void say(const Walker& in, Node& parent, std::string meaning, Verdict verdict) {
    if (in.failed() || parent.children.empty()) return;
    Node& node = parent.children.back();
    node.meaning = std::move(meaning);
    node.verdict = verdict;
}

std::size_t count_of(Walker& in, Node& node, std::string_view name) {
    const std::size_t count = in.length(node, name);
    if (!in.failed() && count > in.remaining()) {
        in.fail(fmt::format("{} items announced, {} octets are there", count, in.remaining()));
    }
    return in.failed() ? 0 : count;
}

}  // namespace ferraris::decode
