/// Losses of power that lasted (objects 0-0:96.7.9, .19 and .20): how many, how long the last one was, and from which
/// duration on one is long.
#pragma once

#include <cstdint>

#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

class PowerFailures {
public:
    static constexpr std::uint32_t kMostThreshold_s = 86400;

    void recover(const ParameterStore& store);
    /// Power is back after so many seconds. What flash does not take counts all the same, until power goes again.
    void ended(ParameterStore& store, std::uint32_t seconds);

    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] std::uint32_t last_s() const { return last_s_; }
    [[nodiscard]] std::uint32_t threshold_s() const { return threshold_s_; }
    /// Durable when true; nothing changes when not.
    [[nodiscard]] bool store_threshold(ParameterStore& store, std::uint32_t seconds);

private:
    [[nodiscard]] bool write(ParameterStore& store) const;

    std::uint32_t count_{0};
    std::uint32_t last_s_{0};
    std::uint32_t threshold_s_{180};
};

}  // namespace ferraris::meter
