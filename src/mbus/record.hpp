/// Records of M-Bus: what a value is (DIF, VIF and their extensions), then the value, low octet first (EN 13757-3, 6).
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/civil_time.hpp"
#include "base/result.hpp"

namespace ferraris::mbus {

/// Low half of the DIF: how the value is coded.
enum class Coding : std::uint8_t {
    none = 0,
    integer_8 = 1,
    integer_16 = 2,
    integer_24 = 3,
    integer_32 = 4,
    real_32 = 5,
    integer_48 = 6,
    integer_64 = 7,
    selection = 8,
    bcd_2 = 9,
    bcd_4 = 10,
    bcd_6 = 11,
    bcd_8 = 12,
    variable = 13,
    bcd_12 = 14,
    special = 15,  ///< no record: manufacturer's data, or filling
};

/// Bits 4 and 5 of the DIF.
enum class Function : std::uint8_t { instantaneous, maximum, minimum, during_error };

/// What a record is of.
struct RecordHead {
    Coding coding{Coding::none};
    Function function{Function::instantaneous};
    std::uint64_t storage{0};  ///< 0: now; others: values kept
    std::uint32_t tariff{0};   ///< 0: all
    std::uint32_t subunit{0};
};

/// Codes of quantities that this meter sends; with a leading 0xFD they are of the first extension table, and behind a
/// set high bit follow further ones (EN 13757-3, 6.4).
namespace quantity {
inline constexpr std::uint8_t kWattHours[] = {0x03};
inline constexpr std::uint8_t kImportedWattHours[] = {0x83, 0x3B};  ///< positive contributions only
inline constexpr std::uint8_t kExportedWattHours[] = {0x83, 0x3C};  ///< the amount of negative contributions
inline constexpr std::uint8_t kImportedWatts[] = {0xAB, 0x3B};
inline constexpr std::uint8_t kExportedWatts[] = {0xAB, 0x3C};
inline constexpr std::uint8_t kDecivolts[] = {0xFD, 0x48};
inline constexpr std::uint8_t kMilliamperes[] = {0xFD, 0x59};
inline constexpr std::uint8_t kDateTime[] = {0x6D};
inline constexpr std::uint8_t kErrorFlags[] = {0xFD, 0x17};
}  // namespace quantity

/// Writes DIF, its extensions for tariff and storage, and the VIFs.
void write_record_head(const RecordHead& head, ByteView quantity, ByteWriter& out);
/// The value behind a head with an integer coding; its low octets count.
void write_integer(Coding coding, std::uint64_t value, ByteWriter& out);
/// Date and time to the minute, type F; `valid` and `summer` are flags of it.
void write_date_time(const CivilTime& local, bool valid, bool summer, ByteWriter& out);

enum class RecordError : std::uint8_t { truncated, unknown_coding, too_long };

struct Record {
    RecordHead head{};
    ByteView quantity{};       ///< VIF and its extensions
    ByteView value{};          ///< as coded; of a variable length without the length
    bool filler{false};        ///< an octet without meaning
    bool manufacturer{false};  ///< all that follows is the manufacturer's own: `value`
};
/// The next record of several.
[[nodiscard]] Result<Record, RecordError> read_record(ByteReader& in);

/// Of an integer or BCD coding: its value, negative ones too. Nothing is asked of others.
[[nodiscard]] std::int64_t integer_of(const Record& record);

}  // namespace ferraris::mbus
