/// Sags, swells and interruptions as the metrology saw them, cycle by cycle: what counts as one is the utility's to
/// set, each that is over is an event with the worst voltage and the duration.
///
/// A mains that flickers would fill log and flash: a dozen rows a minute, further ones are not told.
#pragma once

#include <array>
#include <cstdint>

#include "meter/event/input_monitor.hpp"
#include "meter/store/parameter_store.hpp"
#include "metrology/measurement.hpp"

namespace ferraris::meter {

inline constexpr std::size_t kDisturbanceKinds = 3;

class VoltageQuality {
public:
    void recover(const ParameterStore& store);
    /// For the metrology.
    [[nodiscard]] const metrology::DisturbanceLimits& limits() const { return limits_; }
    /// Durable when true; nothing changes when not.
    [[nodiscard]] bool store(ParameterStore& parameters, const metrology::DisturbanceLimits& limits);

    /// Once a second.
    void tick(const metrology::Measurement& measurement, Occurrences& due);

    /// The last of a kind since power came; a duration of 0: none.
    [[nodiscard]] const metrology::Disturbance& last(metrology::DisturbanceKind kind) const {
        return last_[static_cast<std::size_t>(kind)];
    }
    [[nodiscard]] static Event event_of(metrology::DisturbanceKind kind);

private:
    metrology::DisturbanceLimits limits_{};
    std::array<metrology::Disturbance, kDisturbanceKinds> last_{};
    std::uint8_t second_{0};  ///< of the minute for which `told_` counts
    std::uint8_t told_{0};
};

/// Whether thresholds are in order: interruption below sag below swell, where they are not off, and room for the
/// hysteresis between the last two.
[[nodiscard]] bool are_possible(const metrology::DisturbanceLimits& limits);

}  // namespace ferraris::meter
