/// What a meter says it has: the object list of the current association (IEC 62056-6-2, class 15, attribute 2).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cli/client.hpp"
#include "cli/value.hpp"

namespace ferraris::cli {

struct AttributeRight {
    std::int8_t attribute{0};
    bool readable{false};
    bool writable{false};
};

struct ListedObject {
    std::uint16_t class_id{0};
    std::uint8_t version{0};
    dlms::LogicalName name{};
    std::vector<AttributeRight> attributes{};
    std::vector<std::int8_t> methods{};  ///< those that may be called

    [[nodiscard]] bool readable(std::int8_t attribute) const;
};

/// Elements that are not as the standard wants them are left out. The access modes mean other things from version 3 of
/// the association on, which the list itself tells.
[[nodiscard]] std::vector<ListedObject> parse_object_list(const Value& list);

/// Reads it from the meter. Throws CliError when the meter does not give it.
[[nodiscard]] std::vector<ListedObject> read_object_list(Client& client);

/// The object of that name, and of that class where one is given.
[[nodiscard]] const ListedObject* find_object(const std::vector<ListedObject>& list, const dlms::LogicalName& name,
                                              std::optional<std::uint16_t> class_id);

}  // namespace ferraris::cli
