/// The audit trail of sealed parameters (WELMEC 7.2, extension T and U: events that change legally relevant
/// parameters). It is written once and never erased: when it is full, sealed parameters can no longer change.
///
///     entry: sequence(4) time(4) client(1) name(6) attribute(1) old value(8) new value(8) chain(32) crc32(4)
///     chain: SHA-256 over the entry up to here and the chain of the entry before; of the first one, over zeros
///
/// Whoever changes, removes or reorders an entry breaks the chain of all that follow. Number and chain of the newest
/// entry are kept among the parameters too, so that the end cannot be missing either. A sealed parameter is what the
/// trail says last, so that neither can be without the other.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "board/flash.hpp"
#include "crypto/crypto.hpp"
#include "dlms/logical_name.hpp"
#include "meter/store/parameter_store.hpp"
#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

/// The sealed parameters of this meter.
inline constexpr dlms::AttributeDescriptor kPulseConstant{3, dlms::obis(1, 0, 0, 3, 0), 2};
/// The check sum of the legally relevant program.
inline constexpr dlms::AttributeDescriptor kProgramCheckSum{1, dlms::obis(1, 0, 0, 2, 8), 2};

struct SealedChange {
    std::uint32_t time{0};  ///< seconds since 1970 by the meter's clock
    std::uint8_t client_sap{0};
    dlms::AttributeDescriptor parameter{};  ///< the class is not kept
    std::uint64_t before{0};
    std::uint64_t after{0};
};

class AuditTrail {
public:
    using Chain = std::array<std::uint8_t, 32>;
    static constexpr std::uint32_t kEntrySize = 68;

    struct Entry {
        SealedChange change{};
        std::uint32_t sequence{0};  ///< from 1 on
        Chain chain{};
    };

    AuditTrail(board::Flash& flash, Crypto& crypto, FlashRegion region)
        : flash_(flash), crypto_(crypto), region_(region) {}

    /// Finds the entries and verifies the chain and its end. False: the flash does not answer.
    [[nodiscard]] bool recover(const ParameterStore& store);
    /// False: somebody has altered the flash; nothing sealed can change any more.
    [[nodiscard]] bool is_intact() const { return intact_; }
    [[nodiscard]] std::uint32_t count() const { return count_; }
    /// Places that are left.
    [[nodiscard]] std::uint32_t free() const { return capacity() - next_place_; }

    /// Durable when true. False: the trail is full or broken, or the flash refused; the parameter must not change.
    [[nodiscard]] bool append(ParameterStore& store, const SealedChange& change);
    /// How many places are used, and what is in each, the oldest first; nothing where power cut an entry short.
    [[nodiscard]] std::uint32_t places() const { return next_place_; }
    [[nodiscard]] std::optional<Entry> read(std::uint32_t place) const;
    /// What the trail says that a parameter is.
    [[nodiscard]] std::optional<std::uint64_t> last_value(const dlms::AttributeDescriptor& parameter) const;

private:
    using EntryOctets = std::array<std::uint8_t, kEntrySize>;

    [[nodiscard]] std::uint32_t capacity() const { return region_.sector_count * flash_.sector_size() / kEntrySize; }
    [[nodiscard]] std::uint32_t address_of(std::uint32_t place) const {
        return region_.first_sector * flash_.sector_size() + place * kEntrySize;
    }
    [[nodiscard]] bool read_place(std::uint32_t place, EntryOctets& octets) const;
    [[nodiscard]] bool make_chain(ByteView entry, const Chain& before, Chain& chain);

    board::Flash& flash_;
    Crypto& crypto_;
    FlashRegion region_;
    Chain chain_{};
    std::uint32_t count_{0};
    std::uint32_t next_place_{0};
    bool intact_{true};
};

}  // namespace ferraris::meter
