#include "meter/profile/profile.hpp"

#include <algorithm>

namespace ferraris::meter {
namespace {

constexpr FlashRegion ring_region(const FlashRegion& region) {
    return {region.first_sector + ProfileSetupStore::kSectors, region.sector_count - ProfileSetupStore::kSectors};
}

}  // namespace

Profile::Profile(board::Flash& flash, const ProfileDefinition& definition)
    : definition_(&definition),
      setups_(flash, definition.region.first_sector, definition.magic),
      ring_(flash, ring_region(definition.region), kStampAndStatusOctets, definition.magic) {}

StoreCondition Profile::examine(board::Flash& flash, const ProfileDefinition& definition) {
    return RecordRing::examine(flash, ring_region(definition.region));
}

bool Profile::recover(std::uint32_t ordered_from) {
    ProfileSetup setup;
    ordered_from_ = ordered_from;
    newest_stamp_ = greatest_stamp_ = 0;
    if (!setups_.recover(setup)) return true;
    period_s_ = setup.period_s;
    row_octets_ = static_cast<std::uint16_t>(setup.row_octets());
    if (!ring_.recover(row_octets_, setups_.generation())) return false;
    find_stamps();
    return true;
}

bool Profile::configure(const ProfileSetup& setup) {
    if (!setups_.write(setup, ring_.greatest_epoch())) return false;
    period_s_ = setup.period_s;
    row_octets_ = static_cast<std::uint16_t>(setup.row_octets());
    newest_stamp_ = greatest_stamp_ = 0;
    marks_ = 0;
    return ring_.clear(row_octets_, setups_.generation());
}

std::uint32_t Profile::entries() const { return std::min(definition_->entries, ring_.capacity()); }

std::uint32_t Profile::entries_in_use() const {
    const RowSpan rows = all();
    std::uint32_t count = 0;
    ProfileRow row;
    for (std::uint32_t i = 0; i < rows.span; ++i) count += read(rows.first + i, row) ? 1U : 0U;
    return count;
}

std::optional<std::uint32_t> Profile::due_row(std::uint32_t time) const {
    if (time < interval_.end || contains(interval_.end)) return std::nullopt;
    return interval_.end;
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
    ByteWriter out(ByteSpan(record).first(row_octets_));
    out.u32(row.stamp);
    out.u8(row.status);
    out.put(ByteView(row.octets).first(row_octets_ - kStampAndStatusOctets));
    if (breaks_order(row.stamp)) ordered_from_ = ring_.next();
    if (!ring_.append(out.written())) return false;
    newest_stamp_ = row.stamp;
    greatest_stamp_ = std::max(greatest_stamp_, row.stamp);
    return true;
}

RowSpan Profile::all() const {
    const std::uint32_t stored = ring_.next() - ring_.oldest();
    const std::uint32_t shown = std::min(stored, entries());
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
    const ByteSpan octets = ByteSpan(record).first(row_octets_);
    if (!ring_.read(sequence, octets)) return false;
    ByteReader in(octets);
    row.stamp = in.u32();
    row.status = in.u8();
    std::ranges::copy(in.rest(), row.octets.begin());
    return true;
}

std::uint32_t Profile::ordered_begin(const RowSpan& rows) const {
    return std::clamp(ordered_from_, rows.first, rows.first + rows.span);
}

void Profile::find_stamps() {
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
