/// Wireless M-Bus: what the meter's radio sends, when, and how it is protected. The radio only sends; whoever hears it
/// knows the key or does not.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/civil_time.hpp"
#include "mbus/telegram.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// Modes of EN 13757-4 and their formats of the frame.
enum class RadioFormat : std::uint8_t { off, c1_format_a, c1_format_b, t1, count };

struct WirelessSetup {
    static constexpr std::uint16_t kShortestInterval = 2;
    static constexpr std::uint16_t kLongestInterval = 3600;

    RadioFormat format{RadioFormat::off};
    mbus::Security security{mbus::Security::mode_7};
    std::uint16_t interval_s{450};  ///< the longest that OMS allows for electricity

    [[nodiscard]] bool possible() const;
    [[nodiscard]] mbus::FrameFormat frame_format() const {
        return format == RadioFormat::c1_format_b ? mbus::FrameFormat::b : mbus::FrameFormat::a;
    }
    [[nodiscard]] mbus::RadioMode mode() const {
        return format == RadioFormat::t1 ? mbus::RadioMode::t1 : mbus::RadioMode::c1;
    }
};

using WirelessKey = std::array<std::uint8_t, mbus::kKeySize>;

class Wireless {
public:
    Wireless() = default;
    /// For a meter that never sent: its first counter.
    explicit Wireless(std::uint32_t first_counter) : next_(first_counter), bound_(first_counter) {}
    void recover(const ParameterStore& store);
    [[nodiscard]] const WirelessSetup& setup() const { return setup_; }
    /// `setup` is a possible one. Durable when true.
    [[nodiscard]] bool store_setup(ParameterStore& store, const WirelessSetup& setup);

    /// Once a second, by the board's clock, which nobody sets.
    void tick(UtcTime board);
    [[nodiscard]] bool due() const { return due_; }
    void sent() { due_ = false; }

    /// The counter of the next message, never given twice whatever cuts the power: a bound goes to flash before it is
    /// passed. Nothing: used up, or the flash fails.
    [[nodiscard]] std::optional<std::uint32_t> take_counter(ParameterStore& store);
    [[nodiscard]] std::uint64_t next_counter() const { return next_; }
    /// The last words: the exact value.
    [[nodiscard]] bool settle(ParameterStore& store);

private:
    static constexpr std::uint32_t kBlock = 1000;

    WirelessSetup setup_{};
    std::uint64_t next_{0};
    std::uint64_t bound_{0};
    std::optional<std::int64_t> last_ms_{};
    bool due_{false};
};

}  // namespace ferraris::meter
