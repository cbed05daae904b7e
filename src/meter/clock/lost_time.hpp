/// That the meter does not know the time, and since when: the board's clock stood still, and runs on from a wrong time.
/// A restart does not bring the time back; setting the clock does.
#pragma once

#include <cstdint>

#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

class LostTime {
public:
    void recover(const ParameterStore& store);

    [[nodiscard]] bool is_lost() const { return lost_; }
    /// The last moment that the meter is sure of, seconds since 1970; 0: it never knew the time.
    [[nodiscard]] std::uint32_t since() const { return since_; }

    /// Counts also where the flash does not take it; durable when true.
    [[nodiscard]] bool lose(ParameterStore& store, std::uint32_t since);
    /// Somebody told the time. Durable when true; nothing changes when not.
    [[nodiscard]] bool find(ParameterStore& store);

private:
    bool lost_{false};
    std::uint32_t since_{0};
};

}  // namespace ferraris::meter
