/// A lithium cell on a board: what it still holds, and what it shows for a voltage.
///
/// It is emptied by the load while it carries the board, and by itself all the time, twice as fast for each 10 K that
/// it is warmer. Its voltage is flat for most of its life, then falls; cold lowers it, age raises its inner resistance.
#pragma once

#include <cstdint>

namespace ferraris::twin {

struct CellSettings {
    std::uint32_t capacity_milliamperehours{1200};     ///< of a fresh one
    std::uint32_t full_millivolts{3670};               ///< of a fresh one, without load, at 20 °C
    std::uint32_t empty_millivolts{2000};              ///< where it carries nothing any more
    std::uint32_t self_discharge_permille_a_year{10};  ///< of the capacity, at 20 °C
    std::uint32_t load_nanoamperes{11'000};            ///< clock and sensing of covers, while it carries them
    std::uint32_t inner_ohms{60};                      ///< of a fresh one; grows tenfold towards its end
    std::int32_t microvolts_per_kelvin{800};           ///< below 20 °C it gives less
};

class BackupBattery {
public:
    explicit BackupBattery(const CellSettings& settings = {}) : settings_(settings) { replace(); }

    /// A second passes at `celsius`; `carries`: the board lives on it.
    void second(double celsius, bool carries);
    /// A fresh cell.
    void replace() { set_charge(1000); }
    /// Less of the capacity, as after years: in thousandths of it.
    void set_charge(std::uint32_t permille);

    [[nodiscard]] bool is_empty() const { return charge_nas_ <= 0; }
    /// Thousandths of the capacity that are left.
    [[nodiscard]] std::uint32_t charge_permille() const;
    /// Under a load of `nanoamperes`. 0: empty.
    [[nodiscard]] std::uint32_t millivolts(double celsius, std::uint32_t nanoamperes = 0) const;

private:
    [[nodiscard]] std::int64_t capacity_nas() const {
        return std::int64_t{settings_.capacity_milliamperehours} * 3'600 * 1'000'000;
    }

    CellSettings settings_;
    std::int64_t charge_nas_{0};  ///< nanoampere-seconds
    double leak_celsius_{-300};   ///< for which `leak_na_` holds
    std::int64_t leak_na_{0};
};

}  // namespace ferraris::twin
