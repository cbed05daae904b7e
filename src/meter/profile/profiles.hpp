/// All profiles of a meter: which row is due when, and the capture of it.
#pragma once

#include <array>
#include <cstdint>

#include "meter/profile/profile.hpp"

namespace ferraris::meter {

class Instrument;
struct JournalEntry;

class Profiles {
public:
    explicit Profiles(board::Flash& flash);

    [[nodiscard]] Profile& operator[](ProfileIndex index) { return profiles_[static_cast<std::size_t>(index)]; }
    [[nodiscard]] const Profile& operator[](ProfileIndex index) const {
        return profiles_[static_cast<std::size_t>(index)];
    }

    /// Power has come: finds all rows, and gives profiles that have no setup yet the one of the table. The meter's
    /// registers and clock are what they were at `last`; rows that were due then and did not get through are captured.
    /// False: the flash does not answer, or refuses.
    [[nodiscard]] bool start(Instrument& meter, const JournalEntry& last);
    /// Captures what is due at `now`. Registers must be durable: what a row says can then never be more than what comes
    /// back after a loss of power. False: the flash has refused a row.
    [[nodiscard]] bool enter_minute(Instrument& meter, std::uint32_t now);
    /// Something happened that the next row of each periodic profile has to tell.
    void mark(std::uint8_t status);
    /// Midnight of the present day is at another time now.
    void local_time_changed(const Instrument& meter, std::uint32_t now);
    /// A row of the values of now under `stamp`. Durable when true.
    [[nodiscard]] bool capture(Instrument& meter, ProfileIndex index, std::uint32_t stamp, std::uint8_t status);
    /// Takes up a setup and forgets the rows of this profile.
    [[nodiscard]] bool configure(Instrument& meter, ProfileIndex index, const ProfileSetup& setup);

private:
    [[nodiscard]] bool catch_up(Instrument& meter, ProfileIndex index, const JournalEntry& last);
    [[nodiscard]] bool enter_minute(Instrument& meter, ProfileIndex index, std::uint32_t now);

    std::array<Profile, kProfileCount> profiles_;
};

/// The interval of a periodic profile that `time` lies in.
[[nodiscard]] Interval interval_at(const Instrument& meter, ProfileIndex index, std::uint32_t time);

}  // namespace ferraris::meter
