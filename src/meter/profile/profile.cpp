#include "meter/profile/profile.hpp"

#include <algorithm>
#include <numeric>

namespace ferraris::meter {
namespace {

constexpr std::size_t kStampAndStatus = 5;

std::uint16_t payload_size(std::span<const std::uint8_t> column_octets) {
    return std::accumulate(
        column_octets.begin(), column_octets.end(), std::uint16_t{kStampAndStatus},
        [](std::uint16_t sum, std::uint8_t octets) { return static_cast<std::uint16_t>(sum + octets); });
}

}  // namespace

Profile::Profile(board::Flash& flash, FlashRegion region, std::span<const std::uint8_t> column_octets,
                 std::uint16_t magic, std::uint32_t entries)
    : ring_(flash, region, payload_size(column_octets), magic), column_octets_(column_octets), entries_(entries) {}

bool Profile::recover(std::uint32_t period_s, std::uint32_t ordered_from) {
    period_s_ = period_s;
    ordered_from_ = ordered_from;
    newest_stamp_ = greatest_stamp_ = 0;
    if (!ring_.recover()) return false;
    ProfileRow row;
    for (std::uint32_t sequence = ring_.next(); sequence != ring_.oldest(); --sequence) {
        if (!read(sequence - 1, row)) continue;
        if (newest_stamp_ == 0) newest_stamp_ = row.stamp;
        greatest_stamp_ = std::max(greatest_stamp_, row.stamp);
        if (sequence <= ordered_from_) continue;
        // In the ordered part the last row is the greatest: go on where order ends.
        if (ordered_from_ <= ring_.oldest()) break;
        sequence = ordered_from_ + 1;
    }
    return true;
}

std::uint32_t Profile::entries_in_use() const {
    const RowSpan rows = all();
    std::uint32_t count = 0;
    ProfileRow row;
    for (std::uint32_t i = 0; i < rows.span; ++i) count += read(rows.first + i, row) ? 1U : 0U;
    return count;
}

std::optional<std::uint32_t> Profile::due_row(std::uint32_t time) const {
    const std::uint32_t end = interval_start_ + period_s_;
    if (time < end || contains(end)) return std::nullopt;
    return end;
}

bool Profile::contains(std::uint32_t stamp) const {
    if (stamp > greatest_stamp_) return false;
    const RowSpan rows = between(stamp, stamp);
    ProfileRow row;
    for (std::uint32_t i = 0; i < rows.span; ++i) {
        if (read(rows.first + i, row) && row.stamp == stamp) return true;
    }
    return false;
}

bool Profile::append(const ProfileRow& row) {
    std::array<std::uint8_t, RecordRing::kMaxPayload> record{};
    ByteWriter out(record);
    out.u32(row.stamp);
    out.u8(row.status);
    for (std::size_t i = 0; i < column_octets_.size(); ++i) out.unsigned_of(row.values[i], column_octets_[i]);
    if (breaks_order(row.stamp)) ordered_from_ = ring_.next();
    if (!ring_.append(out.written())) return false;
    newest_stamp_ = row.stamp;
    greatest_stamp_ = std::max(greatest_stamp_, row.stamp);
    return true;
}

bool Profile::clear(std::uint32_t period_s) {
    if (!ring_.clear()) return false;
    period_s_ = period_s;
    newest_stamp_ = greatest_stamp_ = 0;
    return true;
}

RowSpan Profile::all() const {
    const std::uint32_t stored = ring_.next() - ring_.oldest();
    const std::uint32_t shown = std::min(stored, entries_);
    return {ring_.next() - shown, shown};
}

RowSpan Profile::between(std::uint32_t from, std::uint32_t to) const {
    const RowSpan rows = all();
    const std::uint32_t end = rows.first + rows.span;
    const std::uint32_t ordered = ordered_begin(rows);
    std::uint32_t first = lower_bound(ordered, end, from);
    std::uint32_t last = to == UINT32_MAX ? end : lower_bound(ordered, end, to + 1);
    if (first >= last) first = last = end;
    bool found = first != last;
    ProfileRow row;
    for (std::uint32_t sequence = ordered; sequence != rows.first; --sequence) {
        if (!read(sequence - 1, row) || row.stamp < from || row.stamp > to) continue;
        if (!found) last = sequence;
        first = sequence - 1;
        found = true;
    }
    return {first, last - first};
}

bool Profile::read(std::uint32_t sequence, ProfileRow& row) const {
    std::array<std::uint8_t, RecordRing::kMaxPayload> record{};
    const ByteSpan octets = ByteSpan(record).first(payload_size(column_octets_));
    if (!ring_.read(sequence, octets)) return false;
    ByteReader in(octets);
    row.stamp = in.u32();
    row.status = in.u8();
    for (std::size_t i = 0; i < column_octets_.size(); ++i) row.values[i] = in.unsigned_of(column_octets_[i]);
    return true;
}

std::uint32_t Profile::ordered_begin(const RowSpan& rows) const {
    return std::clamp(ordered_from_, rows.first, rows.first + rows.span);
}

std::uint32_t Profile::lower_bound(std::uint32_t first, std::uint32_t end, std::uint32_t stamp) const {
    ProfileRow row;
    while (first != end) {
        const std::uint32_t middle = first + (end - first) / 2;
        // A torn row says nothing about time: the next good one speaks for it.
        std::uint32_t probe = middle;
        while (probe != end && !read(probe, row)) ++probe;
        if (probe == end || row.stamp >= stamp) {
            end = middle;
        } else {
            first = probe + 1;
        }
    }
    return first;
}

}  // namespace ferraris::meter
