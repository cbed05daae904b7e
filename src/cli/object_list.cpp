#include "cli/object_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/class_names.hpp"
#include "cli/error.hpp"
#include "cli/results.hpp"
#include "cli/terminal.hpp"

namespace ferraris::cli {
namespace {

constexpr std::uint16_t kAssociation = 15;
constexpr dlms::LogicalName kCurrentAssociation = dlms::obis(0, 0, 40, 0, 0);

/// Version of the association object from which access modes are bits.
constexpr std::uint8_t kModesAreBits = 3;

AttributeRight right_of(std::int8_t attribute, std::int64_t mode, bool bits) {
    if (bits) return {attribute, (mode & 1) != 0, (mode & 2) != 0};
    // 0 none, 1 read, 2 write, 3 both; 4 to 6 the same with authentication.
    const std::int64_t plain = mode > 3 ? mode - 3 : mode;
    return {attribute, (plain & 1) != 0, (plain & 2) != 0};
}

/// Where the list says nothing about attributes, all of the class are worth a try.
std::vector<AttributeRight> assumed_rights(std::uint16_t class_id, std::uint8_t version) {
    std::vector<AttributeRight> rights;
    for (std::int8_t i = 1; i <= attribute_count(class_id, version); ++i) rights.push_back({i, true, false});
    return rights;
}

std::optional<ListedObject> object_of(const Value& element, bool bits) {
    if (element.tag != dlms::DataTag::structure || element.items.size() < 3) return std::nullopt;
    const auto class_id = element.items[0].integer();
    const auto version = element.items[1].integer();
    const auto name = element.items[2].logical_name();
    if (!class_id || !version || !name || *class_id < 0 || *class_id > 0xFFFF) return std::nullopt;
    ListedObject object;
    object.class_id = static_cast<std::uint16_t>(*class_id);
    object.version = static_cast<std::uint8_t>(*version);
    object.name = *name;
    if (element.items.size() > 3 && element.items[3].items.size() == 2) {
        for (const Value& item : element.items[3].items[0].items) {
            if (item.items.size() < 2) continue;
            const auto attribute = item.items[0].integer();
            const auto mode = item.items[1].integer();
            if (attribute && mode && *attribute > 0 && *attribute < 128) {
                object.attributes.push_back(right_of(static_cast<std::int8_t>(*attribute), *mode, bits));
            }
        }
        for (const Value& item : element.items[3].items[1].items) {
            if (item.items.size() < 2) continue;
            const auto method = item.items[0].integer();
            const auto mode = item.items[1].integer();
            if (method && mode.value_or(0) != 0) object.methods.push_back(static_cast<std::int8_t>(*method));
        }
    }
    if (object.attributes.empty()) object.attributes = assumed_rights(object.class_id, object.version);
    return object;
}

/// A list of short names says nothing about rights.
std::vector<ListedObject> listed(const std::vector<ShortNameObject>& objects) {
    std::vector<ListedObject> list;
    list.reserve(objects.size());
    for (const ShortNameObject& object : objects) {
        list.push_back(
            {object.class_id, object.version, object.name, assumed_rights(object.class_id, object.version), {}});
    }
    return list;
}

bool modes_are_bits(const Value& list) {
    return std::ranges::any_of(list.items, [](const Value& element) {
        const bool association = element.items.size() >= 3 &&
                                 element.items[0].integer() == std::int64_t{kAssociation} &&
                                 element.items[2].logical_name() == kCurrentAssociation;
        return association && element.items[1].integer().value_or(0) >= kModesAreBits;
    });
}

}  // namespace

bool ListedObject::readable(std::int8_t attribute) const {
    return std::ranges::any_of(attributes, [attribute](const AttributeRight& right) {
        return right.attribute == attribute && right.readable;
    });
}

std::vector<ListedObject> parse_object_list(const Value& list) {
    std::vector<ListedObject> objects;
    const bool bits = modes_are_bits(list);
    for (const Value& element : list.items) {
        if (auto object = object_of(element, bits)) objects.push_back(std::move(*object));
    }
    return objects;
}

std::vector<ListedObject> read_object_list(Client& client) {
    if (const auto* const objects = client.short_name_objects()) return listed(*objects);
    Progress progress("Reading the list of objects");
    std::vector<std::uint8_t> encoded;
    const dlms::DataAccessResult result =
        client.get_streamed({kAssociation, kCurrentAssociation, 2}, nullptr, [&](ByteView octets) {
            encoded.insert(encoded.end(), octets.begin(), octets.end());
            progress.show(encoded.size(), 0, "octets");
            return true;
        });
    if (result != dlms::DataAccessResult::success) {
        throw CliError(
            fmt::format("the meter does not give its list of objects: {}; name what to read as CLASS/OBIS:ATTRIBUTE",
                        explain(result)));
    }
    const auto list = decode_value(encoded);
    if (!list || list->tag != dlms::DataTag::array) {
        throw CliError("the meter's list of objects is not understood; name what to read as CLASS/OBIS:ATTRIBUTE");
    }
    return parse_object_list(*list);
}

const ListedObject* find_object(const std::vector<ListedObject>& list, const dlms::LogicalName& name,
                                std::optional<std::uint16_t> class_id) {
    const auto found = std::ranges::find_if(list, [&](const ListedObject& object) {
        return object.name == name && (!class_id || object.class_id == *class_id);
    });
    return found == list.end() ? nullptr : &*found;
}

}  // namespace ferraris::cli
