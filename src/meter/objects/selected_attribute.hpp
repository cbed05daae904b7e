/// Attributes in lists, whole or in part: push_object_list (class 40) and protection_object_list (class 30, IEC
/// 62056-6-2).
#pragma once

#include <cstdint>
#include <optional>

#include "dlms/data.hpp"
#include "dlms/logical_name.hpp"
#include "dlms/server/logical_device.hpp"
#include "meter/security/client_level.hpp"

namespace ferraris::meter {

class Instrument;

/// structure{class_id long-unsigned, logical_name octet-string, attribute_index integer, data_index long-unsigned,
/// restriction structure{enum, null-data or structure{from, to}}} and, in lists that have them, columns array.
struct SelectedAttribute {
    dlms::AttributeDescriptor attribute{};
    std::uint16_t data_index{0};  ///< 0: the whole attribute, n: its nth element
    std::uint8_t restriction{0};  ///< 0 none, 1 by date, 2 by entry
    std::size_t column_count{0};
    ByteView columns{};  ///< capture objects, encoded
    ByteView from{};     ///< limits of the restriction, encoded elements
    ByteView to{};

    [[nodiscard]] bool whole() const { return data_index == 0 && restriction == 0 && column_count == 0; }
};

enum class Columns : std::uint8_t { none, listed };

[[nodiscard]] std::optional<SelectedAttribute> take_selected_attribute(dlms::DataReader& in, Columns columns);

/// Whether there is every attribute of an array of them, and each is well formed.
[[nodiscard]] bool attributes_exist(ByteView list, Columns columns);

/// Writes the value, or the part of it, behind what `out` has. `complete` is false where there is no room for it.
[[nodiscard]] dlms::ReadOutcome read_selected(Instrument& meter, const dlms::Caller& caller, Level level,
                                              const SelectedAttribute& selected, ByteWriter& out);

}  // namespace ferraris::meter
