#include <fmt/format.h>

#include "base/hex.hpp"
#include "decode/render.hpp"

namespace ferraris::decode {
namespace {

void quote(std::string& out, std::string_view text) {
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

class JsonWriter {
public:
    JsonWriter(const Item& item, int indent) : item_(item), indent_(static_cast<std::size_t>(indent)) {}

    std::string write() {
        const Buffer& input = item_.buffers.front();
        open("{");
        member("source", input.name);
        number("start", input.start);
        if (!item_.time.empty()) member("time", item_.time);
        key("buffers");
        open("[");
        for (const Buffer& buffer : item_.buffers) {
            element();
            open("{");
            member("name", buffer.name);
            member("hex", to_hex(buffer.octets));
            close("}");
        }
        close("]");
        key("tree");
        node(item_.node);
        close("}");
        return std::move(out_);
    }

private:
    void open(std::string_view bracket) {
        out_ += bracket;
        ++indent_;
        first_ = true;
    }
    void close(std::string_view bracket) {
        --indent_;
        line();
        out_ += bracket;
        first_ = false;
    }
    void line() {
        out_.push_back('\n');
        out_.append(indent_, ' ');
    }
    void element() {
        if (!first_) out_.push_back(',');
        first_ = false;
        line();
    }
    void key(std::string_view name) {
        element();
        quote(out_, name);
        out_ += ": ";
    }
    void member(std::string_view name, std::string_view value) {
        key(name);
        quote(out_, value);
    }
    void number(std::string_view name, std::uint64_t value) {
        key(name);
        out_ += fmt::format_int(value).c_str();
    }
    void node(const Node& node) {
        open("{");
        member("name", node.name);
        if (node.buffer != 0) number("buffer", node.buffer);
        number("offset", node.offset);
        number("length", node.length);
        if (!node.value.empty()) member("value", node.value);
        if (!node.meaning.empty()) member("meaning", node.meaning);
        if (node.verdict != Verdict::good) member("verdict", verdict_name(node.verdict));
        if (!node.children.empty()) {
            key("fields");
            open("[");
            for (const Node& child : node.children) {
                element();
                this->node(child);
            }
            close("]");
        }
        close("}");
    }

    const Item& item_;
    std::size_t indent_;
    std::string out_{};
    bool first_{true};
};

}  // namespace

std::string render_json(const Item& item, int indent) { return JsonWriter(item, indent).write(); }

}  // namespace ferraris::decode
