#include <pugixml.hpp>
#include <sstream>

#include "base/hex.hpp"
#include "decode/render.hpp"

namespace ferraris::decode {
namespace {

void write(const Node& node, pugi::xml_node parent) {
    pugi::xml_node field = parent.append_child("field");
    field.append_attribute("name") = std::string(node.name).c_str();
    if (node.buffer != 0) field.append_attribute("buffer") = node.buffer;
    field.append_attribute("offset") = static_cast<unsigned long long>(node.offset);
    field.append_attribute("length") = node.length;
    if (!node.value.empty()) field.append_attribute("value") = node.value.c_str();
    if (!node.meaning.empty()) field.append_attribute("meaning") = node.meaning.c_str();
    if (node.verdict != Verdict::good) {
        field.append_attribute("verdict") = std::string(verdict_name(node.verdict)).c_str();
    }
    for (const Node& child : node.children) write(child, field);
}

}  // namespace

std::string render_xml(const Item& item) {
    pugi::xml_document document;
    pugi::xml_node message = document.append_child("message");
    const Buffer& input = item.buffers.front();
    message.append_attribute("source") = input.name.c_str();
    message.append_attribute("start") = static_cast<unsigned long long>(input.start);
    if (!item.time.empty()) message.append_attribute("time") = item.time.c_str();
    for (const Buffer& buffer : item.buffers) {
        pugi::xml_node element = message.append_child("buffer");
        element.append_attribute("name") = buffer.name.c_str();
        element.append_child(pugi::node_pcdata).set_value(to_hex(buffer.octets).c_str());
    }
    write(item.node, message);
    std::ostringstream out;
    document.save(out, " ", pugi::format_indent | pugi::format_no_declaration | pugi::format_skip_control_chars,
                  pugi::encoding_utf8);
    return out.str();
}

}  // namespace ferraris::decode
