#include "meter/tariff/tariff_control.hpp"

#include <algorithm>

#include "meter/store/parameter_keys.hpp"
#include "meter/tariff/calendar_record.hpp"

namespace ferraris::meter {
namespace {

constexpr std::uint16_t kActiveMagic = 0x5441;
constexpr std::uint16_t kPassiveMagic = 0x5450;
constexpr std::uint16_t kSpecialDaysMagic = 0x5444;
constexpr std::size_t kSpecialDayOctets = 2 + dlms::kDateSize + 1;
constexpr std::size_t kCommandOctets = 9;
/// Where the calendar says nothing and no fallback is set.
constexpr Rate kFirstRate = 1;

CalendarSet read_calendar(const SafeValue& stored) {
    std::array<std::uint8_t, kMostCalendarRecord> record{};
    const auto size = stored.read(record);
    CalendarSet set;
    if (!size || !take_record(set, ByteView(record).first(*size))) return factory_calendar();
    return set;
}

bool write_calendar(SafeValue& stored, const CalendarSet& set, std::uint32_t floor = 0) {
    std::array<std::uint8_t, kMostCalendarRecord> record{};
    ByteWriter out(record);
    write_record(set, out);
    return !out.overflowed() && stored.write(out.written(), floor);
}

}  // namespace

TariffControl::TariffControl(board::Flash& flash, FlashRegion region)
    : active_(flash, region.first_sector, kActiveMagic),
      passive_(flash, region.first_sector + SafeValue::kSectors, kPassiveMagic),
      special_days_(flash, region.first_sector + 2 * SafeValue::kSectors, kSpecialDaysMagic) {}

bool TariffControl::recover(const ParameterStore& store, std::uint32_t activations) {
    least_activations_ = activations;
    if (!active_.recover() || !passive_.recover() || !special_days_.recover()) return false;
    std::array<std::uint8_t, dlms::kDateTimeSize> time{};
    if (store.read(key_number(ParameterKey::calendar_activation_time), time) == time.size()) {
        activation_time_ = dlms::decode_date_time(time).value_or(dlms::DateTime{});
    }
    std::array<std::uint8_t, 1> rate{};
    if (store.read(key_number(ParameterKey::fallback_tariff), rate) == rate.size() && rate[0] <= kRateCount) {
        fallback_ = rate[0];
    }
    for (std::size_t target = 0; target < commands_.size(); ++target) {
        std::array<std::uint8_t, kCommandOctets> octets{};
        if (store.read(key_number(ParameterKey::tariff_command, target), octets) != octets.size()) continue;
        ByteReader in(octets);
        const Command stored{static_cast<std::int64_t>(in.u64()), in.u8()};
        const std::uint8_t most = static_cast<SwitchTarget>(target) == SwitchTarget::tariff ? kRateCount : kCloseRelay;
        if (stored.script <= most) commands_[target] = stored;
    }
    refresh();
    return true;
}

void TariffControl::follow(ParameterStore& store, const MeterClock& clock) {
    activate_in_time(store, clock);
    judge(clock);
}

CalendarSet TariffControl::active() const { return read_calendar(active_); }

CalendarSet TariffControl::passive() const { return read_calendar(passive_); }

SpecialDays TariffControl::special_days() const {
    std::array<std::uint8_t, kMostSpecialDays * kSpecialDayOctets> record{};
    SpecialDays table;
    const auto size = special_days_.read(record);
    if (!size) return table;
    ByteReader in(ByteView(record).first(*size));
    while (!in.at_end()) {
        SpecialDay entry;
        entry.index = in.u16();
        entry.date = dlms::decode_date(in.take(dlms::kDateSize)).value_or(dlms::Date{});
        entry.day = in.u8();
        if (!in.failed()) (void)table.push_back(entry);
    }
    return table;
}

bool TariffControl::store_passive(const CalendarSet& set) { return write_calendar(passive_, set); }

bool TariffControl::store_special_days(const SpecialDays& table) {
    std::array<std::uint8_t, kMostSpecialDays * kSpecialDayOctets> record{};
    ByteWriter out(record);
    for (const SpecialDay& entry : table) {
        out.u16(entry.index);
        out.put(dlms::encode(entry.date));
        out.u8(entry.day);
    }
    if (!special_days_.write(out.written())) return false;
    refresh();
    return true;
}

Activation TariffControl::activate() {
    const CalendarSet set = passive();
    if (check_calendar(set) != CalendarFault::none) return Activation::inconsistent;
    if (!write_calendar(active_, set, least_activations_)) return Activation::not_stored;
    refresh();
    return Activation::done;
}

bool TariffControl::set_activation_time(ParameterStore& store, const dlms::DateTime& time) {
    if (!store.write(key_number(ParameterKey::calendar_activation_time), dlms::encode(time))) return false;
    activation_time_ = time;
    refresh();
    return true;
}

bool TariffControl::select(ParameterStore& store, const MeterClock& clock, SwitchTarget target, std::uint8_t script) {
    const Command command{clock.board().milliseconds, script};
    std::array<std::uint8_t, kCommandOctets> octets{};
    ByteWriter out(octets);
    out.u64(static_cast<std::uint64_t>(command.board_milliseconds));
    out.u8(command.script);
    const auto index = static_cast<std::size_t>(target);
    if (!store.write(key_number(ParameterKey::tariff_command, index), octets)) return false;
    commands_[index] = command;
    refresh();
    return true;
}

bool TariffControl::set_fallback(ParameterStore& store, Rate rate) {
    const std::array<std::uint8_t, 1> octets{rate};
    if (!store.write(key_number(ParameterKey::fallback_tariff), octets)) return false;
    fallback_ = rate;
    refresh();
    return true;
}

void TariffControl::activate_in_time(ParameterStore& store, const MeterClock& clock) {
    const auto at = clock.rule.utc(activation_time_);
    if (!at || !clock.valid() || clock.seconds() < at->seconds()) return;
    // A calendar that does not fit together does not get better by waiting; a flash that refuses might.
    if (activate() == Activation::not_stored) return;
    (void)set_activation_time(store, dlms::DateTime{});
}

void TariffControl::judge(const MeterClock& clock) {
    judged_from_ = clock.seconds();
    judged_valid_ = clock.valid();
    if (!clock.valid() && fallback_ != 0) {
        rate_ = fallback_;
        relay_closed_ = false;
        judged_until_ = INT64_MAX;
        return;
    }
    const CalendarSet set = active();
    const SpecialDays special = special_days();
    const Switching calendar(set, special, clock.rule);
    const UtcTime now = UtcTime::from_seconds(judged_from_);
    const LocalSeconds local = utc_from_civil(clock.rule.local(now)).seconds();
    const std::uint8_t tariff = script_of(SwitchTarget::tariff, calendar, clock, local);
    rate_ = tariff != 0 ? tariff : std::max(fallback_, kFirstRate);
    relay_closed_ = script_of(SwitchTarget::relay, calendar, clock, local) == kCloseRelay;
    judged_until_ = judged_from_ + (calendar.next(local) - local);
    if (const auto change = clock.rule.next_change(now)) judged_until_ = std::min(judged_until_, change->seconds());
    const auto activation = clock.rule.utc(activation_time_);
    if (activation && activation->seconds() > judged_from_) {
        judged_until_ = std::min(judged_until_, activation->seconds());
    }
}

std::uint8_t TariffControl::script_of(SwitchTarget target, const Switching& calendar, const MeterClock& clock,
                                      LocalSeconds now) const {
    const Command& command = commands_[static_cast<std::size_t>(target)];
    const auto switched = calendar.last(target, now);
    if (!switched) return command.script;
    // Of an hour that comes twice, the later one unless that is still to come.
    const CivilTime wall = civil_from_utc(UtcTime::from_seconds(switched->at));
    UtcTime at = clock.rule.utc(wall, true);
    if (at > clock.utc()) at = clock.rule.utc(wall, false);
    const bool by_hand =
        command.script != 0 && command.board_milliseconds >= at.milliseconds - clock.correction_milliseconds();
    return by_hand ? command.script : switched->script;
}

}  // namespace ferraris::meter
