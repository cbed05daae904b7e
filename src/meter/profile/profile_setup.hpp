/// What a profile captures and how often, and how that decides which rows on flash count.
///
///     sector 0, 1 of the region: a `SafeValue`
///     period(4) columns(1), each: class(2) name(6) attribute(1) index(2) tag(1) octets(1)
///
/// Its sequence number, the generation, is the epoch of the rows. A new setup therefore begins an empty buffer with one
/// write: cut before it is whole it is none, and the old setup has its old rows; after it no row belongs to it yet.
#pragma once

#include <cstdint>

#include "base/fixed_vector.hpp"
#include "dlms/apdu/selective_access.hpp"
#include "dlms/data.hpp"
#include "meter/profile/profile_row.hpp"
#include "meter/store/safe_value.hpp"

namespace ferraris::meter {

enum class ColumnKind : std::uint8_t {
    stamp,   ///< the row's time, a date-time
    status,  ///< the row's status
    number,  ///< of any type of fixed width
    string,  ///< its length, then the octets
};

/// One captured value and how it lies in a row.
struct ProfileColumn {
    dlms::CaptureObject object{};
    dlms::DataTag tag{dlms::DataTag::null_data};  ///< the type that is shown
    std::uint8_t octets{0};                       ///< in the row; 0 for stamp and status, which every row has
    [[nodiscard]] ColumnKind kind() const;
};

/// A column in flash: class(2) name(6) attribute(1) index(2) tag(1) octets(1).
inline constexpr std::size_t kProfileColumnOctets = 13;
void put(ByteWriter& out, const ProfileColumn& column);
void take(ByteReader& in, ProfileColumn& column);

struct ProfileSetup {
    std::uint32_t period_s{0};
    FixedVector<ProfileColumn, kMaxProfileColumns> columns{};
    /// Of a row with all its values.
    [[nodiscard]] std::size_t row_octets() const;
};

class ProfileSetupStore {
public:
    static constexpr std::uint32_t kSectors = SafeValue::kSectors;

    ProfileSetupStore(board::Flash& flash, std::uint32_t first_sector, std::uint16_t magic)
        : value_(flash, first_sector, magic) {}

    /// False: there is none yet, and `setup` means nothing.
    [[nodiscard]] bool recover(ProfileSetup& setup);
    [[nodiscard]] bool read(ProfileSetup& setup) const;
    /// Durable when true, under a generation greater than `generation()` and `floor`. Otherwise the old one stays.
    [[nodiscard]] bool write(const ProfileSetup& setup, std::uint32_t floor = 0);
    /// 0: there is none.
    [[nodiscard]] std::uint32_t generation() const { return value_.sequence(); }

private:
    SafeValue value_;
};

}  // namespace ferraris::meter
