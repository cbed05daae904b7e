/// Parameters and counters by key: a log of records in two banks of flash.
///
///     bank A                                             bank B
///     +--------+---------+---------+---------+ - - - -+  +--------+ - - - - - - - - - - - +
///     | header | key len | value   | crc32   |  blank |  | erased, or an older generation |
///     +--------+---------+---------+---------+ - - - -+  +--------+ - - - - - - - - - - - +
///     header: magic(4) generation(4) crc32(4); record: key(2) length(2) value crc32(4), padded to 4 octets
///
/// The last record of a key counts; one that is damaged is passed over. When a bank is full, or its tail is torn, the
/// last record of every key goes to the other bank, whose header is written at the end: until then the old bank is the
/// valid one. `recover` reads the bank once and notes where the last record of each key is; no read has to search after
/// that.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/fixed_vector.hpp"
#include "board/flash.hpp"
#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

class ParameterStore {
public:
    static constexpr std::size_t kMaxValue = 1024;
    /// Different keys: twice what a meter has.
    static constexpr std::size_t kMaxKeys = 192;

    /// An even number of sectors, half of them for each bank.
    ParameterStore(board::Flash& flash, FlashRegion region) : flash_(flash), region_(region) {}

    /// Finds the valid bank, its records and its end, or begins one; what is damaged is left behind in it. False: the
    /// flash does not answer, or holds more keys than there can be.
    [[nodiscard]] bool recover();
    /// Records that were damaged since power came, whose keys have an older value or none; not what a cut write left.
    [[nodiscard]] std::uint32_t damaged() const { return damaged_; }
    /// What the store in `region` holds, only looked at.
    [[nodiscard]] static StoreCondition examine(board::Flash& flash, FlashRegion region);
    /// Durable when it returns true. False: too long, no room even after compaction, too many keys, or a fault; the old
    /// value stays.
    [[nodiscard]] bool write(std::uint16_t key, ByteView value);
    /// The value's length; nothing when the key was never written or `out` is too small.
    [[nodiscard]] std::optional<std::size_t> read(std::uint16_t key, ByteSpan out) const;

private:
    struct Record {
        std::uint32_t offset{0};
        std::uint16_t key{0};
        std::uint16_t length{0};
        [[nodiscard]] std::uint32_t end() const;
    };

    /// Where the last record of a key is. Records begin at multiples of four octets.
    struct Place {
        std::uint16_t key{0};
        std::uint16_t word{0};
    };
    using Places = FixedVector<Place, kMaxKeys>;

    [[nodiscard]] std::uint32_t bank_size() const { return region_.sector_count / 2 * flash_.sector_size(); }
    [[nodiscard]] std::uint32_t bank_address(unsigned bank) const {
        return region_.first_sector * flash_.sector_size() + bank * bank_size();
    }
    [[nodiscard]] bool choose_bank();
    [[nodiscard]] std::optional<std::uint32_t> generation_of(unsigned bank) const;
    [[nodiscard]] std::optional<Record> record_at(std::uint32_t offset) const;
    [[nodiscard]] std::optional<std::uint32_t> whole_record_behind(std::uint32_t offset) const;
    [[nodiscard]] const Place* find(std::uint16_t key) const;
    [[nodiscard]] bool note(std::uint16_t key, std::uint32_t offset);
    [[nodiscard]] bool read_value(const Record& record, ByteSpan out) const;
    [[nodiscard]] bool is_blank(std::uint32_t from) const;
    [[nodiscard]] bool erase_bank(unsigned bank);
    [[nodiscard]] bool write_header(unsigned bank, std::uint32_t generation);
    [[nodiscard]] bool program_record(std::uint32_t address, std::uint16_t key, ByteView value);
    [[nodiscard]] bool compact();

    board::Flash& flash_;
    FlashRegion region_;
    Places places_{};
    std::uint32_t generation_{0};
    std::uint32_t end_{0};  ///< offset in the bank where the next record goes
    std::uint32_t damaged_{0};
    std::uint8_t bank_{0};
};

}  // namespace ferraris::meter
