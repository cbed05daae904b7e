/// The backup battery as the meter keeps book of it: since when it is there, for how long it carried the board, what is
/// left of it by reckoning, and the voltage below which it is low (0-0:96.6.e, IEC 62056-6-1).
///
/// The charge is reckoned from the capacity of a fresh cell, the current that the board draws from it without mains,
/// and its self-discharge; nobody can measure it.
#pragma once

#include <cstdint>

#include "base/civil_time.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// Of a cell as the factory puts it in.
inline constexpr std::uint32_t kBatteryCapacity_mAh = 1200;
inline constexpr std::uint32_t kBatteryLoad_nA = 11'000;
inline constexpr std::uint32_t kBatterySelfDischarge_nA = 1'370;  ///< 1 % a year

class Battery {
public:
    /// What a threshold can be, millivolts: above where the battery has to be replaced, below that of a fresh one.
    static constexpr std::uint16_t kLeastThreshold = 2'800;
    static constexpr std::uint16_t kMostThreshold = 3'500;

    void recover(const ParameterStore& store);

    /// Power has come back after `seconds` in which the battery carried the board. What the flash does not take counts
    /// until power goes again.
    void carried(ParameterStore& store, std::int64_t seconds);
    /// A fresh one is in since `now`, by the meter's clock. Durable when true; nothing changes when not.
    [[nodiscard]] bool replace(ParameterStore& store, std::uint32_t now);
    /// `millivolts` within the bounds above. Durable when true; nothing changes when not.
    [[nodiscard]] bool store_threshold(ParameterStore& store, std::uint16_t millivolts);

    /// Below it the battery is low.
    [[nodiscard]] std::uint16_t threshold_millivolts() const { return threshold_mv_; }
    /// For how long it carried the board.
    [[nodiscard]] std::uint32_t use_seconds() const { return record_.use_s; }
    /// Seconds since 1970; 0: it is the one from the factory.
    [[nodiscard]] std::uint32_t installed() const { return record_.installed; }
    /// How many thousandths of its capacity are left `seconds_in_service` after it was put in.
    [[nodiscard]] std::uint32_t charge_permille(std::int64_t seconds_in_service) const;
    /// How long that carries the board.
    [[nodiscard]] std::uint32_t remaining_hours(std::int64_t seconds_in_service) const;

private:
    struct Record {
        std::uint32_t installed{0};
        std::uint32_t use_s{0};
    };
    [[nodiscard]] bool write(ParameterStore& store, const Record& record);
    [[nodiscard]] std::int64_t charge_nas(std::int64_t seconds_in_service) const;

    Record record_{};
    std::uint16_t threshold_mv_{3'100};
};

}  // namespace ferraris::meter
