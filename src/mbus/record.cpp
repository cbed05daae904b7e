#include "mbus/record.hpp"

#include <algorithm>
#include <array>

namespace ferraris::mbus {
namespace {

constexpr std::uint8_t kMore = 0x80;
constexpr std::uint8_t kFiller = 0x2F;
constexpr std::uint8_t kManufacturer = 0x0F;
constexpr std::uint8_t kManufacturerMore = 0x1F;
constexpr std::size_t kMaxExtensions = 10;

constexpr std::array<std::uint8_t, 16> kWidths{0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6, 0};

std::size_t width_of(Coding coding) { return kWidths[static_cast<std::size_t>(coding)]; }

/// Octets up to and with the first whose high bit is clear.
bool skip_extensions(ByteReader& in) {
    for (std::size_t i = 0; i < kMaxExtensions; ++i) {
        const std::uint8_t octet = in.u8();
        if (in.failed()) return false;
        if ((octet & kMore) == 0) return true;
    }
    return false;
}

bool read_extensions(ByteReader& in, RecordHead& head) {
    for (unsigned i = 0; i < kMaxExtensions; ++i) {
        const std::uint8_t octet = in.u8();
        if (in.failed()) return false;
        head.storage |= static_cast<std::uint64_t>(octet & 0xFU) << (1 + 4 * i);
        head.tariff |= (octet >> 4U & 3U) << (2 * i);
        head.subunit |= (octet >> 6U & 1U) << i;
        if ((octet & kMore) == 0) return true;
    }
    return false;
}

/// LVAR (EN 13757-3, table 5): texts and numbers; coded lengths beyond are not in use.
Result<std::size_t, RecordError> variable_length(ByteReader& in) {
    const std::uint8_t length = in.u8();
    if (length < 0xC0) return std::size_t{length};
    if (length >= 0xC0 && length <= 0xC9) return std::size_t{length} - 0xC0;
    if (length >= 0xD0 && length <= 0xD9) return std::size_t{length} - 0xD0;
    if (length >= 0xE0 && length <= 0xEF) return std::size_t{length} - 0xE0;
    return Error(RecordError::unknown_coding);
}

std::int64_t bcd_value(ByteView octets) {
    std::int64_t value = 0;
    bool negative = false;
    for (std::size_t i = octets.size(); i > 0; --i) {
        const unsigned high = octets[i - 1] >> 4U;
        if (i == octets.size() && high == 0xF) {
            negative = true;
        } else {
            value = value * 10 + high;
        }
        value = value * 10 + (octets[i - 1] & 0xFU);
    }
    return negative ? -value : value;
}

}  // namespace

void write_record_head(const RecordHead& head, ByteView quantity, ByteWriter& out) {
    std::uint64_t storage = head.storage;
    std::uint32_t tariff = head.tariff;
    std::uint32_t subunit = head.subunit;
    std::uint8_t octet = static_cast<std::uint8_t>(static_cast<unsigned>(head.coding) |
                                                   static_cast<unsigned>(head.function) << 4U | (storage & 1U) << 6U);
    storage >>= 1U;
    while (storage != 0 || tariff != 0 || subunit != 0) {
        out.u8(octet | kMore);
        octet = static_cast<std::uint8_t>((storage & 0xFU) | (tariff & 3U) << 4U | (subunit & 1U) << 6U);
        storage >>= 4U;
        tariff >>= 2U;
        subunit >>= 1U;
    }
    out.u8(octet);
    out.put(quantity);
}

void write_integer(Coding coding, std::uint64_t value, ByteWriter& out) {
    for (std::size_t i = 0; i < width_of(coding); ++i) out.u8(static_cast<std::uint8_t>(value >> (8 * i)));
}

void write_date_time(const CivilTime& local, bool valid, bool summer, ByteWriter& out) {
    const auto year = static_cast<unsigned>(local.year % 100);
    const unsigned century =
        local.year >= 2000 && local.year < 2400 ? static_cast<unsigned>(local.year - 1900) / 100 : 0;
    out.u8(static_cast<std::uint8_t>(local.minute | (valid ? 0U : kMore)));
    out.u8(static_cast<std::uint8_t>(local.hour | (century & 3U) << 5U | (summer ? kMore : 0U)));
    out.u8(static_cast<std::uint8_t>(local.day | (year & 7U) << 5U));
    out.u8(static_cast<std::uint8_t>(local.month | (year >> 3U) << 4U));
}

Result<Record, RecordError> read_record(ByteReader& in) {
    Record record;
    const std::uint8_t octet = in.u8();
    if (in.failed()) return Error(RecordError::truncated);
    if (octet == kFiller) {
        record.filler = true;
        return record;
    }
    if (octet == kManufacturer || octet == kManufacturerMore) {
        record.manufacturer = true;
        record.value = in.take(in.remaining());
        return record;
    }
    record.head.coding = static_cast<Coding>(octet & 0xFU);
    record.head.function = static_cast<Function>(octet >> 4U & 3U);
    record.head.storage = octet >> 6U & 1U;
    if (record.head.coding == Coding::special) return Error(RecordError::unknown_coding);
    if ((octet & kMore) != 0 && !read_extensions(in, record.head)) {
        return Error(in.failed() ? RecordError::truncated : RecordError::too_long);
    }
    const std::size_t start = in.position();
    if (!skip_extensions(in)) return Error(in.failed() ? RecordError::truncated : RecordError::too_long);
    record.quantity = in.since(start);
    std::size_t width = width_of(record.head.coding);
    if (record.head.coding == Coding::variable) {
        const auto length = variable_length(in);
        if (!length) return Error(length.error());
        width = *length;
    }
    record.value = in.take(width);
    if (in.failed()) return Error(RecordError::truncated);
    return record;
}

std::int64_t integer_of(const Record& record) {
    if (record.head.coding >= Coding::bcd_2) return bcd_value(record.value);
    const ByteView octets = record.value;
    std::uint64_t value = !octets.empty() && (octets.back() & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = octets.size(); i > 0; --i) value = value << 8U | octets[i - 1];
    return static_cast<std::int64_t>(value);
}

}  // namespace ferraris::mbus
