/// What the elements of structured attributes are called (IEC 62056-6-2), so that a value reads as
/// `{script_logical_name: 0-0:10.0.106, script_selector: 1}`.
///
/// A shape is written as the value will be read:
///
///     name              an element called so
///     :kind             a number of that enumeration, or class, time, date, …: how it is shown
///     {a, b:kind, c[]}  a structure of elements a, b and c
///     [shape]           an array of elements of that shape
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ferraris::cli {

/// A part of a shape: that of one value. An empty one knows nothing, and so do all its parts.
class Shape {
public:
    constexpr Shape() = default;
    constexpr explicit Shape(std::string_view text) : text_(text) {}

    [[nodiscard]] bool is_array() const { return text_.starts_with('['); }
    [[nodiscard]] bool is_structure() const { return text_.starts_with('{'); }
    /// "control_state" of ":control_state"; empty when nothing is said.
    [[nodiscard]] std::string_view kind() const {
        return text_.starts_with(':') ? text_.substr(1) : std::string_view{};
    }
    /// Of an array: the shape of its elements.
    [[nodiscard]] Shape element() const;
    /// Of a structure: what element `index` is called, and its shape. Empty beyond its end.
    [[nodiscard]] std::string_view name_of(std::size_t index) const;
    [[nodiscard]] Shape shape_of(std::size_t index) const;
    /// Of a structure: how many elements it names.
    [[nodiscard]] std::size_t size() const;

private:
    [[nodiscard]] std::string_view field(std::size_t index) const;

    std::string_view text_{};
};

/// The shape of an attribute; an empty one when nothing is known of it. `version` of the class.
[[nodiscard]] Shape attribute_shape(std::uint16_t class_id, std::int8_t attribute, std::uint8_t version);

}  // namespace ferraris::cli
