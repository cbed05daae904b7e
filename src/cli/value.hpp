/// Values of COSEM attributes as a tree. Meters have no room for one; people's programs have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "dlms/enumerations.hpp"
#include "dlms/logical_name.hpp"

namespace ferraris::cli {

/// One element of `Data` (IEC 62056-6-2, common data types), nested ones with their items.
struct Value {
    dlms::DataTag tag{dlms::DataTag::null_data};
    bool negative{false};
    std::uint64_t magnitude{0};          ///< of integers, enumerations, booleans (0, 1), deltas
    double real{0};                      ///< of float32 and float64
    std::size_t bit_count{0};            ///< of bit-strings
    std::vector<std::uint8_t> octets{};  ///< of strings, dates, times, and of what is not understood
    std::vector<Value> items{};          ///< of arrays and structures; compact arrays are unpacked into arrays

    [[nodiscard]] bool is_null() const { return tag == dlms::DataTag::null_data; }
    /// Holds a whole number: integers of all widths, enumerations, booleans.
    [[nodiscard]] bool is_integer() const;
    [[nodiscard]] bool is_list() const { return tag == dlms::DataTag::array || tag == dlms::DataTag::structure; }
    /// Holds octets: octet-string, visible-string, utf8-string.
    [[nodiscard]] bool is_string() const;
    /// A whole number that fits; nothing for other types.
    [[nodiscard]] std::optional<std::int64_t> integer() const;
    /// The sixth of a kind: an octet-string of six octets.
    [[nodiscard]] std::optional<dlms::LogicalName> logical_name() const;

    friend bool operator==(const Value&, const Value&) = default;
};

/// Exactly one element; nothing when it is not well formed or octets are left over.
[[nodiscard]] std::optional<Value> decode_value(ByteView encoded);

/// What a compact buffer (class 62) holds: a structure, its types from the template description. Nothing where the two
/// do not belong together.
[[nodiscard]] std::optional<Value> decode_compact_buffer(ByteView template_description, ByteView buffer);

/// "long-unsigned", "octet-string", …; "type 99" for an unknown tag.
[[nodiscard]] std::string type_name(dlms::DataTag tag);

/// The number times ten to the power of `scaler`, exact: "230.12", "-0.05", "4200".
[[nodiscard]] std::string decimal(bool negative, std::uint64_t magnitude, int scaler);

}  // namespace ferraris::cli
