#include "meter/objects/row_encoder.hpp"

#include <algorithm>

#include "meter/instrument.hpp"
#include "meter/profile/profile_status.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataTag;

dlms::DateTime stamp_of(const Instrument& meter, const ProfileRow& row) {
    const UtcTime stamp = UtcTime::from_seconds(row.stamp);
    const bool invalid = (row.status & profile_status::kClockInvalid) != 0;
    const auto status = static_cast<std::uint8_t>(
        (invalid ? dlms::clock_status::kInvalidClockStatus : 0) |
        (meter.clock.rule.daylight_saving_active(stamp) ? dlms::clock_status::kDaylightSavingActive : 0));
    return meter.clock.rule.date_time(stamp, status);
}

ByteView place_of(const ProfileRow& row, const ProfileColumn& column, std::size_t offset) {
    return ByteView(row.octets).subspan(offset, column.octets);
}

std::size_t string_size(ByteView place) { return std::min<std::size_t>(place[0], place.size() - 1); }

/// Null-data stands for the time before plus the period: only where deviation and status go on too.
bool follows(const Instrument& meter, const ProfileRow& row, const ProfileRow& previous, std::uint32_t period_s) {
    const dlms::DateTime now = stamp_of(meter, row);
    const dlms::DateTime before = stamp_of(meter, previous);
    return period_s != 0 && row.stamp - previous.stamp == period_s && row.stamp > previous.stamp &&
           now.deviation == before.deviation && now.status == before.status;
}

/// The types that differences are made of (IEC 62056-6-2, delta types), with their sign.
enum class Number : std::uint8_t { none, natural, whole };

Number number_of(DataTag tag) {
    switch (tag) {
        case DataTag::unsigned_:
        case DataTag::long_unsigned:
        case DataTag::double_long_unsigned:
        case DataTag::long64_unsigned:
            return Number::natural;
        case DataTag::integer:
        case DataTag::long_:
        case DataTag::double_long:
        case DataTag::long64:
            return Number::whole;
        default:
            return Number::none;
    }
}

struct DeltaType {
    std::uint8_t octets;
    DataTag rising;
    DataTag falling;
};
constexpr std::array<DeltaType, 3> kDeltaTypes{{
    {1, DataTag::delta_unsigned, DataTag::delta_integer},
    {2, DataTag::delta_long_unsigned, DataTag::delta_long},
    {4, DataTag::delta_double_long_unsigned, DataTag::delta_double_long},
}};

/// The value with its sign carried to 64 bits, then moved so that the order of the numbers is that of the bits.
std::uint64_t ordered_value(ByteView place, Number number) {
    std::uint64_t value = ByteReader(place).unsigned_of(place.size());
    if (number == Number::natural) return value;
    const std::uint64_t sign = std::uint64_t{1} << (8 * place.size() - 1);
    value = (value ^ sign) - sign;
    return value ^ (std::uint64_t{1} << 63U);
}

/// Writes the least difference type that is shorter than the value; false where there is none.
bool write_delta(DataTag tag, ByteView place, ByteView before, ByteWriter& out) {
    const Number number = number_of(tag);
    if (number == Number::none) return false;
    const std::uint64_t value = ordered_value(place, number);
    const std::uint64_t base = ordered_value(before, number);
    const bool rises = value >= base;
    const std::uint64_t most = rises ? value - base : base - value - 1;
    for (const DeltaType& type : kDeltaTypes) {
        if (type.octets >= place.size()) return false;
        // One bit is the sign where it falls.
        if ((most >> (8 * type.octets - (rises ? 0 : 1))) != 0) continue;
        out.u8(static_cast<std::uint8_t>(rises ? type.rising : type.falling));
        out.unsigned_of(value - base, type.octets);
        return true;
    }
    return false;
}

}  // namespace

void RowEncoder::write_head(std::size_t rows, std::size_t content_octets, dlms::DataWriter& data) const {
    if (!is_compact()) return data.array(rows);
    ByteWriter& out = data.out();
    out.u8(static_cast<std::uint8_t>(DataTag::compact_array));
    // The type description: as Data, without values.
    data.structure(columns_.count());
    for (std::size_t i = 0; i < setup_.columns.size(); ++i) {
        if (columns_[i]) out.u8(static_cast<std::uint8_t>(setup_.columns[i].tag));
    }
    dlms::put_length(out, content_octets);
}

void RowEncoder::write(const ProfileRow& row, const ProfileRow* previous, dlms::DataWriter& data) const {
    if (!is_compact()) data.structure(columns_.count());
    std::size_t offset = 0;
    for (std::size_t i = 0; i < setup_.columns.size(); ++i) {
        const ProfileColumn& column = setup_.columns[i];
        if (columns_[i] && previous != nullptr && compares()) {
            write_compared(column, offset, row, *previous, data);
        } else if (columns_[i]) {
            if (!is_compact()) data.out().u8(static_cast<std::uint8_t>(column.tag));
            write_content(column, offset, row, data.out());
        }
        offset += column.octets;
    }
}

std::size_t RowEncoder::content_octets(const ProfileRow& row) const {
    std::size_t octets = 0;
    std::size_t offset = 0;
    for (std::size_t i = 0; i < setup_.columns.size(); ++i) {
        const ProfileColumn& column = setup_.columns[i];
        if (columns_[i]) {
            std::array<std::uint8_t, 64> room{};
            ByteWriter out(room);
            write_content(column, offset, row, out);
            octets += out.size();
        }
        offset += column.octets;
    }
    return octets;
}

void RowEncoder::write_compared(const ProfileColumn& column, std::size_t offset, const ProfileRow& row,
                                const ProfileRow& previous, dlms::DataWriter& data) const {
    const ByteView place = place_of(row, column, offset);
    const ByteView before = place_of(previous, column, offset);
    const bool stamp = column.kind() == ColumnKind::stamp;
    const bool repeats =
        stamp ? follows(meter_, row, previous, setup_.period_s)
              : (equal(place, before) && (column.kind() != ColumnKind::status || row.status == previous.status));
    if (repeats) return data.null_data();
    if (encoding_ == BufferEncoding::null_data_and_deltas && column.kind() == ColumnKind::number &&
        write_delta(column.tag, place, before, data.out())) {
        return;
    }
    data.out().u8(static_cast<std::uint8_t>(column.tag));
    write_content(column, offset, row, data.out());
}

void RowEncoder::write_content(const ProfileColumn& column, std::size_t offset, const ProfileRow& row,
                               ByteWriter& out) const {
    const ByteView place = place_of(row, column, offset);
    switch (column.kind()) {
        case ColumnKind::stamp:
            dlms::put_length(out, dlms::kDateTimeSize);
            return out.put(dlms::encode(stamp_of(meter_, row)));
        case ColumnKind::status:
            return out.u8(row.status);
        case ColumnKind::number:
            return out.put(place);
        case ColumnKind::string:
            dlms::put_length(out, string_size(place));
            return out.put(place.subspan(1, string_size(place)));
    }
}

}  // namespace ferraris::meter
