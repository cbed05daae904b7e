/// The instrument without its protocol: measurements go in once a second, registers, profile and journal follow. All
/// state of a meter is here; constants are in tables that all meters share.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "board/buttons.hpp"
#include "board/flash.hpp"
#include "board/leds.hpp"
#include "board/relay.hpp"
#include "crypto/crypto.hpp"
#include "dlms/data.hpp"
#include "meter/alarm/alarms.hpp"
#include "meter/audit/audit_trail.hpp"
#include "meter/averages/averages.hpp"
#include "meter/averages/voltage_extremes.hpp"
#include "meter/battery/battery.hpp"
#include "meter/billing/billing.hpp"
#include "meter/clock/lost_time.hpp"
#include "meter/clock/meter_clock.hpp"
#include "meter/demand/demand.hpp"
#include "meter/disconnect/disconnect_control.hpp"
#include "meter/disconnect/limiter.hpp"
#include "meter/disconnect/supply_contact.hpp"
#include "meter/disconnect/supply_schedule.hpp"
#include "meter/display/display.hpp"
#include "meter/event/error_register.hpp"
#include "meter/event/event_logs.hpp"
#include "meter/event/input_monitor.hpp"
#include "meter/event/limits.hpp"
#include "meter/event/power_failures.hpp"
#include "meter/event/security_reporter.hpp"
#include "meter/identity.hpp"
#include "meter/image/activation_schedule.hpp"
#include "meter/image/image_transfer.hpp"
#include "meter/ports/port_setups.hpp"
#include "meter/ports/sub_meters.hpp"
#include "meter/profile/buffer_encoding.hpp"
#include "meter/profile/profiles.hpp"
#include "meter/push/push_queue.hpp"
#include "meter/quality/voltage_quality.hpp"
#include "meter/registers/energy_registers.hpp"
#include "meter/registers/register_journal.hpp"
#include "meter/security/association_settings.hpp"
#include "meter/security/association_version.hpp"
#include "meter/security/client_level.hpp"
#include "meter/security/invocation_counters.hpp"
#include "meter/security/key_pairs.hpp"
#include "meter/security/login_guard.hpp"
#include "meter/selfcheck/self_check.hpp"
#include "meter/store/parameter_store.hpp"
#include "meter/tariff/tariff_control.hpp"
#include "meter/wireless/wireless.hpp"
#include "metrology/measurement.hpp"

namespace ferraris::meter {

/// How a command to relay 1 ended.
enum class Operation : std::uint8_t {
    done,
    nothing,     ///< state and mode have no transition for it
    not_stored,  ///< the flash refused; nothing has changed
    not_driven,  ///< the new state counts, but the driver of the relay does not answer
};

class Instrument {
public:
    Instrument(board::Flash& board_flash, Crypto& crypto_engine, const MeterIdentity& identity,
               const FactorySettings& factory);

    /// When the newest registers in `flash` were saved, by the board's clock; nothing when none were. For a board whose
    /// clock does not run on by itself.
    [[nodiscard]] static std::optional<UtcTime> last_board_time(board::Flash& flash);

    /// Power has come: brings back what flash holds and closes the interval in which power went. `clock_kept` is false
    /// when the board's clock stood still meanwhile. False: the flash does not answer.
    [[nodiscard]] bool start(UtcTime board, bool clock_kept);
    /// The button was pressed while the mains are off and the meter kept nothing but its flash: brings back what can be
    /// shown, and writes nothing. `start` goes on from there when the mains come. False: the flash does not answer.
    [[nodiscard]] bool start_on_battery(UtcTime board);
    /// The board's clock between two ticks.
    void observe(UtcTime board);
    /// Once a second: the energy of the second that ends at `board` counts in the tariff that was active in it.
    void tick(const metrology::Measurement& measurement, UtcTime board);
    /// The last words: everything pending is written exactly. False: some of it could not be.
    [[nodiscard]] bool power_fail(UtcTime board);

    /// Takes over a new time; the profile tells of it. Durable when true.
    [[nodiscard]] bool set_clock(UtcTime utc);
    /// Durable when true; as with `store_secret`, `store_security` and `set_preset`, nothing changes when not.
    [[nodiscard]] bool store_local_time_rule(const LocalTimeRule& rule);
    [[nodiscard]] bool set_preset(const PresetTime& preset);
    /// How far the clock may be adjusted without a mark in the profiles. Durable when true.
    [[nodiscard]] bool store_shift_limit(std::uint16_t seconds);
    /// What the tables of `tariff` say counts from now on.
    void apply_tariff();
    /// Executes a script of tariff or relay 2 until the calendar switches next. Durable when true.
    [[nodiscard]] bool select_script(SwitchTarget target, std::uint8_t script);
    /// Forgets the rows of a profile and goes on with `setup`, whose rows fit.
    [[nodiscard]] bool configure_profile(ProfileIndex index, const ProfileSetup& setup);
    /// A row with the values of now, read through the object table, under `stamp` (seconds since 1970): for profiles
    /// without a period, as logs of events are. `status` is added to what the clock and the flash have to say. Durable
    /// when true.
    [[nodiscard]] bool capture_profile(ProfileIndex index, std::uint32_t stamp, std::uint8_t status = 0);
    /// Ends a billing period: registers and maxima as they are become history and a row of the billing profile, and the
    /// maxima begin anew. Happened, whole and durable, when true.
    [[nodiscard]] bool end_billing_period();
    /// Takes up other demand periods; `periods` are possible ones. Durable when true.
    [[nodiscard]] bool store_demand_periods(const DemandPeriods& periods);
    /// Ends the present demand period here, for no maximum; with `forget` the averages begin from nothing.
    void cut_demand_period(bool forget);
    /// How all profiles are encoded from now on. Durable when true.
    [[nodiscard]] bool store_buffer_encoding(BufferEncoding encoding);
    [[nodiscard]] bool store_secret(std::size_t client, ByteView secret);
    [[nodiscard]] bool store_association(std::size_t client, const AssociationSettings& settings);
    [[nodiscard]] bool store_security(std::size_t client, const SecuritySettings& settings);

    // Firmware (instrument_images.cpp).
    /// Before `start`: what starts another program; it outlives the instrument.
    void attach_boot(board::Boot& boot) { images.attach(boot); }
    /// Activates the image that waits, for `client_sap`; results as `ImageTransfer::activate`, and other-reason where
    /// the audit trail takes no more.
    [[nodiscard]] dlms::ActionResult activate_image(std::uint8_t client_sap);

    // Relays (instrument_relays.cpp).
    /// Relay 1 (supply) and relay 2 (ripple control) from now on; they outlive the instrument. Without them only their
    /// states are kept.
    void attach_supply_relay(board::Relay& relay);
    void attach_ripple_relay(board::Relay& relay);
    /// Durable and logged when done; the contact moves after the new state is in flash.
    Operation operate(ControlCommand command, bool by_limiter = false);
    /// Script 1 of 0-0:10.0.106 opens, script 2 closes: local commands.
    Operation execute_supply_script(std::uint8_t script);
    /// What the limiter looks at now.
    [[nodiscard]] WatchedPower watched_power() const;
    /// `mode` is a possible one. Durable when true.
    [[nodiscard]] bool store_control_mode(ControlMode mode);
    /// Whether the contact of relay 1 is closed, as far as anybody can tell.
    [[nodiscard]] bool supply_is_on() const;
    /// A button goes down or up. One that is held counts once.
    void press(board::Button button, bool down);
    [[nodiscard]] bool is_held(board::Button button) const { return buttons_held_[static_cast<std::size_t>(button)]; }
    [[nodiscard]] board::LedState led(board::Led led) const;

    // Events (instrument_events.cpp).
    /// Something has happened: its row is in its log, durably, before alarm and push tell of it.
    void report(const Occurrence& occurrence);
    void report(const Occurrences& occurrences);
    /// The same for attacks, which are told once a minute at most.
    void report_security(dlms::SecurityEvent event);
    /// Takes over registers, filters and descriptors as a client wrote them. Durable when true.
    [[nodiscard]] bool store_alarms(const Alarms& changed);
    /// Clears what does not stand any more. Durable when true.
    [[nodiscard]] bool clear_errors(std::uint32_t bits);
    /// A fresh backup battery is in since `installed`, by the meter's clock. Durable when true.
    [[nodiscard]] bool replace_battery(std::uint32_t installed);
    /// The voltage below which it is low; a possible one. Durable when true.
    [[nodiscard]] bool store_battery_threshold(std::uint16_t millivolts);
    /// Durable when true; nothing changes when not.
    [[nodiscard]] bool store_limit(std::size_t index, const Limit& limit);
    /// A sealed parameter. False: the audit trail takes no more, and nothing changes.
    [[nodiscard]] bool seal_pulse_constant(std::uint16_t impulses, std::uint8_t client_sap);

    [[nodiscard]] std::uint8_t profile_status(std::uint32_t stamp) const;
    /// False after a write that the flash refused.
    [[nodiscard]] bool flash_well() const { return flash_well_; }

    // Open to the object table, which is the one place that reads and writes them.
    WatchedFlash flash;
    Crypto& crypto;
    MeterIdentity identity;
    std::uint16_t impulses_per_kilowatthour;
    AssociationVersion association_version;
    std::array<dlms::AuthenticationMechanism, kSecretClientCount> mechanisms;
    bool legacy_digests;
    bool remote_buttons;
    std::array<Secret, kSecretClientCount> secrets;
    std::array<SecuritySettings, kSecretClientCount> security;
    std::array<AssociationSettings, kLevelCount> associations{};  ///< in the order of `kClients`
    std::uint32_t associations_revision{0};                       ///< counts the changes since power came
    LoginGuard logins{};
    MeterClock clock;
    LostTime lost_time{};
    EnergyRegisters registers;
    metrology::Measurement measurement;
    Averages averages{};
    VoltageExtremes voltage_today{};
    Demand demand{};
    Billing billing;
    Rate active_rate{1};
    TariffControl tariff;
    DisconnectControl disconnector{};
    Limiter limiter{};
    SupplySchedule supply_schedule{};
    ParameterStore parameters;
    InvocationCounters counters;
    WirelessKey wireless_key;
    KeyPairs key_pairs;
    Profiles profiles;
    BufferEncoding buffer_encoding{BufferEncoding::plain};
    EventLogs event_logs{};
    Alarms alarms{};
    ErrorRegister errors{};
    PowerFailures power_failures{};
    InputMonitor inputs{};
    Battery battery{};
    LimitMonitor limits{};
    VoltageQuality voltage_quality{};
    AuditTrail audit_trail;
    SelfCheck self_check{};
    Display display{};
    ImageTransfer images;
    ActivationSchedule image_schedule{};
    PortSetups ports{};
    SubMeters sub_meters{};
    Wireless wireless;
    PushQueue push;

private:
    void recover_parameters();
    [[nodiscard]] bool start_key_pairs();
    void seal_program_that_runs();
    void watch_images();
    void announce_power_up(std::uint32_t last_time);
    void enter_row(EventLog log, const Occurrence& occurrence);
    void finish_event_rows();
    void report_cleared(ProfileIndex index);
    void report_clock_set(UtcTime before);
    void report_power_down();
    void watch();
    void watch_daylight_saving();
    void watch_tariff();
    void watch_memory();
    [[nodiscard]] bool has_memory_error() const { return !flash_well_ || !audit_trail.is_intact(); }
    [[nodiscard]] std::uint32_t standing_errors() const;
    /// An alarm begins; when it is news, the alarm push is triggered.
    void raise(Alarm alarm);
    void enter_minute(std::uint32_t time);
    void save(JournalEntry entry);
    void refresh_billing();
    void refresh_after_lost_time(std::uint32_t since);
    [[nodiscard]] bool close_billing_period(std::uint32_t now, std::uint8_t status);
    void begin_voltage_day(std::uint32_t now);
    void follow_tariff();
    void choose_tariff();
    void drive_ripple_relay();
    bool follow_disconnector();
    void tell_of_disconnector();
    void follow_supply_schedule();
    void tell_of_threshold(std::uint32_t active);
    void act(const LimiterAction& action);
    void report_limited(const Occurrences& due, const WatchedPower& watched);
    [[nodiscard]] std::uint32_t clock_seconds() const;
    [[nodiscard]] bool is_terminal_cover_off() const {
        return inputs.inputs().levels.is_active(board::Input::terminal_cover);
    }

    /// What the factory gives for the first start; the views are dropped after it.
    struct FirstKeys {
        ByteView trust_anchor{};
        ByteView signing_private_key{};
        ByteView agreement_private_key{};
        std::span<const ByteView> certificates{};
    } first_keys_;
    RegisterJournal journal_;
    SupplyContact supply_contact_{};
    std::uint32_t threshold_told_{0};  ///< of the limiter
    std::array<bool, board::kButtonCount> buttons_held_{};
    board::Relay* ripple_relay_{nullptr};
    bool ripple_driven_{false};  ///< the state that `ripple_relay_` was driven to last
    std::uint32_t entered_{0};   ///< the time that the last minute began with
    SecurityReporter security_reporter_{};
    std::optional<UtcTime> down_since_{};  ///< last words were said; by the board's clock
    bool summer_{false};
    bool activation_due_{false};  ///< of an image, by its schedule
    bool flash_well_{true};
};

}  // namespace ferraris::meter
