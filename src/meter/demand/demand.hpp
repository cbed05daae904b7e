/// Demand: average power over periods of the clock, and the greatest of them by tariff until the next billing reset
/// (IEC 62056-6-2, Demand register and Extended register).
///
/// An average is the advance of an energy register over a window, so that demands and energies agree to the quantum.
/// Periods end at multiples of the period since 1970 UTC. With one period a window is a block; with n of them it
/// slides: a window of n periods ends with each period.
///
///     number_of_periods 1:  |--- window ---|--- window ---|        number_of_periods 3:  |----|----|----|
///                                                                                            |----|----|----|
///
/// Only a window that was lived through from end to end can be a maximum: a loss of power, a clock that was set, or
/// seconds that nobody measured leave their reason in the status of the average and in no maximum. A maximum of a
/// tariff is one of a window in which no other tariff was active; of the total, of any window.
#pragma once

#include <array>
#include <cstdint>

#include "meter/registers/energy_registers.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// What demand is kept of: objects 1-0:c.4.0 (Demand register), c.5.0 (last average) and c.6.e (maxima).
struct DemandChannel {
    std::uint8_t c;
    EnergyMask energies;
};
inline constexpr std::array kDemandChannels{
    DemandChannel{1, mask_of(metrology::Energy::active_import)},
    DemandChannel{2, mask_of(metrology::Energy::active_export)},
    DemandChannel{3, mask_of(metrology::Energy::reactive_q1) | mask_of(metrology::Energy::reactive_q2)},
    DemandChannel{4, mask_of(metrology::Energy::reactive_q3) | mask_of(metrology::Energy::reactive_q4)},
    DemandChannel{9, mask_of(metrology::Energy::apparent_import)},
    DemandChannel{10, mask_of(metrology::Energy::apparent_export)},
};
inline constexpr std::size_t kDemandChannelCount = kDemandChannels.size();

/// The windows of all demand registers.
struct DemandPeriods {
    static constexpr std::uint32_t kLeast = 60;
    static constexpr std::uint32_t kMost = 3600;
    static constexpr std::uint16_t kMostInAWindow = 15;

    std::uint32_t period_s{900};  ///< whole minutes that divide the hour
    std::uint16_t count{1};       ///< periods in a window; above 1 the window slides

    friend constexpr bool operator==(const DemandPeriods&, const DemandPeriods&) = default;
    [[nodiscard]] constexpr std::uint32_t window_s() const { return period_s * count; }
    [[nodiscard]] constexpr bool possible() const {
        return period_s >= kLeast && period_s <= kMost && period_s % 60 == 0 && kMost % period_s == 0 && count >= 1 &&
               count <= kMostInAWindow;
    }
};

/// An average that was the greatest; none yet while `stamp` is 0.
struct Maximum {
    std::uint32_t milliwatts{0};  ///< or millivars, or millivolt-amperes
    std::uint32_t stamp{0};       ///< end of its window, seconds since 1970
    std::uint8_t status{0};       ///< of the clock and the meter then, as profile rows have it
    friend constexpr bool operator==(const Maximum&, const Maximum&) = default;
};

/// By tariff, 0 for the total, and by channel.
using Maxima = std::array<std::array<Maximum, kDemandChannelCount>, kRateCount + 1>;
inline constexpr std::size_t kMaximaOctets = (kRateCount + 1) * kDemandChannelCount * 9;
void put(ByteWriter& out, const Maxima& maxima);
void take(ByteReader& in, Maxima& maxima);

class Demand {
public:
    /// Settings and maxima as flash has them. Maxima of another billing period than `billing_period` are over: the
    /// reset that ended it came through, whatever happened to flash then.
    void recover(const ParameterStore& store, std::uint32_t billing_period);

    /// A period begins in the midst of things, at `now`: it will not count, for the reason `status`.
    void begin(std::uint32_t now, const EnergyRegisters& registers, std::uint8_t status);
    /// A second of energy was counted in `rate`.
    void count_second(Rate rate) {
        if (rate != rate_) rate_ = rate_ == kNoRate ? rate : kSeveralRates;
    }
    /// Something happened that keeps the present period from counting.
    void mark(std::uint8_t status) { marks_ = static_cast<std::uint8_t>(marks_ | status); }
    /// The clock shows `now`, `status` says how it and the meter are: a period that is over is closed. Rising maxima
    /// are durable when true.
    [[nodiscard]] bool advance(std::uint32_t now, const EnergyRegisters& registers, std::uint8_t status,
                               ParameterStore& store);
    /// Begins windows of other periods; `periods` are possible ones. Maxima stay. Durable when true, unchanged when
    /// not.
    [[nodiscard]] bool configure(const DemandPeriods& periods, std::uint32_t now, const EnergyRegisters& registers,
                                 ParameterStore& store);
    /// The present period ends here; neither it nor what is left of its time counts for a maximum (Demand register,
    /// next_period); with `forget`, nothing of the averages stays either (reset).
    void cut(std::uint32_t now, const EnergyRegisters& registers, std::uint8_t status, bool forget);
    /// A billing period has ended: the maxima begin anew.
    void begin_billing_period(std::uint32_t billing_period);

    [[nodiscard]] const DemandPeriods& periods() const { return periods_; }
    /// Of the window that ends with the present period, so far.
    [[nodiscard]] std::uint32_t current_average(std::size_t channel, const EnergyRegisters& registers) const;
    [[nodiscard]] std::uint32_t start_of_current() const;
    /// Of the window that ended last.
    [[nodiscard]] std::uint32_t last_average(std::size_t channel) const { return last_[channel]; }
    [[nodiscard]] std::uint32_t last_stamp() const { return last_stamp_; }  ///< 0: none ended since power came
    [[nodiscard]] std::uint8_t last_status() const { return last_status_; }
    [[nodiscard]] const Maxima& maxima() const { return maxima_; }

private:
    static constexpr Rate kNoRate = 0;
    static constexpr Rate kSeveralRates = 0xFF;

    /// A period that is over.
    struct Period {
        std::array<std::uint32_t, kDemandChannelCount> milliwatthours{};
        Rate rate{kNoRate};
    };

    [[nodiscard]] std::uint32_t milliwatthours_since_start(std::size_t channel, const EnergyRegisters& registers) const;
    [[nodiscard]] std::uint64_t milliwatthours_of(std::size_t channel, std::size_t periods) const;
    void start_period(std::uint32_t now, const EnergyRegisters& registers);
    void close_period(std::uint32_t stamp, const EnergyRegisters& registers, std::uint8_t status);
    [[nodiscard]] bool raise_maxima();
    [[nodiscard]] bool save(ParameterStore& store) const;

    DemandPeriods periods_{};
    std::uint32_t billing_period_{0};
    Maxima maxima_{};

    std::array<Period, DemandPeriods::kMostInAWindow> ended_{};  ///< the newest first
    std::uint16_t whole_{0};                                     ///< how many of the newest were lived through
    std::array<std::uint64_t, kDemandChannelCount> start_counts_{};
    std::uint32_t start_{0};
    Rate rate_{kNoRate};
    std::uint8_t marks_{0};

    std::array<std::uint32_t, kDemandChannelCount> last_{};
    std::uint32_t last_stamp_{0};
    std::uint8_t last_status_{0};
};

}  // namespace ferraris::meter
