/// Devices on RS485 behind the meter: sub-meters of electricity, water, heat and gas, which other ports reach through
/// it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/fixed_vector.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// Device types of EN 13757-3.
enum class SubMeterKind : std::uint8_t { electricity = 2, gas = 3, heat = 4, water = 7 };

struct DeviceBehind {
    SubMeterKind kind{SubMeterKind::electricity};
    std::uint16_t address{0};  ///< lower HDLC address, 16 to 0x3FFD; no two have the same

    friend bool operator==(const DeviceBehind&, const DeviceBehind&) = default;
};

inline constexpr std::size_t kMaxSubMeters = 8;
using SubMeterList = FixedVector<DeviceBehind, kMaxSubMeters>;

class SubMeters {
public:
    void recover(const ParameterStore& store);
    /// Takes over another list, of `possible` ones. Durable when true; nothing changes when not.
    [[nodiscard]] bool store(ParameterStore& store, const SubMeterList& list);
    /// Kinds and addresses that there are, each address once.
    [[nodiscard]] static bool possible(const SubMeterList& list);

    [[nodiscard]] const SubMeterList& list() const { return list_; }
    /// Which one a gateway header means: its address, in decimal digits.
    [[nodiscard]] std::optional<std::size_t> find(ByteView gateway_address) const;

    /// Number `index` has answered when it was asked last, or has not.
    void answered(std::size_t index, bool did);
    /// Bit n: number n of the list answered when it was asked last. None did when power comes.
    [[nodiscard]] std::uint8_t answering() const { return answering_; }
    /// For the display's icon.
    [[nodiscard]] bool shown(SubMeterKind kind) const;

private:
    SubMeterList list_{};
    std::uint8_t answering_{0};
};

}  // namespace ferraris::meter
