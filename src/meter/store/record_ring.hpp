/// A ring of records of one size in a stretch of flash, the oldest overwritten first. Profiles, logs and the register
/// journal are such rings.
///
///     sector 0                    sector 1                    ...  sector n-1
///     +--------+----+----+-----+  +--------+----+----+-----+       +--------+----+----+-----+
///     | header | r0 | r1 | ... |  | header | rK | .. |     |  ...  | header |    |    |     |
///     +--------+----+----+-----+  +--------+----+----+-----+       +--------+----+----+-----+
///     header: magic(2) record size(2) epoch(4) sequence of its first record(4) crc32(4)
///     record: payload, crc32(4) over payload, sequence and epoch
///
/// A record's place follows from its sequence number alone: slot = sequence % K, sector = sequence / K % n. What a torn
/// program leaves keeps its number and is passed over; a torn header or erase is done again. `clear` begins a new
/// epoch. After each append at least one erased slot is ready, so that the last words of a dying meter need no erase.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "board/flash.hpp"
#include "meter/store/store_condition.hpp"

namespace ferraris::meter {

/// A stretch of whole sectors.
struct FlashRegion {
    std::uint32_t first_sector{0};
    std::uint32_t sector_count{0};
};

class RecordRing {
public:
    static constexpr std::size_t kMaxPayload = 1020;

    /// `payload_size` up to `kMaxPayload`, at least two records a sector; at least two sectors.
    RecordRing(board::Flash& flash, FlashRegion region, std::uint16_t payload_size, std::uint16_t magic);

    /// Finds what is stored and makes the next slot ready. False: the flash does not answer.
    [[nodiscard]] bool recover();
    /// The same for records of a size and an epoch that somebody else keeps; all others are as if not there.
    [[nodiscard]] bool recover(std::uint16_t payload_size, std::uint32_t epoch);
    /// Durable when it returns true.
    [[nodiscard]] bool append(ByteView payload);
    /// False: never written, overwritten, or torn.
    [[nodiscard]] bool read(std::uint32_t sequence, ByteSpan payload) const;
    /// Forgets all records; sequence numbers go on.
    [[nodiscard]] bool clear() { return clear(payload_size_, epoch_ + 1); }
    /// And goes on with records of another size, in an epoch greater than every one before.
    [[nodiscard]] bool clear(std::uint16_t payload_size, std::uint32_t epoch);
    /// Of all sectors that were ever written here; 0: none.
    [[nodiscard]] std::uint32_t greatest_epoch() const;

    /// What the ring in `region` holds, of whatever size, only looked at.
    [[nodiscard]] static StoreCondition examine(board::Flash& flash, FlashRegion region);

    [[nodiscard]] std::uint32_t oldest() const { return oldest_; }
    [[nodiscard]] std::uint32_t next() const { return next_; }
    [[nodiscard]] std::uint32_t records_per_sector() const { return records_per_sector_; }
    /// How many of the newest are always there.
    [[nodiscard]] std::uint32_t capacity() const { return (region_.sector_count - 1) * records_per_sector_; }

private:
    struct Header {
        bool valid{false};
        std::uint16_t payload_size{0};
        std::uint32_t epoch{0};
        std::uint32_t first{0};
    };

    void shape(std::uint16_t payload_size);
    [[nodiscard]] bool has_records() const;
    [[nodiscard]] bool find_records();
    [[nodiscard]] bool sector_is_blank(std::uint32_t index) const;
    [[nodiscard]] Header read_header(std::uint32_t index) const;
    [[nodiscard]] bool belongs(const Header& header, std::uint32_t index) const;
    [[nodiscard]] bool open_sector();
    [[nodiscard]] bool slot_is_blank(std::uint32_t sequence) const;
    [[nodiscard]] std::uint32_t sector_of(std::uint32_t sequence) const;
    [[nodiscard]] std::uint32_t address_of(std::uint32_t sequence) const;
    [[nodiscard]] std::uint32_t check(std::uint32_t sequence, ByteView payload) const;

    board::Flash& flash_;
    FlashRegion region_;
    std::uint16_t payload_size_{0};
    std::uint16_t magic_;
    std::uint32_t records_per_sector_{0};
    std::uint32_t epoch_{0};
    std::uint32_t oldest_{0};
    std::uint32_t next_{0};
};

}  // namespace ferraris::meter
