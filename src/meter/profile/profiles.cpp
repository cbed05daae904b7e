#include "meter/profile/profiles.hpp"

#include <algorithm>
#include <utility>

#include "meter/instrument.hpp"
#include "meter/objects/capture.hpp"
#include "meter/profile/profile_status.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

template <std::size_t... I>
std::array<Profile, sizeof...(I)> make_profiles(board::Flash& flash, std::index_sequence<I...>) {
    return {Profile(flash, profile_definition(static_cast<ProfileIndex>(I)))...};
}

/// `act` for each profile, also after one that failed; whether all went well.
template <class Act>
bool for_each_profile(Act&& act) {
    bool well = true;
    for (std::size_t i = 0; i < kProfileCount; ++i) well = act(static_cast<ProfileIndex>(i)) && well;
    return well;
}

std::uint16_t order_key(ProfileIndex index) {
    return key_number(ParameterKey::profile_order, static_cast<std::size_t>(index));
}

std::uint32_t read_order(const ParameterStore& parameters, ProfileIndex index) {
    std::array<std::uint8_t, 4> octets{};
    return parameters.read(order_key(index), octets) == octets.size() ? ByteReader(octets).u32() : 0;
}

bool write_order(ParameterStore& parameters, ProfileIndex index, std::uint32_t ordered_from) {
    std::array<std::uint8_t, 4> octets{};
    ByteWriter(octets).u32(ordered_from);
    return parameters.write(order_key(index), octets);
}

std::uint32_t local_midnight(const LocalTimeRule& rule, UtcTime time, int days_later) {
    const CivilTime today = rule.local(time);
    const std::int64_t day = days_from_civil(today.year, today.month, today.day) + days_later;
    const UtcTime midnight = rule.utc(civil_from_utc(UtcTime::from_seconds(day * kDay)));
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(midnight.seconds(), 0, UINT32_MAX));
}

}  // namespace

Interval interval_at(const Instrument& meter, ProfileIndex index, std::uint32_t time) {
    if (profile_definition(index).trigger == ProfileTrigger::local_midnight) {
        const UtcTime utc = UtcTime::from_seconds(time);
        return {local_midnight(meter.clock.rule, utc, 0), local_midnight(meter.clock.rule, utc, 1)};
    }
    const std::uint32_t period = meter.profiles[index].period_s();
    const std::uint32_t start = time / period * period;
    return {start, start + period};
}

Profiles::Profiles(board::Flash& flash) : profiles_(make_profiles(flash, std::make_index_sequence<kProfileCount>{})) {}

bool Profiles::start(Instrument& meter, const JournalEntry& last) {
    return for_each_profile([&](ProfileIndex index) {
        Profile& profile = (*this)[index];
        if (!profile.recover(read_order(meter.parameters, index))) return false;
        if (!profile.has_setup() && !profile.configure(default_setup(meter, index))) return false;
        return !profile_definition(index).is_periodic() || catch_up(meter, index, last);
    });
}

bool Profiles::catch_up(Instrument& meter, ProfileIndex index, const JournalEntry& last) {
    Profile& profile = (*this)[index];
    bool captured = true;
    if (last.time == 0) {
        profile.enter(interval_at(meter, index, static_cast<std::uint32_t>(meter.clock.seconds())));
        return true;
    }
    if (last.previous != 0) {
        profile.enter(interval_at(meter, index, last.previous));
        if (const auto due = profile.due_row(last.time)) {
            captured = capture(meter, index, *due, profile_status::kPowerDown);
        }
    }
    profile.enter(interval_at(meter, index, last.time));
    return captured;
}

bool Profiles::enter_minute(Instrument& meter, std::uint32_t now) {
    return for_each_profile([&](ProfileIndex index) {
        return !profile_definition(index).is_periodic() || enter_minute(meter, index, now);
    });
}

bool Profiles::enter_minute(Instrument& meter, ProfileIndex index, std::uint32_t now) {
    Profile& profile = (*this)[index];
    const Interval interval = profile.interval();
    if (interval.has(now)) return true;
    bool captured = true;
    if (const auto due = profile.due_row(now)) {
        const bool gap = !interval_at(meter, index, interval.end).has(now);
        const std::uint8_t marks = profile.marks();
        // A gap that nobody has announced: the host did not call for longer than an interval.
        const std::uint8_t reason = marks == 0 && gap ? profile_status::kDataNotValid : marks;
        captured = capture(meter, index, *due, reason);
        profile.clear_marks();
        if (gap) profile.mark(reason);
    } else if (now > interval.start) {
        // The row of this interval stands already: time was here before the clock was set back. The next new row counts
        // from one before that, and has to say so.
        profile.mark(profile_status::kClockAdjusted);
    }
    profile.enter(interval_at(meter, index, now));
    return captured;
}

void Profiles::mark(std::uint8_t status) {
    (void)for_each_profile([&](ProfileIndex index) {
        if (profile_definition(index).is_periodic()) (*this)[index].mark(status);
        return true;
    });
}

void Profiles::local_time_changed(const Instrument& meter, std::uint32_t now) {
    (void)for_each_profile([&](ProfileIndex index) {
        if (profile_definition(index).trigger != ProfileTrigger::local_midnight) return true;
        Profile& profile = (*this)[index];
        const Interval interval = interval_at(meter, index, now);
        if (interval.start != profile.interval().start) profile.mark(profile_status::kClockAdjusted);
        profile.enter(interval);
        return true;
    });
}

bool Profiles::capture(Instrument& meter, ProfileIndex index, std::uint32_t stamp, std::uint8_t status) {
    Profile& profile = (*this)[index];
    ProfileSetup setup;
    if (!profile.setup(setup)) return false;
    ProfileRow row;
    row.stamp = stamp;
    row.status = static_cast<std::uint8_t>(status | meter.profile_status(stamp));
    capture_values(meter, setup, row);
    const bool order_kept = !profile.breaks_order(stamp) || write_order(meter.parameters, index, profile.next());
    return profile.append(row) && order_kept;
}

bool Profiles::configure(Instrument& meter, ProfileIndex index, const ProfileSetup& setup) {
    Profile& profile = (*this)[index];
    if (!profile.configure(setup)) return false;
    if (profile_definition(index).is_periodic()) {
        profile.enter(interval_at(meter, index, static_cast<std::uint32_t>(meter.clock.seconds())));
    }
    return true;
}

}  // namespace ferraris::meter
