/// When the image that waits is activated (Single action schedule, class 22, 0-0:15.0.2): a time that passes while
/// power is away is made up for.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "meter/clock/meter_clock.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

class ActivationSchedule {
public:
    static constexpr std::size_t kMostEntries = 4;
    /// execution_time as it goes over the line.
    using Times = std::array<std::uint8_t, 2 + kMostEntries * 15>;

    /// An empty array where none were ever written.
    [[nodiscard]] static ByteView times(const ParameterStore& store, Times& buffer);

    void recover(const ParameterStore& store, const MeterClock& clock);
    /// `times` are possible ones; `client_sap` is who will have activated. Durable when true.
    [[nodiscard]] bool write(ParameterStore& store, ByteView times, std::uint8_t client_sap, const MeterClock& clock);
    /// Whether a time has come; the next answer is for the next one. Cheap.
    [[nodiscard]] bool take_due(ParameterStore& store, const MeterClock& clock);
    [[nodiscard]] std::uint8_t client_sap() const { return client_sap_; }

private:
    std::int64_t next_s_{INT64_MAX};
    std::uint8_t client_sap_{0};
};

}  // namespace ferraris::meter
