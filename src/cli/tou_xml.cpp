// The XML form: a SET request in COSEM XML for each attribute of the table, as translators of DLMS messages write them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <pugixml.hpp>
#include <sstream>

#include "base/hex.hpp"
#include "cli/tou_parts.hpp"
#include "cli/tou_table.hpp"
#include "dlms/data.hpp"

namespace ferraris::cli {
namespace {

struct XmlType {
    const char* name;
    dlms::DataTag tag;
    std::size_t octets;  ///< of a number; 0: no number
};
/// The types that the attributes of classes 11 and 20 have.
constexpr std::array kXmlTypes{
    XmlType{"Array", dlms::DataTag::array, 0},
    XmlType{"Structure", dlms::DataTag::structure, 0},
    XmlType{"OctetString", dlms::DataTag::octet_string, 0},
    XmlType{"UInt8", dlms::DataTag::unsigned_, 1},
    XmlType{"UInt16", dlms::DataTag::long_unsigned, 2},
};

const XmlType* type_of(const char* name) {
    const auto* const found =
        std::ranges::find_if(kXmlTypes, [name](const XmlType& type) { return std::string_view(type.name) == name; });
    return found == kXmlTypes.end() ? nullptr : found;
}

void add_data(pugi::xml_node parent, dlms::DataReader& in) {
    const auto tag = in.peek();
    const auto* const type = std::ranges::find(kXmlTypes, tag.value_or(dlms::DataTag::null_data), &XmlType::tag);
    pugi::xml_node node = parent.append_child(type->name);
    if (type->tag == dlms::DataTag::array || type->tag == dlms::DataTag::structure) {
        const std::size_t count = type->tag == dlms::DataTag::array ? in.array() : in.structure();
        node.append_attribute("Qty") = fmt::format("{:04X}", count).c_str();
        for (std::size_t i = 0; i < count; ++i) add_data(node, in);
        return;
    }
    const auto element = in.any();
    node.append_attribute("Value") = to_hex(element->content).c_str();
}

class XmlTable {
public:
    explicit XmlTable(const std::string& text) : text_(text) {}
    TouFile file;

    void read() {
        pugi::xml_document document;
        const pugi::xml_parse_result result = document.load_buffer(text_.data(), text_.size());
        if (!result)
            return file.complain(line_at(result.offset), "this is no XML; `ferraris tou get --xml` shows the form");
        std::array<bool, kTouParts.size()> given{};
        for (const auto& found : document.select_nodes("//SetRequestNormal")) {
            take_request(found.node(), given);
        }
        for (std::size_t i = 0; i < given.size(); ++i) {
            if (!given[i] && kTouParts[i].required) {
                file.complain(1, fmt::format("the table lacks attribute {} of class {}: {}", kTouParts[i].passive,
                                             kTouParts[i].class_id, kTouParts[i].what));
            }
        }
    }

private:
    std::size_t line_at(std::ptrdiff_t offset) const {
        const auto end =
            text_.begin() + std::clamp<std::ptrdiff_t>(offset, 0, static_cast<std::ptrdiff_t>(text_.size()));
        return static_cast<std::size_t>(std::count(text_.begin(), end, '\n')) + 1;
    }

    void take_request(pugi::xml_node request, std::array<bool, kTouParts.size()>& given) {
        const std::size_t line = line_at(request.offset_debug());
        const pugi::xml_node descriptor = request.child("AttributeDescriptor");
        const auto number = [&](const char* name) {
            return std::strtoul(descriptor.child(name).attribute("Value").value(), nullptr, 16);
        };
        const auto instance = from_hex(descriptor.child("InstanceId").attribute("Value").value());
        const auto* const part = std::ranges::find_if(kTouParts, [&](const TouPart& each) {
            return each.class_id == number("ClassId") && instance && equal(*instance, each.name.view()) &&
                   static_cast<unsigned long>(each.passive) == number("AttributeId");
        });
        if (part == kTouParts.end()) {
            return file.complain(line,
                                 "this request is not of a tariff table; leave only attributes 6 to 9 of 0-0:13.0.0 "
                                 "(class 20) and attribute 2 of 0-0:11.0.0 (class 11)");
        }
        const auto index = static_cast<std::size_t>(part - kTouParts.begin());
        if (given[index]) return file.complain(line, fmt::format("{} is there twice; take one out", part->what));
        given[index] = true;
        std::vector<std::uint8_t> octets(meter::kMostCalendarPartOctets);
        ByteWriter out(octets);
        if (!put_data(request.child("Value").first_child(), out) || out.overflowed()) {
            return file.complain(
                line,
                fmt::format(
                    "the value of {} cannot be read; it is made of Array, Structure, OctetString, UInt8 and UInt16",
                    part->what));
        }
        const auto fault = part->take(file.table, out.written());
        if (fault != meter::CalendarFault::none)
            file.complain(line, fmt::format("{}: {}", part->what, fault_text(fault)));
        note_lines(index, request.child("Value").first_child());
    }

    void note_lines(std::size_t part, pugi::xml_node list) {
        static constexpr std::array<std::vector<std::size_t> TouLines::*, kTouParts.size()> kLines{
            nullptr, &TouLines::seasons, &TouLines::weeks, &TouLines::days, &TouLines::special_days};
        if (kLines[part] == nullptr) return;
        for (const pugi::xml_node& each : list.children())
            (file.lines.*kLines[part]).push_back(line_at(each.offset_debug()));
    }

    static bool put_data(pugi::xml_node node, ByteWriter& out) {
        const XmlType* const type = type_of(node.name());
        if (type == nullptr) return false;
        out.u8(static_cast<std::uint8_t>(type->tag));
        if (type->tag == dlms::DataTag::array || type->tag == dlms::DataTag::structure) {
            const auto children = node.children();
            dlms::put_length(out, static_cast<std::size_t>(std::distance(children.begin(), children.end())));
            return std::ranges::all_of(children, [&](const pugi::xml_node& child) { return put_data(child, out); });
        }
        const auto octets = from_hex(node.attribute("Value").value());
        if (!octets) return false;
        if (type->octets == 0) {
            dlms::put_length(out, octets->size());
        } else if (octets->size() != type->octets) {
            return false;
        }
        out.put(*octets);
        return true;
    }

    const std::string& text_;
};

}  // namespace

TouFile parse_tou_xml(const std::string& text) {
    XmlTable table(text);
    table.read();
    return std::move(table.file);
}

std::string tou_xml(const TouTable& table) {
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("TariffTable");
    for (const TouPart& part : kTouParts) {
        pugi::xml_node request = root.append_child("SetRequest").append_child("SetRequestNormal");
        request.append_child("InvokeIdAndPriority").append_attribute("Value") = "C1";
        pugi::xml_node descriptor = request.append_child("AttributeDescriptor");
        descriptor.append_child("ClassId").append_attribute("Value") = fmt::format("{:04X}", part.class_id).c_str();
        descriptor.append_child("InstanceId").append_attribute("Value") = to_hex(part.name.view()).c_str();
        descriptor.append_child("AttributeId").append_attribute("Value") = fmt::format("{:02X}", part.passive).c_str();
        const std::vector<std::uint8_t> value = encoded(part, table);
        dlms::DataReader in(value);
        add_data(request.append_child("Value"), in);
    }
    std::ostringstream out;
    document.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
    return out.str();
}

}  // namespace ferraris::cli
