#include "twin/scenario/stage.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "dlms/data.hpp"
#include "meter/security/client_level.hpp"
#include "meter/tariff/calendar_data.hpp"

namespace ferraris::twin::scenario {
namespace {

/// How often the board looks at its battery.
constexpr std::int64_t kBatteryLook_s = 60;
constexpr std::size_t kAnswerRoom = 4096;

/// The utility, as it comes in over a link that authenticates and encrypts.
dlms::Association utility() {
    dlms::Association association;
    association.client_sap = meter::kUtilitySap;
    association.server_sap = meter::kManagementLogicalDeviceSap;
    association.status = dlms::AssociationStatus::associated;
    return association;
}
constexpr dlms::Protection kProtected{true, true};

std::string time_text(UtcTime time) {
    const CivilTime civil = civil_from_utc(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", civil.year, civil.month, civil.day, civil.hour,
                       civil.minute, civil.second);
}

}  // namespace

CrystalSettings ideal_crystal() {
    CrystalSettings crystal;
    crystal.parabola_ppm_per_k2 = 0;
    crystal.offset_ppm = 0;
    crystal.calibration_error_ppm = 0;
    crystal.sensor_error_celsius = 0;
    crystal.compensated = false;
    crystal.battery_seconds = 0;  // The stage has a cell of its own.
    return crystal;
}

CrystalSettings crystal_of(double ppm) {
    CrystalSettings crystal;
    crystal.calibration_error_ppm = -ppm;
    crystal.compensation_step_ppm = 0.01;
    crystal.battery_seconds = 0;
    return crystal;
}

Stage::Stage(board::Flash& flash, Crypto& crypto, const StageSettings& settings, Scenario scenario, Load* base,
             UtcTime start)
    : flash_(flash),
      crypto_(crypto),
      settings_(settings),
      scenario_(std::move(scenario)),
      world_(base, scenario_.seed),
      clock_(settings.crystal, start),
      battery_(settings.cell),
      boot_(flash, crypto),
      now_(start),
      celsius_(settings.celsius) {
    if (scenario_.household) world_.apply({Subject::household, 1, 0, {}});
    for (std::size_t i = 0; i < scenario_.steps.size(); ++i) {
        if (const auto at = scenario_.steps[i].at.first(start)) due_.push({*at, i});
    }
}

bool Stage::start() {
    for (const Change& change : scenario_.world) apply(change);
    sense_battery();
    return power_up();
}

bool Stage::power_up() {
    ++power_ups_;
    return start_meter();
}

bool Stage::start_meter() {
    const meter::MeterIdentity identity = settings_.program ? settings_.program(boot_) : settings_.identity;
    meter_.emplace(flash_, crypto_, identity, settings_.factory);
    // What the factory gives counts for the first start, and may not be there any more.
    settings_.factory.trust_anchor = {};
    settings_.factory.signing_private_key = {};
    settings_.factory.agreement_private_key = {};
    settings_.factory.certificates = {};
    if (settings_.program) meter_->attach_boot(boot_);
    if (settings_.code != nullptr) meter_->attach_program(*settings_.code);
    meter_->attach_watchdog(watchdog_);
    meter_->attach_supply_relay(supply_relay_);
    meter_->attach_ripple_relay(ripple_relay_);
    meter_->sense(inputs_);
    meter_->latch(latched_);
    latched_.clear();
    powered_ = meter_->start(clock_.now(), clock_.take_kept());
    well_ = well_ && powered_;
    world_.set_disturbance_limits(limits_ = meter_->instrument().voltage_quality.limits());
    return powered_;
}

void Stage::lose_power(bool last_words) {
    if (!powered_) return;
    if (last_words) well_ = meter_->power_fail(clock_.now()) && well_;
    powered_ = false;
    hangs_ = false;
    watchdog_.power_down();
    last_second_ = {};
    if (battery_.is_empty()) return;
    // The latch holds how things are as the mains go: the meter may not have taken notice yet.
    for (std::size_t i = 0; i < board::kInputCount; ++i) {
        const auto input = static_cast<board::Input>(i);
        (void)latched_.push_back({input, inputs_.levels.is_active(input), clock_.now()});
    }
}

bool Stage::power_fail() { return !powered_ || meter_->power_fail(clock_.now()); }

void Stage::run_second() {
    release_buttons();
    apply_due_steps();
    now_.milliseconds += 1000;
    const bool carries = !powered_ && !battery_.is_empty();
    clock_.second(celsius_, powered_ || carries);
    battery_.second(celsius_, carries);
    if (now_.seconds() % kBatteryLook_s == 0) sense_battery();
    if (!powered_) return;
    const metrology::DisturbanceLimits& limits = meter_->instrument().voltage_quality.limits();
    if (limits != limits_) world_.set_disturbance_limits(limits_ = limits);
    const metrology::Measurement second = world_.second(now_);
    last_second_ = supply_relay_.is_closed() ? second : without_load(second);
    if (front_end_failed_) {
        last_second_ = {};
        last_second_.failed = true;
    }
    if (!hangs_) {
        meter_->tick(last_second_, clock_.now());
        // Between two seconds the host looks after the ports.
        meter_->ports_served();
    }
    if (boot_.take_restart()) {
        well_ = meter_->power_fail(clock_.now()) && well_;
        watchdog_.power_down();
        (void)start_meter();
    }
    if (!watchdog_.second()) return;
    // What hangs has no last words.
    hangs_ = false;
    (void)start_meter();
}

std::int64_t Stage::run_to_push(std::int64_t seconds) {
    for (std::int64_t i = 0; i < seconds; ++i) {
        run_second();
        if (powered_ && (meter_->push_due() || meter_->telegram_due())) return i + 1;
    }
    return seconds;
}

// A finger stays on a button that the mains leave, and is off when they come back.
void Stage::press(board::Button button, std::int64_t milliseconds) {
    if (!powered_) return;
    pressed_until_[static_cast<std::size_t>(button)] = UtcTime{now_.milliseconds + milliseconds};
    meter_->press(button, true);
}

void Stage::hold(board::Button button, bool down) {
    const bool on_battery = !meter_->instrument().display.has_mains() && !battery_.is_empty();
    if (!powered_ && !on_battery) return;
    pressed_until_[static_cast<std::size_t>(button)].reset();
    meter_->press(button, down);
}

void Stage::release_buttons() {
    for (std::size_t i = 0; i < pressed_until_.size(); ++i) {
        if (!pressed_until_[i] || *pressed_until_[i] > now_) continue;
        pressed_until_[i].reset();
        if (powered_) meter_->press(static_cast<board::Button>(i), false);
    }
}

void Stage::apply_due_steps() {
    while (!due_.empty() && due_.top().at <= now_) {
        const Due due = due_.top();
        due_.pop();
        const Step& step = scenario_.steps[due.step];
        if (log_) log_(fmt::format("{}: {}", time_text(due.at), step.text));
        const std::uint32_t refusals = refusals_;
        for (const Change& change : step.changes) apply(change);
        if (log_ && refusals_ != refusals) log_("the meter refused that");
        if (const auto next = step.at.next(due.at)) due_.push({*next, due.step});
    }
}

void Stage::apply(const Change& change) {
    switch (change.subject) {
        case Subject::mains:
            if (change.value == static_cast<std::int64_t>(MainsState::on)) {
                if (!powered_) (void)power_up();
            } else {
                lose_power(change.value == static_cast<std::int64_t>(MainsState::off));
            }
            break;
        case Subject::restart:
            if (powered_) (void)power_up();
            break;
        case Subject::press:
            press(static_cast<board::Button>(change.value), change.duration_ms);
            break;
        case Subject::set_clock:
            demand(set_meter_clock({change.value}));
            break;
        case Subject::shift_clock:
            demand(set_meter_clock({meter_->clock().milliseconds + change.value * 1000}));
            break;
        case Subject::tariff:
            demand(select_tariff(static_cast<std::uint8_t>(change.value)));
            break;
        case Subject::write:
        case Subject::execute:
            demand(request(change.subject, change.request));
            break;
        default:
            apply_to_board(change);
            world_.apply(change);
            break;
    }
}

void Stage::apply_to_board(const Change& change) {
    switch (change.subject) {
        case Subject::meter_cover:
            return set_input(board::Input::meter_cover, change.value != 0);
        case Subject::terminal_cover:
            return set_input(board::Input::terminal_cover, change.value != 0);
        case Subject::battery_cover:
            return set_input(board::Input::battery_cover, change.value != 0);
        case Subject::ripple_relay_cover:
            return set_input(board::Input::ripple_relay_cover, change.value != 0);
        case Subject::magnet:
            return set_input(board::Input::magnet, change.value != 0);
        case Subject::temperature:
            celsius_ = static_cast<double>(change.value) / 100;
            break;
        case Subject::battery_voltage:
            forced_millivolts_ = static_cast<std::uint32_t>(change.value);
            break;
        case Subject::battery_charge:
            battery_.set_charge(static_cast<std::uint32_t>(change.value));
            break;
        case Subject::battery:
            battery_.replace();
            forced_millivolts_ = 0;
            break;
        case Subject::supply_relay:
            supply_relay_.stick(change.value != 0);
            break;
        default:
            return;
    }
    sense_battery();
}

void Stage::set_input(board::Input input, bool active) {
    if (inputs_.levels.is_active(input) == active) return;
    inputs_.levels.set(input, active);
    if (powered_) {
        meter_->sense(inputs_);
    } else if (!battery_.is_empty() && power_ups_ != 0) {
        (void)latched_.push_back({input, active, clock_.now()});
    }
}

void Stage::sense_battery() {
    const std::uint32_t millivolts = forced_millivolts_ != 0 ? forced_millivolts_ : battery_.millivolts(celsius_);
    if (millivolts == inputs_.battery_millivolts) return;
    inputs_.battery_millivolts = static_cast<std::uint16_t>(millivolts);
    if (powered_) meter_->sense(inputs_);
}

bool Stage::set_meter_clock(UtcTime utc) {
    std::array<std::uint8_t, 2 + dlms::kDateTimeSize> octets{};
    ByteWriter out(octets);
    dlms::DataWriter(out).octet_string(dlms::encode(dlms::from_utc(utc, 0, 0)));
    CosemRequest write{8, dlms::obis(0, 0, 1, 0, 0), 2, {}};
    write.value.assign(out.written().begin(), out.written().end());
    return request(Subject::write, write);
}

bool Stage::select_tariff(std::uint8_t tariff) {
    return request(Subject::execute, {9, meter::kTariffScriptTable, 1, {0x12, 0x00, tariff}});
}

bool Stage::request(Subject subject, const CosemRequest& request) {
    if (!powered_) return false;
    meter_->observe(clock_.now());
    const dlms::Association association = utility();
    const dlms::Caller caller{association, kProtected};
    if (subject == Subject::write) {
        return meter_->write(caller, {request.class_id, request.name, request.number}, nullptr, request.value) ==
               dlms::DataAccessResult::success;
    }
    std::vector<std::uint8_t> room(kAnswerRoom);
    ByteWriter answer(room);
    return meter_->invoke(caller, {request.class_id, request.name, request.number}, request.value, answer) ==
           dlms::ActionResult::success;
}

}  // namespace ferraris::twin::scenario
