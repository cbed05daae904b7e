/// A home without a file: appliances that come and go as people do, the same ones for the same seed.
#pragma once

#include <vector>

#include "twin/load.hpp"

namespace ferraris::twin {

/// What happens in a second depends on the seed and the time alone, so any second may be asked for in any order. About
/// 8 to 12 kWh a day in the mean; single days vary.
class Household final : public Load {
public:
    explicit Household(std::uint64_t seed, std::uint32_t photovoltaic_peak_watts = 0);

    [[nodiscard]] metrology::Measurement second(UtcTime end) override;

private:
    /// An appliance in use: on for `on_s` of every `cycle_s` seconds.
    struct Use {
        std::uint32_t begin_s{0};
        std::uint32_t end_s{0};
        std::uint32_t cycle_s{1};
        std::uint32_t on_s{1};
        std::int32_t watts{0};
        std::int32_t vars{0};
    };

    void plan_day(std::int64_t day);
    [[nodiscard]] std::int64_t sunshine_milliwatts(std::int64_t day, std::uint32_t second_of_day) const;

    std::uint64_t seed_;
    std::uint32_t photovoltaic_peak_watts_;
    std::int64_t planned_day_;
    std::vector<Use> uses_;
};

}  // namespace ferraris::twin
