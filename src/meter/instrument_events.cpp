// What the instrument notices and tells: events, alarms, errors.
#include <algorithm>

#include "meter/instrument.hpp"

namespace ferraris::meter {
namespace {

// In the order of `EventLog`.
constexpr std::array<ProfileIndex, kEventLogCount> kLogProfiles{
    ProfileIndex::standard_log,      ProfileIndex::tou_log,           ProfileIndex::fraud_log,
    ProfileIndex::power_quality_log, ProfileIndex::communication_log, ProfileIndex::disconnector_log,
};

ProfileIndex profile_of(EventLog log) { return kLogProfiles[static_cast<std::size_t>(log)]; }

/// Whole seconds in units of a log's durations.
constexpr std::uint32_t centiseconds(std::int64_t seconds) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds * 100, 0, UINT32_MAX));
}

}  // namespace

void Instrument::report(const Occurrence& occurrence) {
    const EventRow* const row = find_event(static_cast<std::uint8_t>(occurrence.event));
    if (row == nullptr) return;
    enter_row(row->log, occurrence);
    if (row->alarm == Alarm::none) return;
    if (Alarms::register_of(row->alarm) == 0) {
        (void)errors.set(parameters, Alarms::bit_of(row->alarm) & kErrorBits);
    }
    raise(row->alarm);
}

void Instrument::report(const Occurrences& occurrences) {
    for (const Occurrence& occurrence : occurrences) report(occurrence);
}

void Instrument::enter_row(EventLog log, const Occurrence& occurrence) {
    const ProfileIndex index = profile_of(log);
    EventRecord record;
    record.sequence = profiles[index].next();
    record.stamp = occurrence.stamp != 0 ? occurrence.stamp : clock_seconds();
    record.code = static_cast<std::uint8_t>(occurrence.event);
    record.value = occurrence.value;
    record.duration_cs = occurrence.duration_cs;
    flash_well_ = event_logs.note(parameters, log, record) && flash_well_;
    (void)capture_profile(index, record.stamp);
}

void Instrument::report_cleared(ProfileIndex index) {
    const auto log = std::ranges::find(kLogProfiles, index);
    if (log != kLogProfiles.end()) {
        return enter_row(static_cast<EventLog>(log - kLogProfiles.begin()), {Event::log_cleared, 0, 0, 0});
    }
    report({Event::profile_cleared, static_cast<std::int32_t>(index) + 1, 0, 0});
}

void Instrument::finish_event_rows() {
    // A row that was torn keeps its place: what was made up for it is behind.
    const auto has_row = [this](EventLog log, std::uint32_t sequence) {
        const auto& rows = profiles[profile_of(log)];
        ProfileRow row;
        for (; sequence < rows.next(); ++sequence) {
            if (rows.read(sequence, row)) return true;
        }
        return false;
    };
    for (std::size_t i = 0; i < kEventLogCount; ++i) {
        const auto log = static_cast<EventLog>(i);
        const EventRecord& record = event_logs.last(log);
        if (record.code == 0 || has_row(log, record.sequence)) continue;
        // Written as far as what it was to say; power went before the row.
        (void)capture_profile(profile_of(log), record.stamp);
    }
}

void Instrument::announce_power_up(std::uint32_t last_time) {
    push.refresh(parameters, clock);
    (void)push.trigger(PushCause::power_up);
    finish_event_rows();
    tell_of_disconnector();
    if (last_time != 0 && event_logs.last(EventLog::standard).code != static_cast<std::uint8_t>(Event::power_down)) {
        // Without last words: power went after this.
        report({Event::power_down, 0, 0, last_time});
    }
    Occurrences due;
    inputs.power_up(event_logs.conditions(), clock.correction_milliseconds(), due);
    self_check.begin(registers, due);
    report(due);
    const std::uint32_t now = clock_seconds();
    // By a clock that stood still nobody knows how long it was.
    if (clock.valid() && last_time != 0) battery.carried(parameters, std::int64_t{now} - last_time);
    const std::uint32_t duration = last_time != 0 ? centiseconds(std::int64_t{now} - last_time) : 0;
    // Each coming of power is news, also where flash still knows of the last one.
    alarms.clear(Alarm::power_up);
    if (clock.valid()) alarms.clear(Alarm::clock_invalid);
    report({Event::power_up, 0, duration, 0});
    power_failures.ended(parameters, duration / 100);
    if (!clock.valid()) report({Event::clock_invalid, 0, 0, 0});
    // What an emergency changed meanwhile is told by the first second.
    threshold_told_ =
        limiter.threshold(limits.limit(kContractedPowerLimit).threshold, clock, last_time != 0 ? last_time : now);
    summer_ = clock.rule.daylight_saving_active(UtcTime::from_seconds(last_time != 0 ? last_time : now));
    watch_daylight_saving();
    watch_tariff();
    if (parameters.damaged() != 0) {
        report({Event::memory_error, static_cast<std::int32_t>(parameters.damaged()), 0, 0});
    }
    watch_memory();
}

void Instrument::watch() {
    const UtcTime board = clock.board();
    if (down_since_) {
        // Power was back before the meter had gone.
        const std::int64_t seconds = (board.milliseconds - down_since_->milliseconds) / 1000;
        down_since_.reset();
        alarms.clear(Alarm::power_up);
        report({Event::power_up, 0, centiseconds(seconds), 0});
        power_failures.ended(parameters, centiseconds(seconds) / 100);
    }
    const WatchedPower watched = watched_power();
    tell_of_threshold(watched.threshold);
    Occurrences due;
    inputs.tick(event_logs.conditions(), due);
    supply_contact_.tick(measurement, event_logs.conditions(), due);
    limits.tick(measurement, event_logs.conditions(), due, &watched);
    voltage_quality.tick(measurement, due);
    security_reporter_.tick(board, due);
    self_check.judge(measurement, event_logs.conditions(), due);
    report_limited(due, watched);
    watch_tariff();
    watch_memory();
}

void Instrument::watch_memory() {
    if (!has_memory_error() || (errors.bits() & Alarms::bit_of(Alarm::memory_error)) != 0) return;
    report({Event::memory_error, 0, 0, 0});
}

// By count, not by change: what was activated just before power went is told when it returns.
void Instrument::watch_tariff() {
    for (;;) {
        const std::uint32_t told = event_logs.count(Event::tou_activated);
        if (told >= tariff.activations()) return;
        report({Event::tou_activated, static_cast<std::int32_t>(told + 1), 0, 0});
    }
}

void Instrument::watch_daylight_saving() {
    const bool summer = clock.rule.daylight_saving_active(clock.utc());
    if (summer == summer_) return;
    summer_ = summer;
    report({Event::daylight_saving_switched, summer ? 1 : 0, 0, 0});
}

void Instrument::report_power_down() {
    if (down_since_) return;
    down_since_ = clock.board();
    report({Event::power_down, 0, 0, 0});
}

void Instrument::report_clock_set(UtcTime before) {
    const std::int64_t shift = clock.utc().milliseconds / 1000 - before.milliseconds / 1000;
    const auto value = static_cast<std::int32_t>(std::clamp<std::int64_t>(shift, INT32_MIN, INT32_MAX));
    report({Event::clock_adjusted_from, value, 0,
            static_cast<std::uint32_t>(std::max<std::int64_t>(before.seconds(), 1))});
    report({Event::clock_adjusted_to, value, 0, 0});
    watch_daylight_saving();
}

void Instrument::report_security(dlms::SecurityEvent event) {
    Occurrences due;
    security_reporter_.happened(event, clock.board(), due);
    report(due);
    // Also where the row has to wait.
    if (SecurityReporter::is_attack(event)) raise(Alarm::fraud_attempt);
}

bool Instrument::replace_battery(std::uint32_t installed) {
    if (!battery.replace(parameters, installed)) return false;
    report({Event::battery_replaced, inputs.inputs().battery_millivolts, 0, 0});
    return true;
}

bool Instrument::store_battery_threshold(std::uint16_t millivolts) {
    if (!battery.store_threshold(parameters, millivolts)) return false;
    inputs.set_low_battery(millivolts);
    return true;
}

bool Instrument::store_limit(std::size_t index, const Limit& limit) {
    const bool contracted = index == kContractedPowerLimit && limit.threshold != limits.limit(index).threshold;
    if (!limits.store(parameters, index, limit)) return false;
    if (contracted) {
        const auto watts = std::min<std::uint32_t>(limit.threshold, INT32_MAX);
        report({Event::limiter_changed, static_cast<std::int32_t>(watts), 0, 0});
        // Not where an emergency has begun that nobody has been told of.
        if (!limiter.is_emergency(clock, clock.seconds())) threshold_told_ = limit.threshold;
    }
    return true;
}

bool Instrument::seal_pulse_constant(std::uint16_t impulses, std::uint8_t client_sap) {
    if (impulses == impulses_per_kilowatthour) return true;
    if (!audit_trail.append(parameters,
                            {clock_seconds(), client_sap, kPulseConstant, impulses_per_kilowatthour, impulses})) {
        return false;
    }
    impulses_per_kilowatthour = impulses;
    return true;
}

std::uint32_t Instrument::standing_errors() const {
    const bool battery_fails =
        (event_logs.conditions() & (condition_bit(Event::battery_low) | condition_bit(Event::replace_battery))) != 0;
    const bool front_end = (event_logs.conditions() & condition_bit(Event::measurement_error)) != 0;
    return (clock.valid() ? 0 : Alarms::bit_of(Alarm::clock_invalid)) |
           (battery_fails ? Alarms::bit_of(Alarm::replace_battery) : 0) |
           (has_memory_error() ? Alarms::bit_of(Alarm::memory_error) : 0) |
           (self_check.program_well() ? 0 : Alarms::bit_of(Alarm::program_memory_error)) |
           (front_end ? Alarms::bit_of(Alarm::measurement_error) : 0);
}

bool Instrument::clear_errors(std::uint32_t bits) {
    const std::uint32_t cleared = errors.bits() & bits & ~standing_errors();
    if (cleared == 0) return true;
    if (!errors.clear(parameters, cleared)) return false;
    report({Event::error_register_cleared, static_cast<std::int32_t>(cleared), 0, 0});
    return true;
}

void Instrument::raise(Alarm alarm) {
    Alarms changed = alarms;
    const bool news = changed.raise(alarm);
    // The flash need not hear of what it knows. What it does not take is still an alarm.
    if (changed != alarms && !store_alarms(changed)) alarms = changed;
    if (news) (void)push.trigger(PushCause::alarm);
}

bool Instrument::store_alarms(const Alarms& changed) {
    if (!changed.write(parameters)) return false;
    alarms = changed;
    return true;
}

}  // namespace ferraris::meter
