/// The profiles of this meter as data: where each keeps its rows, what makes it capture, and what it captures until the
/// utility says otherwise. A new profile is a row here, one in the object table, and its region in the layout.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dlms/apdu/selective_access.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter {

/// Which profile; also its row in `kProfiles`, and the address of its object.
enum class ProfileIndex : std::uint8_t {
    load,     ///< LP15
    daily,    ///< LP1440
    billing,  ///< LP43200
    voltage,  ///< LP10
    standard_log,
    tou_log,
    fraud_log,
    power_quality_log,
    communication_log,
    disconnector_log,
    count,
};
inline constexpr std::size_t kProfileCount = static_cast<std::size_t>(ProfileIndex::count);

/// What makes a profile capture, besides its method.
enum class ProfileTrigger : std::uint8_t {
    period,          ///< each multiple of the period since 1970 UTC, whatever daylight saving does
    local_midnight,  ///< each midnight of local time
    call,            ///< `Instrument::capture`, when something happens
};

struct ProfileDefinition {
    FlashRegion region{};
    std::uint16_t magic{0};    ///< another one for each profile
    std::uint32_t entries{0};  ///< shown at most; fewer where longer rows leave no room for them
    ProfileTrigger trigger{ProfileTrigger::call};
    std::uint32_t period_s{0};  ///< capture_period as long as nobody wrote one; 0: not periodic
    std::span<const dlms::CaptureObject> columns{};

    [[nodiscard]] constexpr bool is_periodic() const { return trigger != ProfileTrigger::call; }
};

inline constexpr std::uint32_t kDay = 86'400;

[[nodiscard]] const ProfileDefinition& profile_definition(ProfileIndex index);

/// Every row has these two, whether they are captured or not; as columns they take no room.
inline constexpr dlms::CaptureObject kStampColumn{{8, dlms::obis(0, 0, 1, 0, 0), 2}, 0};
inline constexpr dlms::CaptureObject kStatusColumn{{1, dlms::obis(0, 0, 96, 10, 1), 2}, 0};

}  // namespace ferraris::meter
