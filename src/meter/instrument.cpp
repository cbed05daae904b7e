#include "meter/instrument.hpp"

#include <algorithm>

#include "meter/profile/profile_status.hpp"
#include "meter/security/security_policy.hpp"
#include "meter/store/layout.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;

template <std::size_t N, class Fill>
bool write_parameter(ParameterStore& store, std::uint16_t key, Fill&& fill) {
    std::array<std::uint8_t, N> octets{};
    ByteWriter out(octets);
    fill(out);
    return !out.overflowed() && store.write(key, out.written());
}

/// `use` gets a reader over what is stored under `key`, if anything is.
template <std::size_t N, class Use>
void read_parameter(const ParameterStore& store, std::uint16_t key, Use&& use) {
    std::array<std::uint8_t, N> octets{};
    const auto size = store.read(key, octets);
    if (!size) return;
    ByteReader in(ByteView(octets).first(*size));
    use(in);
}

/// Another one for each meter, and the same one each time.
std::uint64_t seed_of(const MeterIdentity& identity) {
    ByteReader title(identity.system_title);
    return title.u64();
}

}  // namespace

Instrument::Instrument(board::Flash& board_flash, Crypto& crypto_engine, const MeterIdentity& who,
                       const FactorySettings& factory)
    : flash(board_flash),
      crypto(crypto_engine),
      identity(who),
      impulses_per_kilowatthour(factory.impulses_per_kilowatthour),
      association_version{
          std::clamp(factory.association_version, AssociationVersion::kOldest, AssociationVersion::kNewest)},
      mechanisms(factory.mechanisms),
      legacy_digests(factory.legacy_digests),
      remote_buttons(factory.remote_buttons),
      secrets(factory.secrets),
      security(factory.security),
      billing(flash, kBillingRegion),
      tariff(flash, kTariffRegion),
      parameters(flash, kParameterRegion),
      counters(factory.first_sending_counter),
      wireless_key(factory.wireless_key),
      key_pairs(flash, kCertificateRegion, parameters),
      profiles(flash),
      audit_trail(flash, crypto_engine, kAuditRegion),
      images(flash, crypto_engine, {kHardwareType, who.firmware_version, factory.firmware_key}),
      wireless(factory.first_sending_counter),
      push(seed_of(who)),
      first_keys_{factory.trust_anchor, factory.signing_private_key, factory.agreement_private_key,
                  factory.certificates},
      journal_(flash, kRegisterJournalRegion) {
    for (SecuritySettings& settings : security) settings.policy = policy::of_any_version(settings.policy);
}

std::optional<UtcTime> Instrument::last_board_time(board::Flash& flash) {
    ParameterStore store(flash, kParameterRegion);
    RegisterJournal journal(flash, kRegisterJournalRegion);
    EnergyRegisters ignored;
    JournalEntry last;
    if (!store.recover() || !journal.recover(ignored, last) || last.time == 0) return std::nullopt;
    std::int64_t correction = 0;
    read_parameter<8>(store, key_number(ParameterKey::clock_correction),
                      [&](ByteReader& in) { correction = static_cast<std::int64_t>(in.u64()); });
    return UtcTime{std::int64_t{last.time} * 1000 - correction};
}

bool Instrument::start(UtcTime board, bool clock_kept) {
    clock.observe(board);
    if (!parameters.recover()) return false;
    recover_parameters();
    if (!audit_trail.recover(parameters)) return false;
    const auto sealed = audit_trail.last_value(kPulseConstant);
    if (sealed) impulses_per_kilowatthour = static_cast<std::uint16_t>(*sealed);
    seal_program_that_runs();
    if (!start_key_pairs()) return false;
    JournalEntry last;
    if (!journal_.recover(registers, last)) return false;
    if (!lost_time.is_lost() && !(clock_kept && is_plausible(clock.utc(), last.time))) {
        flash_well_ = lost_time.lose(parameters, last.time) && flash_well_;
    }
    clock.set_valid(!lost_time.is_lost());
    if (!billing.recover(parameters)) return false;
    demand.recover(parameters, billing.period());
    voltage_today = last.voltage;
    if (!profiles.start(*this, last)) return false;
    // A reset that was due when power went, and did not come through.
    if (last.due_billing && billing.last_stamp() != last.time) {
        flash_well_ = close_billing_period(last.time, profile_status::kPowerDown) && flash_well_;
    }

    const std::uint32_t now = clock_seconds();
    entered_ = last.time;
    billing.refresh(parameters, clock, last.time != 0 ? last.time : now);
    supply_schedule.refresh(parameters, clock, last.time != 0 ? last.time : now);
    demand.begin(now, registers, last.time != 0 ? profile_status::kPowerDown : profile_status::kDataNotValid);
    if (last.time != 0) profiles.mark(profile_status::kPowerDown);
    if (!tariff.recover(parameters, event_logs.count(Event::tou_activated))) return false;
    choose_tariff();
    drive_ripple_relay();
    (void)supply_contact_.drive(disconnector.is_connected());
    enter_minute(now);
    // Also where power came back in a later interval, whose beginning it missed.
    if (last.time != 0) profiles.mark(profile_status::kPowerDown);
    announce_power_up(last.time);
    display.power_up(board);
    return flash_well_;
}

bool Instrument::start_on_battery(UtcTime board) {
    clock.observe(board);
    if (!parameters.recover()) return false;
    recover_parameters();
    JournalEntry last;
    if (!journal_.recover(registers, last) || !billing.recover(parameters)) return false;
    demand.recover(parameters, billing.period());
    voltage_today = last.voltage;
    return true;
}

void Instrument::observe(UtcTime board) {
    clock.observe(board);
    display.advance(board, is_terminal_cover_off());
}

void Instrument::tick(const metrology::Measurement& new_measurement, UtcTime board) {
    // Also where power had only seemed to go.
    if (!display.has_mains()) display.power_up(board);
    observe(board);
    measurement = new_measurement;
    Occurrences faults;
    self_check.before_second(registers, active_rate, faults);
    registers.add(measurement.energy, active_rate);
    registers.count_second(active_rate);
    self_check.after_second(registers, active_rate);
    demand.count_second(active_rate);
    const std::uint32_t now = clock_seconds();
    averages.add(measurement, now);
    voltage_today.add(measurement.voltage_millivolts, now, [&] { return profile_status(now); });
    if (now / 60 != entered_ / 60) {
        self_check.enter_minute(registers, flash, faults);
        enter_minute(now);
        watch_daylight_saving();
    }
    if (tariff.due(clock)) follow_tariff();
    if (!faults.empty()) report(faults);
    follow_supply_schedule();
    watch();
    watch_images();
    push.tick(parameters, clock);
    wireless.tick(board);
    self_check.tasks.ran(Task::metering);
}

bool Instrument::power_fail(UtcTime board) {
    clock.observe(board);
    const bool saved = journal_.save(registers, active_rate, {clock_seconds(), 0, true, false, voltage_today});
    report_power_down();
    display.power_down();
    const bool settled = wireless.settle(parameters);
    return counters.settle(parameters) && settled && saved;
}

bool Instrument::set_clock(UtcTime utc) {
    const std::int64_t correction = utc.milliseconds - (clock.utc().milliseconds - clock.correction_milliseconds());
    if (utc.seconds() <= 0 || utc.seconds() > UINT32_MAX) return false;
    if (!write_parameter<8>(parameters, key_number(ParameterKey::clock_correction),
                            [&](ByteWriter& out) { out.u64(static_cast<std::uint64_t>(correction)); })) {
        return false;
    }
    const std::uint32_t lost_since = lost_time.since();
    if (!lost_time.find(parameters)) return false;
    // After a loss of power the rest of it is there at once.
    if (clock.adjusts(utc)) {
        clock.adjust(utc);
        return true;
    }
    const UtcTime before = clock.utc();
    const bool moved = clock.seconds() != utc.seconds();
    const bool was_valid = clock.valid();
    clock.set(utc);
    if (!was_valid) refresh_after_lost_time(lost_since);
    alarms.clear(Alarm::clock_invalid);
    push.refresh(parameters, clock);
    if (!moved) {
        if (tariff.due(clock)) follow_tariff();
        return true;
    }
    const auto mark = [&] {
        profiles.mark(profile_status::kClockAdjusted);
        demand.mark(profile_status::kClockAdjusted);
    };
    mark();
    enter_minute(clock_seconds());
    // Also where the new time lies in another interval, whose beginning was never lived through.
    mark();
    follow_supply_schedule();
    refresh_billing();
    report_clock_set(before);
    return true;
}

bool Instrument::store_local_time_rule(const LocalTimeRule& rule) {
    const bool stored =
        write_parameter<32>(parameters, key_number(ParameterKey::local_time_rule), [&](ByteWriter& out) {
            out.u16(static_cast<std::uint16_t>(rule.time_zone_minutes));
            out.u8(rule.daylight_saving_enabled ? 1 : 0);
            out.u8(static_cast<std::uint8_t>(rule.daylight_saving_minutes));
            out.put(dlms::encode(rule.begin));
            out.put(dlms::encode(rule.end));
        });
    if (!stored) return false;
    clock.rule = rule;
    push.refresh(parameters, clock);
    profiles.local_time_changed(*this, clock_seconds());
    billing.refresh(parameters, clock, clock.seconds());
    supply_schedule.refresh(parameters, clock, clock.seconds());
    apply_tariff();
    return true;
}

bool Instrument::store_shift_limit(std::uint16_t seconds) {
    if (!write_parameter<2>(parameters, key_number(ParameterKey::clock_shift_limit),
                            [&](ByteWriter& out) { out.u16(seconds); })) {
        return false;
    }
    clock.shift_limit_s = seconds;
    return true;
}

bool Instrument::set_preset(const PresetTime& preset) {
    const bool stored = write_parameter<24>(parameters, key_number(ParameterKey::clock_preset), [&](ByteWriter& out) {
        for (const UtcTime time : {preset.time, preset.valid_from, preset.valid_until}) {
            out.u64(static_cast<std::uint64_t>(time.milliseconds));
        }
    });
    if (stored) clock.preset = preset;
    return stored;
}

bool Instrument::end_billing_period() {
    const std::uint32_t now = clock_seconds();
    if (now / 60 != entered_ / 60) enter_minute(now);
    save({now, 0, false, true});
    return flash_well_ && close_billing_period(now, 0);
}

bool Instrument::store_demand_periods(const DemandPeriods& periods) {
    return demand.configure(periods, clock_seconds(), registers, parameters);
}

void Instrument::cut_demand_period(bool forget) {
    const std::uint32_t now = clock_seconds();
    demand.cut(now, registers, profile_status(now), forget);
}

bool Instrument::configure_profile(ProfileIndex index, const ProfileSetup& setup) {
    const std::uint32_t now = clock_seconds();
    if (now / 60 != entered_ / 60) enter_minute(now);
    if (!profiles.configure(*this, index, setup)) return false;
    // The journal must not ask for a row of before.
    save({now, 0, false});
    report_cleared(index);
    return true;
}

bool Instrument::capture_profile(ProfileIndex index, std::uint32_t stamp, std::uint8_t status) {
    const bool captured = profiles.capture(*this, index, stamp, status);
    flash_well_ = captured && flash_well_;
    return captured;
}

bool Instrument::store_buffer_encoding(BufferEncoding encoding) {
    if (!write_parameter<1>(parameters, key_number(ParameterKey::buffer_encoding),
                            [&](ByteWriter& out) { out.u8(static_cast<std::uint8_t>(encoding)); })) {
        return false;
    }
    buffer_encoding = encoding;
    return true;
}

bool Instrument::store_secret(std::size_t client, ByteView secret) {
    Secret taken;
    if (!taken.assign(secret)) return false;
    if (!parameters.write(key_number(ParameterKey::secret, client), secret)) return false;
    secrets[client] = taken;
    return true;
}

bool Instrument::store_association(std::size_t client, const AssociationSettings& settings) {
    if (!settings.write(parameters, client)) return false;
    associations[client] = settings;
    ++associations_revision;
    return true;
}

bool Instrument::store_security(std::size_t client, const SecuritySettings& settings) {
    const bool stored =
        write_parameter<130>(parameters, key_number(ParameterKey::security_setup, client), [&](ByteWriter& out) {
            out.u8(settings.policy);
            out.u8(settings.suite);
            out.put(settings.unicast_encryption);
            out.put(settings.broadcast_encryption);
            out.put(settings.authentication);
            out.put(settings.master);
        });
    if (stored) security[client] = settings;
    return stored;
}

std::uint8_t Instrument::profile_status(std::uint32_t stamp) const {
    const bool summer = clock.rule.daylight_saving_active(UtcTime::from_seconds(stamp));
    return static_cast<std::uint8_t>((flash_well_ ? 0 : profile_status::kCriticalError) |
                                     (clock.valid() ? 0 : profile_status::kClockInvalid) |
                                     (summer ? profile_status::kDaylightSaving : 0));
}

void Instrument::recover_parameters() {
    read_parameter<8>(parameters, key_number(ParameterKey::clock_correction),
                      [this](ByteReader& in) { clock.restore_correction(static_cast<std::int64_t>(in.u64())); });
    lost_time.recover(parameters);
    read_parameter<2>(parameters, key_number(ParameterKey::clock_shift_limit),
                      [this](ByteReader& in) { clock.shift_limit_s = in.u16(); });
    read_parameter<32>(parameters, key_number(ParameterKey::local_time_rule), [this](ByteReader& in) {
        LocalTimeRule rule;
        rule.time_zone_minutes = static_cast<std::int16_t>(in.u16());
        rule.daylight_saving_enabled = in.u8() != 0;
        rule.daylight_saving_minutes = static_cast<std::int8_t>(in.u8());
        const auto begin = dlms::decode_date_time(in.take(dlms::kDateTimeSize));
        const auto end = dlms::decode_date_time(in.take(dlms::kDateTimeSize));
        if (!begin || !end) return;
        rule.begin = *begin;
        rule.end = *end;
        clock.rule = rule;
    });
    read_parameter<24>(parameters, key_number(ParameterKey::clock_preset), [this](ByteReader& in) {
        for (UtcTime* time : {&clock.preset.time, &clock.preset.valid_from, &clock.preset.valid_until}) {
            time->milliseconds = static_cast<std::int64_t>(in.u64());
        }
    });
    for (std::size_t client = 0; client < kSecretClientCount; ++client) {
        read_parameter<Secret::capacity()>(parameters, key_number(ParameterKey::secret, client),
                                           [&](ByteReader& in) { (void)secrets[client].assign(in.rest()); });
        read_parameter<130>(parameters, key_number(ParameterKey::security_setup, client), [&](ByteReader& in) {
            SecuritySettings& settings = security[client];
            settings.policy = policy::of_any_version(in.u8());
            settings.suite = in.u8();
            for (Key* key : {&settings.unicast_encryption, &settings.broadcast_encryption, &settings.authentication,
                             &settings.master}) {
                std::ranges::copy(in.take(key->size()), key->begin());
            }
        });
    }
    event_logs.recover(parameters);
    alarms.recover(parameters);
    errors.recover(parameters);
    power_failures.recover(parameters);
    limits.recover(parameters);
    battery.recover(parameters);
    inputs.set_low_battery(battery.threshold_millivolts());
    voltage_quality.recover(parameters);
    for (std::size_t client = 0; client < associations.size(); ++client) {
        associations[client].recover(parameters, client);
    }
    read_parameter<1>(parameters, key_number(ParameterKey::buffer_encoding), [this](ByteReader& in) {
        const std::uint8_t number = in.u8();
        if (number < static_cast<std::uint8_t>(BufferEncoding::count)) {
            buffer_encoding = static_cast<BufferEncoding>(number);
        }
    });
    images.recover(parameters);
    image_schedule.recover(parameters, clock);
    ports.recover(parameters);
    sub_meters.recover(parameters);
    wireless.recover(parameters);
    disconnector.recover(parameters);
    display.recover(parameters);
    limiter.recover(parameters);
    supply_schedule.recover(parameters);
    logins.recover(parameters, clock.board());
    counters.recover(parameters);
}

bool Instrument::start_key_pairs() {
    const FirstKeys first = first_keys_;
    first_keys_ = {};
    if (!key_pairs.recover()) return false;
    // Later on the meter knows better: what was removed stays removed.
    if (first.trust_anchor.empty() || key_pairs.trusts_anyone()) return true;
    if (!key_pairs.trust(first.trust_anchor)) return false;
    const auto take = [&](dlms::KeyUse use, ByteView key) {
        return key.empty() || key_pairs.store(use, key, KeyPairStage::in_use);
    };
    if (!take(dlms::KeyUse::digital_signature, first.signing_private_key) ||
        !take(dlms::KeyUse::key_agreement, first.agreement_private_key)) {
        return false;
    }
    // The time is not judged: a meter from the factory has no clock that runs.
    for (const ByteView certificate : first.certificates) {
        if (!key_pairs.import(crypto, certificate, identity.system_title, std::nullopt)) return false;
    }
    return true;
}

void Instrument::enter_minute(std::uint32_t now) {
    // Registers first: what a row says can then never be more than what comes back after a loss of power.
    const bool billing_due = billing.is_due(clock);
    save({now, entered_, false, billing_due});
    entered_ = now;
    flash_well_ = demand.advance(now, registers, profile_status(now), parameters) && flash_well_;
    flash_well_ = profiles.enter_minute(*this, now) && flash_well_;
    // After the demand that ends with the billing period, and the rows of the day.
    if (billing_due) {
        flash_well_ = close_billing_period(now, 0) && flash_well_;
        billing.refresh(parameters, clock, now);
    }
    begin_voltage_day(now);
    choose_tariff();
}

// A clock set back by less than a day does not bring a reset again.
void Instrument::refresh_billing() {
    const std::int64_t now = clock.seconds();
    const std::int64_t last = billing.last_stamp();
    billing.refresh(parameters, clock, last > now && last - now < kSecondsPerDay ? last : now);
    supply_schedule.refresh(parameters, clock, now);
}

// What was scheduled while nobody knew the time is made up for, once; a meter that never knew it has missed nothing.
void Instrument::refresh_after_lost_time(std::uint32_t since) {
    const std::int64_t now = clock.seconds();
    const bool knew = since != 0 && since < now;
    // A reset by hand meanwhile is one too, by a time that was none.
    const bool reset = knew && billing.last_stamp() > since;
    billing.refresh(parameters, clock, knew && !reset ? since : now);
    supply_schedule.refresh(parameters, clock, knew ? since : now);
}

// The registers are in the journal already: what history says can then never be more than what comes back. The record
// is the reset; the row, which can have any columns, is there before it or is made up for.
bool Instrument::close_billing_period(std::uint32_t now, std::uint8_t status) {
    const bool captured =
        profiles[ProfileIndex::billing].contains(now) || profiles.capture(*this, ProfileIndex::billing, now, status);
    BillingRecord record;
    record.stamp = now;
    record.board_s = static_cast<std::uint32_t>(std::clamp<std::int64_t>(clock.board().seconds(), 0, UINT32_MAX));
    record.status = static_cast<std::uint8_t>(status | profile_status(now));
    record.registers = registers;
    record.maxima = demand.maxima();
    if (!billing.end_period(record)) return false;
    demand.begin_billing_period(billing.period());
    return captured;
}

// After the rows of the day that is over. The second that ends at midnight is the last of it.
void Instrument::begin_voltage_day(std::uint32_t now) {
    const auto day = [this](std::uint32_t time) {
        const CivilTime local = clock.rule.local(UtcTime::from_seconds(time));
        return days_from_civil(local.year, local.month, local.day);
    };
    if (voltage_today.least.stamp != 0 && day(voltage_today.least.stamp - 1) != day(now)) voltage_today = {};
}

void Instrument::save(JournalEntry entry) {
    entry.voltage = voltage_today;
    flash_well_ = journal_.save(registers, active_rate, entry) && flash_well_;
}

void Instrument::apply_tariff() {
    tariff.refresh();
    follow_tariff();
    watch_tariff();
}

bool Instrument::select_script(SwitchTarget target, std::uint8_t script) {
    if (!tariff.select(parameters, clock, target, script)) return false;
    apply_tariff();
    report({target == SwitchTarget::tariff ? Event::tariff_by_hand : Event::relay_by_hand, script, 0, 0});
    return true;
}

// Only after the registers were saved: the journal writes the active tariff by the minute, and none else.
void Instrument::follow_tariff() {
    save({clock_seconds(), 0, false});
    choose_tariff();
}

void Instrument::choose_tariff() {
    if (tariff.due(clock)) tariff.follow(parameters, clock);
    active_rate = tariff.rate();
    if (tariff.relay_closed() != ripple_driven_) drive_ripple_relay();
}

std::uint32_t Instrument::clock_seconds() const {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(clock.seconds(), 1, UINT32_MAX));
}

}  // namespace ferraris::meter
