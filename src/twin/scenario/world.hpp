/// Mains and load as a scenario has them: a base load (a home, or none), what is added to it, and the voltage over it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "metrology/disturbance.hpp"
#include "twin/load.hpp"
#include "twin/scenario/appliances.hpp"
#include "twin/scenario/scenario.hpp"

namespace ferraris::twin::scenario {

class World final : public Load {
public:
    /// `base` outlives it; null: none, and the scenario may have a home of `seed`. What a scenario leaves alone is as
    /// the base has it.
    World(Load* base, std::uint64_t seed);

    /// A change of one of the first group of `Subject`.
    void apply(const Change& change);

    // What is set now; 0: as the base has it.
    [[nodiscard]] std::uint32_t millivolts() const { return millivolts_; }
    [[nodiscard]] std::uint32_t millihertz() const { return millihertz_; }
    [[nodiscard]] std::uint32_t voltage_distortion() const { return voltage_distortion_; }
    [[nodiscard]] std::uint32_t current_distortion() const { return current_distortion_; }
    [[nodiscard]] std::int64_t milliwatts() const { return milliwatts_; }
    [[nodiscard]] bool has_household() const { return household_; }
    [[nodiscard]] bool is_interchanged() const { return interchanged_; }
    /// By the rows of `kAppliances`.
    [[nodiscard]] bool is_on(std::size_t appliance) const { return on_[appliance]; }
    [[nodiscard]] metrology::Measurement second(UtcTime end) override;
    void set_disturbance_limits(const metrology::DisturbanceLimits& limits) override;

private:
    struct Dip {
        std::uint32_t millivolts{0};
        std::uint32_t milliseconds{0};
    };

    [[nodiscard]] metrology::Measurement base_second(UtcTime end);
    [[nodiscard]] bool adds_nothing() const;
    void track_voltage(metrology::Measurement& measurement);
    void rebuild_home();
    void follow_power_factor();

    Load* base_;
    std::uint64_t seed_;
    std::unique_ptr<Load> home_{};
    bool household_{false};
    std::uint32_t solar_watts_{0};
    std::uint32_t millivolts_{0};  ///< 0: as the base has it
    std::uint32_t millihertz_{0};
    std::uint32_t voltage_distortion_{0};
    std::uint32_t current_distortion_{0};
    std::int64_t milliwatts_{0};
    std::int64_t millivars_{0};
    std::int64_t power_factor_thousandths_{0};  ///< 0: reactive power is as it was set
    std::array<bool, kAppliances.size()> on_{};
    bool interchanged_{false};
    std::vector<Dip> dips_{};  ///< of the next second, one after the other
    metrology::DisturbanceTracker tracker_{};
    metrology::DisturbanceLimits limits_{};
};

}  // namespace ferraris::twin::scenario
