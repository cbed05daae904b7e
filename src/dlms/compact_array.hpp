/// Compact arrays and compact buffers (IEC 62056-6-2, common data types and class 62): the types stand once in front,
/// the values behind. Here they become `Data` again, value by value.
#pragma once

#include "base/bytes.hpp"
#include "dlms/data.hpp"

namespace ferraris::dlms {

/// Longer type descriptions are not expanded: no profile needs them, and few octets could stand for very many elements.
inline constexpr std::size_t kMaxTypeDescription = 1024;

/// Passes over one type description.
[[nodiscard]] DataError skip_type_description(ByteReader& in);

/// Takes one type description from `type` and the octets of one value from `values`, and writes that value with its
/// types. `truncated`: `values` or `type` ends within it. What does not fit `out` is for the caller to see.
[[nodiscard]] DataError expand_described(ByteReader& type, ByteReader& values, ByteWriter& out);

/// The elements of a compact array, one after the other.
///
///     CompactArrayReader in(element.content);        // of a DataElement with the tag compact-array
///     while (in.next(out)) …
///     if (!in.finished()) return DataAccessResult::type_unmatched;
class CompactArrayReader {
public:
    explicit CompactArrayReader(ByteView content);

    [[nodiscard]] DataError error() const { return error_; }
    [[nodiscard]] bool finished() const { return error_ == DataError::none && values_.at_end(); }
    /// Writes the next element; false at the end and on an error.
    [[nodiscard]] bool next(ByteWriter& out);

private:
    ByteView description_{};
    ByteReader values_{ByteView{}};
    DataError error_{DataError::none};
};

}  // namespace ferraris::dlms
