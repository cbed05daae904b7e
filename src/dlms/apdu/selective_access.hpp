/// Parameters of selective access to a profile's buffer (IEC 62056-6-2, class 7): by range (selector 1) and by entry
/// (selector 2).
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

inline constexpr std::uint8_t kRangeSelector = 1;
inline constexpr std::uint8_t kEntrySelector = 2;

/// capture_object_definition: a column of a profile.
struct CaptureObject {
    AttributeDescriptor attribute{};
    std::uint16_t data_index{0};  ///< 0: the whole attribute; 1 and up: an element of it

    friend constexpr bool operator==(const CaptureObject&, const CaptureObject&) = default;
};

void take(ApduReader& in, CaptureObject& item);
void put(ByteWriter& out, const CaptureObject& item);
/// Nothing when the next element is something else, with the reader's error set or, for a structure of another shape,
/// not.
[[nodiscard]] std::optional<CaptureObject> take_capture_object(DataReader& in);

/// Rows whose restricting object lies between `from` and `to`, both included.
struct RangeDescriptor {
    CaptureObject restricting_object{};
    DataElement from{};  ///< of a clock: 12 octets as octet-string or as date-time
    DataElement to{};
    ListView<CaptureObject> selected_values{};  ///< empty: all columns
};

/// Rows and columns by number; the first is 1, and 0 as the last means "up to the end".
struct EntryDescriptor {
    std::uint32_t from_entry{1};
    std::uint32_t to_entry{0};
    std::uint16_t from_selected_value{1};
    std::uint16_t to_selected_value{0};
};

/// `parameters` is the element of a Selection with the selector in question.
[[nodiscard]] Result<RangeDescriptor, DataError> decode_range_descriptor(ByteView parameters);
[[nodiscard]] Result<EntryDescriptor, DataError> decode_entry_descriptor(ByteView parameters);
/// `from.encoded` and `to.encoded` are written as they are.
void encode(ByteWriter& out, const RangeDescriptor& range);
void encode(ByteWriter& out, const EntryDescriptor& entry);

}  // namespace ferraris::dlms
