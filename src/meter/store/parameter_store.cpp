#include "meter/store/parameter_store.hpp"

#include <algorithm>
#include <array>

#include "base/crc.hpp"

namespace ferraris::meter {
namespace {

constexpr std::uint32_t kMagic = 0x46525350;
constexpr std::uint32_t kBankHeaderSize = 12;
constexpr std::uint32_t kRecordOverhead = 8;
constexpr std::uint16_t kBlankKey = 0xFFFF;
constexpr std::uint32_t kWordSize = 4;
/// As far as a place reaches.
constexpr std::uint32_t kMaxBankSize = (UINT16_MAX + 1U) * kWordSize;

constexpr std::uint32_t record_size(std::size_t length) {
    return static_cast<std::uint32_t>((kRecordOverhead + length + kWordSize - 1) / kWordSize * kWordSize);
}

}  // namespace

std::uint32_t ParameterStore::Record::end() const { return offset + record_size(length); }

bool ParameterStore::recover() {
    places_.clear();
    damaged_ = 0;
    if (bank_size() > kMaxBankSize) return false;
    if (!choose_bank()) {
        bank_ = 0;
        generation_ = 1;
        end_ = kBankHeaderSize;
        return erase_bank(0) && write_header(0, generation_);
    }
    end_ = kBankHeaderSize;
    while (!is_blank(end_)) {
        if (const auto record = record_at(end_)) {
            if (!note(record->key, record->offset)) return false;
            end_ = record->end();
        } else if (const auto next = whole_record_behind(end_)) {
            ++damaged_;
            end_ = *next;
        } else {
            return compact();
        }
    }
    return damaged_ == 0 || compact();
}

/// The valid one, or the later of both.
bool ParameterStore::choose_bank() {
    const auto first = generation_of(0);
    const auto second = generation_of(1);
    if (!first && !second) return false;
    bank_ = !first || (second && *second > *first) ? 1 : 0;
    generation_ = bank_ == 0 ? *first : *second;
    return true;
}

StoreCondition ParameterStore::examine(board::Flash& flash, FlashRegion region) {
    StoreCondition condition;
    ParameterStore store(flash, region);
    if (!store.choose_bank()) {
        for (store.bank_ = 0; store.bank_ < 2; ++store.bank_) {
            if (!store.is_blank(0)) ++condition.damaged;
        }
        return condition;
    }
    std::uint32_t end = kBankHeaderSize;
    while (!store.is_blank(end)) {
        if (const auto record = store.record_at(end)) {
            ++condition.records;
            end = record->end();
            continue;
        }
        ++condition.damaged;
        const auto next = store.whole_record_behind(end);
        if (!next) break;
        end = *next;
    }
    return condition;
}

bool ParameterStore::write(std::uint16_t key, ByteView value) {
    if (value.size() > kMaxValue || key == kBlankKey) return false;
    if (places_.full() && find(key) == nullptr) return false;
    const std::uint32_t size = record_size(value.size());
    if (end_ + size > bank_size() && !compact()) return false;
    if (end_ + size > bank_size()) return false;
    const std::uint32_t offset = end_;
    if (!program_record(bank_address(bank_) + offset, key, value)) {
        (void)compact();
        return false;
    }
    end_ = offset + size;
    return note(key, offset);
}

std::optional<std::size_t> ParameterStore::read(std::uint16_t key, ByteSpan out) const {
    const Place* const place = find(key);
    if (place == nullptr) return std::nullopt;
    std::array<std::uint8_t, 4> head{};
    const std::uint32_t offset = place->word * kWordSize;
    if (!flash_.read(bank_address(bank_) + offset, head)) return std::nullopt;
    ByteReader in(head);
    const Record record{offset, in.u16(), in.u16()};
    if (record.length > out.size() || !read_value(record, out.first(record.length))) return std::nullopt;
    return record.length;
}

std::optional<std::uint32_t> ParameterStore::generation_of(unsigned bank) const {
    std::array<std::uint8_t, kBankHeaderSize> header{};
    if (!flash_.read(bank_address(bank), header)) return std::nullopt;
    ByteReader in(header);
    const bool known = in.u32() == kMagic;
    const std::uint32_t generation = in.u32();
    if (!known || in.u32() != crc32(ByteView(header).first(8))) return std::nullopt;
    return generation;
}

std::optional<ParameterStore::Record> ParameterStore::record_at(std::uint32_t offset) const {
    if (offset + kRecordOverhead > bank_size()) return std::nullopt;
    std::array<std::uint8_t, kMaxValue + kRecordOverhead> octets{};
    const std::uint32_t address = bank_address(bank_) + offset;
    if (!flash_.read(address, ByteSpan(octets).first(4))) return std::nullopt;
    ByteReader head(octets);
    Record record{offset, head.u16(), head.u16()};
    if (record.key == kBlankKey || record.length > kMaxValue || record.end() > bank_size()) return std::nullopt;
    const ByteSpan whole = ByteSpan(octets).first(record.length + kRecordOverhead);
    if (!flash_.read(address, whole)) return std::nullopt;
    ByteReader in(whole);
    const ByteView checked = in.take(record.length + 4U);
    if (in.u32() != crc32(checked)) return std::nullopt;
    return record;
}

/// What a cut write leaves is the last in its bank: compaction follows. Behind damage the records go on.
std::optional<std::uint32_t> ParameterStore::whole_record_behind(std::uint32_t offset) const {
    for (std::uint32_t next = offset + kWordSize; next < bank_size(); next += kWordSize) {
        if (record_at(next)) return next;
    }
    return std::nullopt;
}

const ParameterStore::Place* ParameterStore::find(std::uint16_t key) const {
    const Place* const found = std::ranges::find(places_, key, &Place::key);
    return found != places_.end() ? found : nullptr;
}

bool ParameterStore::note(std::uint16_t key, std::uint32_t offset) {
    const Place place{key, static_cast<std::uint16_t>(offset / kWordSize)};
    Place* const found = std::ranges::find(places_, key, &Place::key);
    if (found == places_.end()) return places_.push_back(place);
    *found = place;
    return true;
}

bool ParameterStore::read_value(const Record& record, ByteSpan out) const {
    return flash_.read(bank_address(bank_) + record.offset + 4, out);
}

bool ParameterStore::is_blank(std::uint32_t from) const {
    std::array<std::uint8_t, 64> piece{};
    for (std::uint32_t offset = from; offset < bank_size();) {
        const std::uint32_t count = std::min<std::uint32_t>(piece.size(), bank_size() - offset);
        const ByteSpan octets = ByteSpan(piece).first(count);
        if (!flash_.read(bank_address(bank_) + offset, octets)) return false;
        if (!std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0xFF; })) return false;
        offset += count;
    }
    return true;
}

bool ParameterStore::erase_bank(unsigned bank) {
    const std::uint32_t count = region_.sector_count / 2;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (!flash_.erase(region_.first_sector + bank * count + i)) return false;
    }
    return true;
}

bool ParameterStore::write_header(unsigned bank, std::uint32_t generation) {
    std::array<std::uint8_t, kBankHeaderSize> header{};
    ByteWriter out(header);
    out.u32(kMagic);
    out.u32(generation);
    out.u32(crc32(out.written()));
    return flash_.program(bank_address(bank), header);
}

bool ParameterStore::program_record(std::uint32_t address, std::uint16_t key, ByteView value) {
    std::array<std::uint8_t, kMaxValue + kRecordOverhead> octets{};
    ByteWriter out(octets);
    out.u16(key);
    out.u16(static_cast<std::uint16_t>(value.size()));
    out.put(value);
    out.u32(crc32(out.written()));
    return flash_.program(address, out.written());
}

bool ParameterStore::compact() {
    const unsigned other = bank_ == 0 ? 1 : 0;
    if (!erase_bank(other)) return false;
    std::uint32_t target = kBankHeaderSize;
    Places moved;
    std::array<std::uint8_t, kMaxValue> value{};
    for (const Place& place : places_) {
        const auto record = record_at(place.word * kWordSize);
        // Damaged since it was found: the rest must not be lost with it.
        if (!record || record->key != place.key) {
            ++damaged_;
            continue;
        }
        const ByteSpan octets = ByteSpan(value).first(record->length);
        if (!read_value(*record, octets)) return false;
        if (!program_record(bank_address(other) + target, record->key, octets)) return false;
        (void)moved.push_back({record->key, static_cast<std::uint16_t>(target / kWordSize)});
        target += record_size(record->length);
    }
    if (!write_header(other, generation_ + 1)) return false;
    ++generation_;
    bank_ = static_cast<std::uint8_t>(other);
    end_ = target;
    places_ = moved;
    return true;
}

}  // namespace ferraris::meter
