#include "meter/profile/profile_setup.hpp"

#include <algorithm>

#include "base/crc.hpp"
#include "meter/profile/profile_row.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kHeadOctets = 11;
constexpr std::size_t kSumOctets = 4;
constexpr std::size_t kMaxSetupOctets = kHeadOctets + kMaxProfileColumns * kProfileColumnOctets + kSumOctets;

}  // namespace

ColumnKind ProfileColumn::kind() const {
    const bool is_string =
        tag == dlms::DataTag::octet_string || tag == dlms::DataTag::visible_string || tag == dlms::DataTag::utf8_string;
    if (octets == 0) return is_string ? ColumnKind::stamp : ColumnKind::status;
    return is_string ? ColumnKind::string : ColumnKind::number;
}

void put(ByteWriter& out, const ProfileColumn& column) {
    out.u16(column.object.attribute.class_id);
    out.put(column.object.attribute.instance.view());
    out.u8(static_cast<std::uint8_t>(column.object.attribute.attribute));
    out.u16(column.object.data_index);
    out.u8(static_cast<std::uint8_t>(column.tag));
    out.u8(column.octets);
}

void take(ByteReader& in, ProfileColumn& column) {
    column.object.attribute.class_id = in.u16();
    std::ranges::copy(in.take(6), column.object.attribute.instance.groups.begin());
    column.object.attribute.attribute = static_cast<std::int8_t>(in.u8());
    column.object.data_index = in.u16();
    column.tag = static_cast<dlms::DataTag>(in.u8());
    column.octets = in.u8();
}

std::size_t ProfileSetup::row_octets() const {
    std::size_t octets = kStampAndStatusOctets;
    for (const ProfileColumn& column : columns) octets += column.octets;
    return octets;
}

bool ProfileSetupStore::recover(ProfileSetup& setup) {
    generation_ = 0;
    for (std::uint8_t bank = 0; bank < kSectors; ++bank) {
        const std::uint32_t generation = read_bank(bank, setup);
        if (generation <= generation_) continue;
        generation_ = generation;
        bank_ = bank;
    }
    return generation_ != 0 && read(setup);
}

bool ProfileSetupStore::read(ProfileSetup& setup) const {
    return generation_ != 0 && read_bank(bank_, setup) == generation_;
}

bool ProfileSetupStore::write(const ProfileSetup& setup, std::uint32_t floor) {
    const auto other = static_cast<std::uint8_t>(1 - bank_);
    const std::uint32_t generation = std::max(generation_, floor) + 1;
    std::array<std::uint8_t, kMaxSetupOctets> octets{};
    ByteWriter out(octets);
    out.u16(magic_);
    out.u32(generation);
    out.u32(setup.period_s);
    out.u8(static_cast<std::uint8_t>(setup.columns.size()));
    for (const ProfileColumn& column : setup.columns) put(out, column);
    out.u32(crc32(out.written()));
    const std::uint32_t sector = first_sector_ + other;
    if (!flash_.erase(sector) || !flash_.program(sector * flash_.sector_size(), out.written())) return false;
    bank_ = other;
    generation_ = generation;
    return true;
}

std::uint32_t ProfileSetupStore::read_bank(std::uint8_t bank, ProfileSetup& setup) const {
    std::array<std::uint8_t, kMaxSetupOctets> octets{};
    const std::uint32_t address = (first_sector_ + bank) * flash_.sector_size();
    if (!flash_.read(address, ByteSpan(octets).first(kHeadOctets))) return 0;
    const std::size_t count = octets[kHeadOctets - 1];
    const std::size_t size = kHeadOctets + count * kProfileColumnOctets + kSumOctets;
    if (count > kMaxProfileColumns || !flash_.read(address, ByteSpan(octets).first(size))) return 0;
    ByteReader in(ByteView(octets).first(size));
    const bool known = in.u16() == magic_;
    const std::uint32_t generation = in.u32();
    if (!known || ByteReader(ByteView(octets).subspan(size - kSumOctets, kSumOctets)).u32() !=
                      crc32(ByteView(octets).first(size - kSumOctets))) {
        return 0;
    }
    setup.period_s = in.u32();
    in.skip(1);
    (void)setup.columns.resize(count);
    for (ProfileColumn& column : setup.columns) take(in, column);
    return generation;
}

}  // namespace ferraris::meter
