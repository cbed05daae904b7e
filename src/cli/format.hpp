/// Values of attributes as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/attribute_shapes.hpp"
#include "cli/value.hpp"

namespace ferraris::cli {

/// `scaler_unit` of registers: the value times ten to the power of `scaler`, in `unit`.
struct ScalerUnit {
    std::int8_t scaler{0};
    std::uint8_t unit{255};
    friend bool operator==(const ScalerUnit&, const ScalerUnit&) = default;
};

/// structure{integer, enum}; nothing for anything else.
[[nodiscard]] std::optional<ScalerUnit> scaler_unit_of(const Value& value);

/// "230.12 V", "1234.567 kWh": energies of a thousand and more in kilo, with all digits. Values that are no numbers as
/// `value_text`.
[[nodiscard]] std::string quantity_text(const Value& value, const ScalerUnit& scaler_unit);
/// The number alone, exact: "230.12".
[[nodiscard]] std::string number_text(const Value& value, int scaler);

/// Any value on one line: text in quotes, date-times, OBIS codes, hexadecimal for what is not known, `{…}` structures,
/// `[…]` arrays; with names and words as far as `shape` knows them.
[[nodiscard]] std::string value_text(const Value& value, Shape shape = {});
/// As that attribute of a class in that version; 255: the newest.
[[nodiscard]] std::string value_text(const Value& value, std::uint16_t class_id, std::int8_t attribute,
                                     std::uint8_t version = 255);

/// Octets that are printable ASCII (and there are some) as text; nothing otherwise.
[[nodiscard]] std::optional<std::string> printable(ByteView octets);

}  // namespace ferraris::cli
