#include <fmt/format.h>

#include <algorithm>

#include "decode/render.hpp"
#include "decode/walker.hpp"

namespace ferraris::decode {
namespace {

constexpr std::size_t kOctetsInLine = 8;
constexpr std::size_t kMostLines = 4;
constexpr std::size_t kHexColumns = kOctetsInLine * 3 + 1;

class TextWriter {
public:
    explicit TextWriter(const Item& item) : item_(item) {}

    std::string write() {
        const Buffer& input = item_.buffers.front();
        text_ = fmt::format("{}{}{} octet{}\n", item_.time.empty() ? "" : item_.time + "  ",
                            input.name.empty() ? "" : input.name + ", ", input.octets.size(),
                            input.octets.size() == 1 ? "" : "s");
        node(item_.node, 0, 0);
        return std::move(text_);
    }

private:
    /// "0012  7E A0 …" in columns, then the indentation.
    void columns(std::uint64_t offset, ByteView octets, int level) {
        constexpr char kDigits[] = "0123456789ABCDEF";
        fmt::format_to(std::back_inserter(text_), "{:04X}  ", offset);
        for (const std::uint8_t octet : octets) {
            text_.push_back(kDigits[octet >> 4U]);
            text_.push_back(kDigits[octet & 0x0FU]);
            text_.push_back(' ');
        }
        text_.append(kHexColumns - octets.size() * 3 + static_cast<std::size_t>(level) * 2, ' ');
    }

    void node(const Node& node, int level, std::uint32_t buffer) {
        if (node.buffer != buffer) {
            const Buffer& other = item_.buffers[node.buffer];
            text_.append(6 + kHexColumns + static_cast<std::size_t>(level) * 2, ' ');
            fmt::format_to(std::back_inserter(text_), "-- {}, {} octets:\n", other.name, other.octets.size());
        }
        const std::uint64_t start = item_.buffers[node.buffer].start;
        const bool leaf = node.children.empty();
        const ByteView octets = item_.octets_of(node);
        const ByteView shown = leaf ? octets : octets.first(std::min<std::size_t>(node.head, octets.size()));
        columns(start + node.offset, shown.first(std::min(kOctetsInLine, shown.size())), level);
        text_ += node.name;
        if (!node.value.empty()) {
            text_ += ": ";
            text_ += node.value;
        }
        if (!node.meaning.empty()) {
            text_ += node.value.empty() ? ": " : "  (";
            text_ += node.meaning;
            if (!node.value.empty()) text_ += ')';
        }
        if (node.verdict != Verdict::good && node.verdict != Verdict::note) {
            text_ += fmt::format("  [{}]", verdict_name(node.verdict));
        } else if (node.verdict == Verdict::note) {
            text_ += "  [!]";
        }
        text_ += '\n';
        for (std::size_t line = 1; line * kOctetsInLine < shown.size(); ++line) {
            const ByteView rest = shown.subspan(line * kOctetsInLine);
            if (line == kMostLines) {
                text_ += fmt::format("      … {} more\n", rest.size());
                break;
            }
            columns(start + node.offset + line * kOctetsInLine, rest.first(std::min(kOctetsInLine, rest.size())), 0);
            while (text_.back() == ' ') text_.pop_back();
            text_ += '\n';
        }
        for (const Node& child : node.children) this->node(child, level + 1, node.buffer);
    }

    const Item& item_;
    std::string text_{};
};

}  // namespace

std::string render_text(const Item& item) { return TextWriter(item).write(); }

}  // namespace ferraris::decode
