#include "meter/profile/profile_setup.hpp"

#include <algorithm>

#include "meter/profile/profile_row.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kMostSetupOctets = 5 + kMaxProfileColumns * kProfileColumnOctets;

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

bool ProfileSetupStore::recover(ProfileSetup& setup) { return value_.recover() && read(setup); }

bool ProfileSetupStore::read(ProfileSetup& setup) const {
    std::array<std::uint8_t, kMostSetupOctets> octets{};
    const auto size = value_.read(octets);
    if (!size) return false;
    ByteReader in(ByteView(octets).first(*size));
    setup.period_s = in.u32();
    const std::size_t count = in.u8();
    if (!setup.columns.resize(count)) return false;
    for (ProfileColumn& column : setup.columns) take(in, column);
    return !in.failed();
}

bool ProfileSetupStore::write(const ProfileSetup& setup, std::uint32_t floor) {
    std::array<std::uint8_t, kMostSetupOctets> octets{};
    ByteWriter out(octets);
    out.u32(setup.period_s);
    out.u8(static_cast<std::uint8_t>(setup.columns.size()));
    for (const ProfileColumn& column : setup.columns) put(out, column);
    return value_.write(out.written(), floor);
}

}  // namespace ferraris::meter
