/// Billing periods: when they end, and what the registers were then (IEC 62056-6-1, values of previous billing
/// periods).
///
/// A reset is one record in a ring of its own; the moment at which that record is whole is the moment of the reset.
/// Everything else follows from it: the counter of billing periods is in the newest record, and maxima in flash say
/// of which period they are. A loss of power therefore leaves either no reset or a whole one. That one was due is in
/// the register journal before, so that it is carried out when power comes back, once.
///
///     record: period(4) stamp(4) board's clock(4) status(1), 6 tariffs of seconds(4) and 8 counts of 6 octets
///     in mWh, 42 maxima of value(4) stamp(4) status(1)
#pragma once

#include <cstdint>
#include <optional>

#include "meter/clock/meter_clock.hpp"
#include "meter/demand/demand.hpp"
#include "meter/registers/energy_registers.hpp"
#include "meter/store/parameter_store.hpp"
#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

/// What a billing period ended with.
struct BillingRecord {
    std::uint32_t period{0};   ///< 1 for the first one that ended
    std::uint32_t stamp{0};    ///< seconds since 1970, by the meter's clock
    std::uint32_t board_s{0};  ///< by the board's, which nobody can set
    std::uint8_t status{0};    ///< of clock and meter, as profile rows have it
    EnergyRegisters registers{};
    Maxima maxima{};
};

class Billing {
public:
    /// How many ended periods can be read.
    static constexpr std::uint32_t kHistory = 12;
    static constexpr std::uint32_t kDefaultLockout_s = 3600;
    static constexpr std::uint32_t kMostLockout_s = 31 * 86400;
    static constexpr std::size_t kMaxScheduleEntries = 13;
    /// Encoded execution times.
    using Schedule = std::array<std::uint8_t, 256>;

    Billing(board::Flash& flash, FlashRegion region);

    [[nodiscard]] bool recover(const ParameterStore& store);

    /// Ended periods since the meter was made.
    [[nodiscard]] std::uint32_t period() const { return period_; }
    /// When the last one ended; 0: never.
    [[nodiscard]] std::uint32_t last_stamp() const { return stamp_; }
    /// Ends a period: the reset has happened, whole, when this is true. `record.period` is filled in.
    [[nodiscard]] bool end_period(BillingRecord& record);

    /// The record that value group F of an OBIS code names: 0 to 99 the period with that number, modulo 100; 101 the
    /// last one, 102 the one before and so on, as far as `kHistory`. False: there is none.
    [[nodiscard]] bool read(std::uint8_t f, BillingRecord& record) const;

    /// Whether a reset by hand has to wait: the last one of any kind is not long enough ago, `board` by the board's
    /// clock.
    [[nodiscard]] bool is_locked(UtcTime board) const;
    [[nodiscard]] std::uint32_t lockout_s() const { return lockout_s_; }
    /// Durable when true, unchanged when not; as with `store_schedule`.
    [[nodiscard]] bool store_lockout(ParameterStore& store, std::uint32_t seconds);

    /// As stored, or the first of each month at 0:00.
    [[nodiscard]] static ByteView schedule(const ParameterStore& store, Schedule& buffer);
    [[nodiscard]] bool store_schedule(ParameterStore& store, ByteView times, const MeterClock& clock);

    /// Looks for the next scheduled time after `after_s`, seconds since 1970.
    void refresh(const ParameterStore& store, const MeterClock& clock, std::int64_t after_s);
    /// Whether a scheduled time has come. Never while the clock is invalid.
    [[nodiscard]] bool is_due(const MeterClock& clock) const {
        return clock.valid() && clock.seconds() >= next_scheduled_s_;
    }

private:
    void note(const BillingRecord& record);
    [[nodiscard]] bool read_sequence(std::uint32_t sequence, BillingRecord& record) const;

    RecordRing ring_;
    std::uint32_t period_{0};
    std::uint32_t stamp_{0};
    std::uint32_t board_s_{0};
    std::uint32_t lockout_s_{kDefaultLockout_s};
    std::int64_t next_scheduled_s_{INT64_MAX};
};

}  // namespace ferraris::meter
