#include "dlms/profile_buffer.hpp"

#include <algorithm>

#include "dlms/compact_array.hpp"
#include "dlms/date_time.hpp"

namespace ferraris::dlms {
namespace {

/// Tag and length, at most.
constexpr std::size_t kMaxCountedHead = 6;

bool is_delta(DataTag tag) { return tag >= DataTag::delta_integer && tag <= DataTag::delta_double_long_unsigned; }

bool takes_delta(DataTag tag) { return !is_delta(tag) && (is_signed(tag) || is_unsigned(tag)); }

/// A whole number in 64 bits, its sign spread over the high ones.
std::uint64_t bits_of(const DataElement& element) {
    const std::uint64_t bits = ByteReader(element.content).unsigned_of(element.content.size());
    const std::size_t width = 8 * element.content.size();
    if (!is_signed(element.tag) || width == 64 || ((bits >> (width - 1)) & 1U) == 0) return bits;
    return bits | (~std::uint64_t{0} << width);
}

/// The time one period behind that of `before`, as that is encoded; false when there is none.
bool put_next_time(ByteWriter& out, const DataElement& before, std::int64_t period_s) {
    const auto time = decode_date_time(before.content);
    if (!time) return false;
    const auto octets = encode(plus_seconds(*time, period_s));
    out.put(before.encoded.first(before.encoded.size() - before.content.size()));
    out.put(octets);
    return true;
}

/// One column of a row; `before` is the same one row before, null-data where there is none.
void put_column(ByteWriter& out, const DataElement& column, const DataElement& before, const RowShape& shape,
                std::size_t index) {
    if (column.tag == DataTag::null_data && before.tag != DataTag::null_data) {
        if (index != shape.clock_column) {
            out.put(before.encoded);
        } else if (!put_next_time(out, before, shape.capture_period_s)) {
            out.put(column.encoded);
        }
        return;
    }
    if (is_delta(column.tag) && takes_delta(before.tag)) {
        out.u8(static_cast<std::uint8_t>(before.tag));
        out.unsigned_of(bits_of(before) + bits_of(column), before.content.size());
        return;
    }
    out.put(column.encoded);
}

}  // namespace

ByteView BufferReader::push(ByteView octets) {
    if (begin_ != keep_) {
        const ByteView rest = pending();
        std::copy(rest.begin(), rest.end(), memory_.begin() + static_cast<std::ptrdiff_t>(keep_));
        end_ = keep_ + rest.size();
        begin_ = keep_;
    }
    const std::size_t count = std::min(octets.size(), memory_.size() - end_);
    std::copy_n(octets.begin(), count, memory_.begin() + static_cast<std::ptrdiff_t>(end_));
    end_ += count;
    return octets.subspan(count);
}

std::optional<ByteView> BufferReader::fail(BufferError error) {
    if (error_ == BufferError::none) error_ = error;
    return std::nullopt;
}

std::optional<ByteView> BufferReader::wait_or_fail(DataError error) {
    if (error != DataError::truncated) return fail(BufferError::malformed);
    if (begin_ == keep_ && end_ == memory_.size()) return fail(BufferError::row_too_long);
    return std::nullopt;
}

bool BufferReader::take_head() {
    ByteReader in(pending());
    const auto tag = static_cast<DataTag>(in.u8());
    if (in.failed()) return false;
    const bool compact = tag == DataTag::compact_array;
    if (!compact && tag != DataTag::array) {
        (void)fail(BufferError::not_a_buffer);
        return false;
    }
    if (compact) {
        const auto type = static_cast<DataTag>(in.peek());
        if (!in.at_end() && type != DataTag::structure) {
            (void)fail(BufferError::not_a_buffer);
            return false;
        }
        if (const DataError error = skip_type_description(in); error != DataError::none) {
            (void)wait_or_fail(error);
            return false;
        }
    }
    const std::size_t types_end = in.position();
    left_ = take_length(in);
    if (in.failed()) {
        // Of a length, too much is as little as too few octets: only what is there tells them apart.
        (void)(pending().size() - types_end < kMaxCountedHead ? wait_or_fail(DataError::truncated)
                                                              : fail(BufferError::malformed));
        return false;
    }
    begin_ += in.position();
    if (compact) {
        std::copy_n(memory_.begin() + 1, types_end - 1, memory_.begin());
        keep_ = types_end - 1;
    }
    form_ = compact ? Form::compact : Form::plain;
    return true;
}

std::optional<ByteView> BufferReader::next_plain() {
    DataReader in(pending());
    const auto element = in.any();
    if (!element) return wait_or_fail(in.error());
    if (element->tag != DataTag::structure) return fail(BufferError::not_a_buffer);
    begin_ += element->encoded.size();
    --left_;
    return element->encoded;
}

std::optional<ByteView> BufferReader::next_compact(ByteSpan row) {
    ByteReader type(memory_.first(keep_));
    const ByteView octets = pending();
    const bool all_there = octets.size() >= left_;
    ByteReader values(octets.first(std::min(octets.size(), left_)));
    ByteWriter out(row);
    const DataError error = expand_described(type, values, out);
    if (error == DataError::truncated && all_there) return fail(BufferError::malformed);
    if (error != DataError::none) return wait_or_fail(error);
    // Rows without octets would never end.
    if (values.position() == 0) return fail(BufferError::malformed);
    if (out.overflowed()) return fail(BufferError::row_too_long);
    begin_ += values.position();
    left_ -= values.position();
    return out.written();
}

std::optional<ByteView> BufferReader::next(ByteSpan row) {
    if (error_ != BufferError::none) return std::nullopt;
    if (form_ == Form::unknown && !take_head()) return std::nullopt;
    if (left_ == 0) return begin_ == end_ ? std::nullopt : fail(BufferError::malformed);
    return form_ == Form::plain ? next_plain() : next_compact(row);
}

bool BufferReader::complete() const {
    return error_ == BufferError::none && form_ != Form::unknown && left_ == 0 && begin_ == end_;
}

std::optional<ByteView> RowExpander::expand(ByteView row, ByteSpan out) {
    DataReader in(row);
    const std::size_t count = in.structure();
    DataReader before_in(memory_.first(size_));
    const std::size_t before_count = size_ == 0 ? 0 : before_in.structure();
    ByteWriter writer(out);
    DataWriter(writer).structure(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto column = in.any();
        if (!column) return std::nullopt;
        const auto before = i < before_count ? before_in.any() : std::nullopt;
        put_column(writer, *column, before.value_or(DataElement{}), shape_, i);
    }
    if (!in.finished() || writer.overflowed() || writer.size() > memory_.size()) return std::nullopt;
    std::ranges::copy(writer.written(), memory_.begin());
    size_ = writer.size();
    return writer.written();
}

}  // namespace ferraris::dlms
