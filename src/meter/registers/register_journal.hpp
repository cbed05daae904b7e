/// The energy registers in flash: one record a minute, one more at each change of tariff, all six tariffs whenever a
/// sector begins. Nothing of what a record says can be lost again.
///
///     record: rate(1) flags(1) time(4) previous(4), least and greatest voltage of the day (9 each), seconds of the
///     tariff(4), its 8 counts of 6 octets in mWh, 8 remainders of 3 octets in microjoules
#pragma once

#include <cstdint>

#include "meter/averages/voltage_extremes.hpp"
#include "meter/registers/energy_registers.hpp"
#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

/// The newest record's circumstances.
struct JournalEntry {
    std::uint32_t time{0};  ///< seconds since 1970, by the meter's clock
    /// Of the time that was entered before this one, by the same clock: profile rows whose intervals ended since then
    /// were to be written right after. 0: none were.
    std::uint32_t previous{0};
    bool orderly{false};      ///< the meter was going down and has written everything
    bool due_billing{false};  ///< a billing reset was to be carried out right after
    VoltageExtremes voltage{};
    friend bool operator==(const JournalEntry&, const JournalEntry&) = default;
};

class RegisterJournal {
public:
    RegisterJournal(board::Flash& flash, FlashRegion region);

    /// Brings the registers back; `last` is left alone when nothing was ever written.
    [[nodiscard]] bool recover(EnergyRegisters& registers, JournalEntry& last);
    /// Writes the registers of `rate`, in which energy was counted since the last time.
    [[nodiscard]] bool save(const EnergyRegisters& registers, Rate rate, const JournalEntry& entry);

private:
    [[nodiscard]] bool append(const EnergyRegisters& registers, Rate rate, const JournalEntry& entry);

    RecordRing ring_;
    bool checkpoint_due_{true};
};

}  // namespace ferraris::meter
