/// What the display shows one after the other: lists of values that the object table addresses, one for the normal and
/// one for the service mode, which clients read and write.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/fixed_vector.hpp"
#include "dlms/apdu/selective_access.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// How a value that has no elements is shown, in the place of its data index.
enum class DisplayView : std::uint8_t { plain, hexadecimal, time_of_day, date };
inline constexpr std::size_t kDisplayViewCount = 4;

/// Characters of an id text; seven digits with their points.
inline constexpr std::size_t kMaxDisplayId = 14;
using DisplayId = FixedVector<std::uint8_t, kMaxDisplayId>;

struct DisplayItem {
    /// The value. Of structures and arrays the data index says which element; of others it is a `DisplayView`.
    dlms::CaptureObject object{};
    std::uint8_t decimals{0};  ///< 0 to 3, of kWh, kW, kvarh, kvar, kVAh, kVA, or else of the unit itself
    DisplayId id{};            ///< for the code field; empty: value groups C, D and E
};
inline constexpr std::uint8_t kMaxDisplayDecimals = 3;

inline constexpr std::size_t kMaxDisplayItems = 32;
using DisplayList = FixedVector<DisplayItem, kMaxDisplayItems>;

enum class DisplayListIndex : std::uint8_t { normal, service };
inline constexpr std::size_t kDisplayListCount = 2;

/// As the factory sets it.
[[nodiscard]] DisplayList default_display_list(DisplayListIndex index);
/// What was stored last, else the factory's.
[[nodiscard]] DisplayList read_display_list(const ParameterStore& store, DisplayListIndex index);
/// Durable when true; the old list stays when not.
[[nodiscard]] bool write_display_list(ParameterStore& store, DisplayListIndex index, const DisplayList& list);

}  // namespace ferraris::meter
