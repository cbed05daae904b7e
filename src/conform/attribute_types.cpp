#include "conform/attribute_types.hpp"

#include <algorithm>
#include <iterator>

#include "dlms/data.hpp"

namespace ferraris::conform {
namespace {

using enum dlms::DataTag;

constexpr AttributeType kTypes[]{
    {3, 3, structure},
    {4, 3, structure},
    {5, 4, structure},
    {6, 2, array},
    {6, 3, array},
    {7, 3, array},
    {7, 4, double_long_unsigned},
    {7, 5, enum_, 6},
    {7, 7, double_long_unsigned},
    {7, 8, double_long_unsigned},
    {8, 2, octet_string},
    {8, 3, long_},
    {8, 4, unsigned_},
    {8, 5, octet_string},
    {8, 6, octet_string},
    {8, 7, integer},
    {8, 8, boolean},
    {8, 9, enum_, 5},
    {9, 2, array},
    {10, 2, array},
    {11, 2, array},
    {15, 2, array},
    {15, 3, structure},
    {15, 5, structure},
    {15, 8, enum_, 2},
    {15, 9, octet_string},
    {17, 2, array},
    {18, 2, double_long_unsigned},
    {18, 3, bit_string},
    {18, 4, double_long_unsigned},
    {18, 5, boolean},
    {18, 6, enum_, 7},
    {18, 7, array},
    {19, 2, enum_, 1},
    {19, 3, enum_, 9},
    {19, 4, enum_, 9},
    {19, 5, enum_, 1},
    {19, 6, octet_string},
    {19, 7, octet_string},
    {19, 8, octet_string},
    {19, 9, octet_string},
    {20, 2, octet_string},
    {20, 3, array},
    {20, 4, array},
    {20, 5, array},
    {20, 6, octet_string},
    {20, 7, array},
    {20, 8, array},
    {20, 9, array},
    {21, 2, array},
    {21, 4, array},
    {22, 2, structure},
    {22, 3, enum_, 5},
    {22, 4, array},
    {23, 2, enum_, 9},
    {23, 3, unsigned_},
    {23, 4, unsigned_},
    {23, 5, long_unsigned},
    {23, 6, long_unsigned},
    {23, 7, long_unsigned},
    {23, 8, long_unsigned},
    {23, 9, long_unsigned},
    {30, 2, octet_string},
    {30, 3, array},
    {30, 4, array},
    {30, 5, array},
    {30, 6, enum_},
    {40, 2, array},
    {40, 3, structure},
    {40, 4, array},
    {40, 5, long_unsigned},
    {40, 6, unsigned_},
    {41, 2, long_unsigned},
    {41, 3, octet_string},
    {41, 4, long_unsigned},
    {41, 5, unsigned_},
    {41, 6, long_unsigned},
    {42, 2, octet_string},
    {64, 3, enum_, 2},
    {64, 4, octet_string},
    {64, 5, octet_string},
    {64, 6, array},
    {70, 2, boolean},
    {70, 3, enum_, 2},
    {70, 4, enum_, 7},
    {71, 2, structure},
    {71, 6, double_long_unsigned},
    {71, 7, double_long_unsigned},
    {71, 8, structure},
    {71, 10, boolean},
    {71, 11, structure},
};

}  // namespace

const AttributeType* attribute_type(std::uint16_t class_id, std::int8_t attribute) {
    const auto* const found = std::ranges::find_if(
        kTypes, [&](const AttributeType& each) { return each.class_id == class_id && each.attribute == attribute; });
    return found == std::end(kTypes) ? nullptr : found;
}

const char* wrong_with(const dlms::AttributeDescriptor& attribute, ByteView value) {
    dlms::DataReader in(value);
    const auto element = in.any();
    if (!element || !in.finished()) return "its value is one well-formed element";
    if (attribute.attribute == 1) {
        const bool name = element->tag == octet_string && equal(element->content, attribute.instance.groups);
        return name ? nullptr : "attribute 1 is the object's logical name";
    }
    const AttributeType* const type = attribute_type(attribute.class_id, attribute.attribute);
    if (type == nullptr) return nullptr;
    if (element->tag != type->tag) return "its value has the type of its class";
    if (type->greatest && element->content[0] > *type->greatest) return "its value is one of the enumeration";
    return nullptr;
}

}  // namespace ferraris::conform
