/// Which tariff counts now, and whether relay 2 (ripple control) is closed. What decides stands behind this one class:
/// the active calendar, special days, a hand that switched later than the calendar did, and a fallback while nobody
/// knows the time.
///
/// The state follows from the time alone: after a loss of power, a clock set forth or back, or a new calendar it is
/// what it would be had nothing happened.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "meter/clock/meter_clock.hpp"
#include "meter/registers/energy_registers.hpp"
#include "meter/store/parameter_store.hpp"
#include "meter/store/safe_value.hpp"
#include "meter/tariff/special_days.hpp"
#include "meter/tariff/switching.hpp"

namespace ferraris::meter {

/// Sectors that the tables need: two calendars and the special days, each twice.
inline constexpr std::uint32_t kTariffSectors = 3 * SafeValue::kSectors;

enum class Activation : std::uint8_t {
    done,
    inconsistent,  ///< the passive calendar does not fit together; the active one stays
    not_stored,    ///< the flash refused; the active one stays
};

class TariffControl {
public:
    /// `region` has `kTariffSectors` sectors.
    TariffControl(board::Flash& flash, FlashRegion region);

    /// Brings the tables back. `activations` were told of already. False: the flash does not answer.
    [[nodiscard]] bool recover(const ParameterStore& store, std::uint32_t activations = 0);
    /// How many activations there ever were: each is to be an event, whatever cuts power between.
    [[nodiscard]] std::uint32_t activations() const { return std::max(active_.sequence(), least_activations_); }

    /// Whether `follow` could find anything else than the last time. Costs nothing.
    [[nodiscard]] bool due(const MeterClock& clock) const {
        const std::int64_t now = clock.seconds();
        return now < judged_from_ || now >= judged_until_ || clock.valid() != judged_valid_;
    }
    /// Judges anew what holds now, and carries out an activation whose time has come.
    void follow(ParameterStore& store, const MeterClock& clock);
    /// What `follow` found last was found under other rules.
    void refresh() { judged_until_ = judged_from_; }

    /// 1 to 6. By the label of the reference instrument 2 is the high tariff (day) and 3 the low one (night).
    [[nodiscard]] Rate rate() const { return rate_; }
    [[nodiscard]] bool relay_closed() const { return relay_closed_; }

    // The tables. Stored durably when true; nothing changes when not.
    [[nodiscard]] CalendarSet active() const;
    [[nodiscard]] CalendarSet passive() const;
    [[nodiscard]] SpecialDays special_days() const;
    [[nodiscard]] bool store_passive(const CalendarSet& set);
    [[nodiscard]] bool store_special_days(const SpecialDays& table);

    /// The passive calendar becomes the active one too, whole or not at all (class 20, method 1).
    [[nodiscard]] Activation activate();
    /// When that happens by itself; all wild cards: never, also once it has happened (class 20, attribute 10).
    [[nodiscard]] const dlms::DateTime& activation_time() const { return activation_time_; }
    [[nodiscard]] bool set_activation_time(ParameterStore& store, const dlms::DateTime& time);

    /// Executes a script by hand: it holds until the calendar switches `target` the next time, also over a loss of
    /// power.
    [[nodiscard]] bool select(ParameterStore& store, const MeterClock& clock, SwitchTarget target, std::uint8_t script);

    /// The tariff while the clock is not valid, when the calendar says nothing and relay 2 is open; 0: the calendar is
    /// followed all the same.
    [[nodiscard]] Rate fallback() const { return fallback_; }
    /// `rate` is 0 to 6.
    [[nodiscard]] bool set_fallback(ParameterStore& store, Rate rate);

private:
    /// By the board's clock, which nobody sets.
    struct Command {
        std::int64_t board_milliseconds{0};
        std::uint8_t script{0};  ///< 0: none was ever given
    };

    void activate_in_time(ParameterStore& store, const MeterClock& clock);
    void judge(const MeterClock& clock);
    [[nodiscard]] std::uint8_t script_of(SwitchTarget target, const Switching& calendar, const MeterClock& clock,
                                         LocalSeconds now) const;

    SafeValue active_;
    SafeValue passive_;
    SafeValue special_days_;
    dlms::DateTime activation_time_{};
    std::array<Command, 2> commands_{};  ///< by target
    std::uint32_t least_activations_{0};
    std::int64_t judged_from_{0};
    std::int64_t judged_until_{0};
    bool judged_valid_{true};
    bool relay_closed_{false};
    Rate rate_{1};
    Rate fallback_{kFactoryFallback};

    static constexpr Rate kFactoryFallback = 2;
};

}  // namespace ferraris::meter
