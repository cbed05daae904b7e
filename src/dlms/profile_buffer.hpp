/// The buffer of a profile (IEC 62056-6-2, class 7), made whole again: rows out of an encoded buffer that arrives in
/// pieces, plain or as a compact array, and in the rows what the meter left out as null-data or sent as a difference.
///
///     BufferReader buffer(memory);
///     RowExpander whole({.clock_column = 0, .capture_period_s = 900}, previous_row);
///     for (ByteView piece = …; !piece.empty();) {           // in ResponseSink::append, for one
///         piece = buffer.push(piece);
///         while (const auto row = buffer.next(row_memory)) {
///             const auto expanded = whole.expand(*row, expanded_row_memory);
///             if (!expanded) return false;
///             DataReader in(*expanded); …
///         }
///         if (buffer.error() != BufferError::none) return false;
///     }
///     …                                                        // when all is there:
///     if (!buffer.complete()) return false;
///
/// All memory is the caller's; a row is as long as it may be where all of it is given with types.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "dlms/data.hpp"

namespace ferraris::dlms {

enum class BufferError : std::uint8_t {
    none,
    not_a_buffer,  ///< no array, or its elements are no structures
    malformed,
    row_too_long,  ///< for the memory that the caller gave
};

/// Takes rows out of a buffer while it arrives.
class BufferReader {
public:
    /// `memory` holds what has arrived of a row, and the types of a compact array.
    explicit BufferReader(ByteSpan memory) : memory_(memory) {}

    /// Takes octets as far as there is room; what is left of them is to be pushed again once `next` gave all it has.
    [[nodiscard]] ByteView push(ByteView octets);
    /// The next row, a structure with all its types, in `row` or in the memory of this reader until the next call of
    /// either function. Nothing: more octets are needed, or there is an error.
    [[nodiscard]] std::optional<ByteView> next(ByteSpan row);
    [[nodiscard]] BufferError error() const { return error_; }
    /// All rows were taken and nothing is left over.
    [[nodiscard]] bool complete() const;

private:
    enum class Form : std::uint8_t { unknown, plain, compact };

    [[nodiscard]] ByteView pending() const { return memory_.subspan(begin_, end_ - begin_); }
    std::optional<ByteView> fail(BufferError error);
    /// What ends too early waits for more, if there can be more.
    std::optional<ByteView> wait_or_fail(DataError error);
    [[nodiscard]] bool take_head();
    std::optional<ByteView> next_plain();
    std::optional<ByteView> next_compact(ByteSpan row);

    ByteSpan memory_;
    std::size_t keep_{0};   ///< octets of the type description, at the front
    std::size_t begin_{0};  ///< of what was not taken yet
    std::size_t end_{0};
    std::size_t left_{0};  ///< rows, or octets of a compact array
    Form form_{Form::unknown};
    BufferError error_{BufferError::none};
};

/// What has to be known of a profile to fill in what its rows leave out.
struct RowShape {
    std::optional<std::size_t> clock_column{};  ///< of the time stamps, from 0
    std::int64_t capture_period_s{0};  ///< from one row of the buffer to the next; negative: the newest comes first
};

/// Fills in what meters leave out: null-data in place of a time stamp is the one before plus the period, null-data in
/// place of a value repeats it, and a difference (delta types) is added to it, in its type, rolling over as that does.
class RowExpander {
public:
    /// `memory` keeps the row before, as it was expanded.
    RowExpander(const RowShape& shape, ByteSpan memory) : shape_(shape), memory_(memory) {}

    /// `row` is one structure of the buffer; the same with nothing left out is written to `out`. Columns without a row
    /// before stay as they are. Nothing when it is no structure, or too long for `out` or the memory.
    [[nodiscard]] std::optional<ByteView> expand(ByteView row, ByteSpan out);

private:
    RowShape shape_;
    ByteSpan memory_;
    std::size_t size_{0};  ///< of the row before; 0: none
};

}  // namespace ferraris::dlms
