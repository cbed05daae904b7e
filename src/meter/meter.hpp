/// The meter as the protocol sees it: one logical device over an instrument.
///
///     meter::Meter meter(flash, crypto, meter::MeterIdentity::from_serial_number(42), factory_settings);
///     if (!meter.start(now)) ...                      // the flash does not answer
///     meter.tick(measurement, now);                   // once a second
///     session.receive(octets) ...                     // a dlms server session over `meter`
///     if (!meter.power_fail(now)) ...                 // before the host lets go of it
#pragma once

#include "board/lcd.hpp"
#include "dlms/server/logical_device.hpp"
#include "meter/instrument.hpp"
#include "meter/push/push_message.hpp"
#include "meter/store/layout.hpp"
#include "meter/wireless/wireless_telegram.hpp"

namespace ferraris::meter {

struct ObjectRow;

class Meter final : public dlms::LogicalDevice {
public:
    /// `flash` needs `kFlashSize` octets in sectors of `kSectorSize`; it and `crypto` must outlive the meter.
    Meter(board::Flash& flash, Crypto& crypto, const MeterIdentity& identity, const FactorySettings& factory)
        : instrument_(flash, crypto, identity, factory) {}

    /// Power has come. `board` is the board's clock, which runs on without mains; `clock_kept` is false when it did
    /// not. False: the flash is too small or does not answer.
    [[nodiscard]] bool start(UtcTime board, bool clock_kept = true) { return instrument_.start(board, clock_kept); }
    /// Instead of `start`, while the mains are off: the meter only shows its display when the button is pressed.
    [[nodiscard]] bool start_on_battery(UtcTime board) { return instrument_.start_on_battery(board); }
    /// Before `start`: relay 1 (supply) and relay 2 (ripple control), which outlive the meter.
    void attach_supply_relay(board::Relay& relay) { instrument_.attach_supply_relay(relay); }
    void attach_ripple_relay(board::Relay& relay) { instrument_.attach_ripple_relay(relay); }
    /// Before `start`: what checks the meter from outside, and the program that it is to check; they outlive it.
    void attach_watchdog(board::Watchdog& watchdog) { instrument_.self_check.tasks.attach(watchdog); }
    void attach_program(const board::Program& program) { instrument_.self_check.program.attach(program); }
    /// The host has looked after the ports: with `tick` one of the two that the watchdog waits for.
    void ports_served() { instrument_.self_check.tasks.ran(Task::ports); }
    /// Before `start`: the boot loader, which outlives the meter; without one images are only transferred and verified.
    void attach_boot(board::Boot& boot) { instrument_.attach_boot(boot); }
    /// Once a second, with the energy of the second that ends at `board`.
    void tick(const metrology::Measurement& measurement, UtcTime board) { instrument_.tick(measurement, board); }
    /// The board's clock between two ticks: call it before a request that comes in, before a button and before `lcd`,
    /// and clock and display are exact.
    void observe(UtcTime board) { instrument_.observe(board); }
    /// Power goes: what is pending is written exactly. The meter may go on afterwards, if power comes back at once.
    [[nodiscard]] bool power_fail(UtcTime board) { return instrument_.power_fail(board); }

    /// What the board senses, as often as the host likes; before `start` what it finds when power comes, and what it
    /// saw while the mains were away.
    void sense(const board::Inputs& inputs) { instrument_.inputs.sense(inputs); }
    void latch(const board::LatchedChanges& changes) { instrument_.inputs.latch(changes); }

    /// A button at the front goes down or up, by the time of the last `tick` or `observe`.
    void press(board::Button button, bool down) { instrument_.press(button, down); }
    [[nodiscard]] board::LedState led(board::Led led) const { return instrument_.led(led); }
    /// What the display shows, for the board's driver: some ten times a second for who wants to see each press at once.
    [[nodiscard]] board::Lcd lcd();
    /// Somebody communicates over the optical port.
    void show_optical(bool active) { instrument_.display.show_optical(active); }
    /// A meter of that kind is behind this one.
    void show_sub_meter(SubMeter kind, bool present) { instrument_.display.show_sub_meter(kind, present); }

    [[nodiscard]] const Instrument& instrument() const { return instrument_; }
    /// Which devices are behind the meter; durable when true. For the host that connects them.
    [[nodiscard]] bool connect_sub_meters(const SubMeterList& list) {
        return instrument_.sub_meters.store(instrument_.parameters, list);
    }
    /// What the host, which talks to them, has found.
    void sub_meter_answered(std::size_t index, bool did);

    /// The time by the meter's own clock.
    [[nodiscard]] UtcTime clock() const { return instrument_.clock.utc(); }

    /// Whether a push should go out now. Cheap.
    [[nodiscard]] bool push_due() const { return instrument_.push.due(); }
    /// The next push that should go out, written into `buffer`; nothing when none is due. Say how it ended with
    /// `push_finished`, but for one with a problem, which is over.
    [[nodiscard]] std::optional<PushMessage> next_push(ByteSpan buffer);
    PushStep push_finished(const PushMessage& message, PushOutcome outcome);
    /// Whether `apdu`, which came back on the way of the push, is its confirmation, as well protected as the policy
    /// wants. Deciphers in place.
    [[nodiscard]] bool confirms(const PushMessage& message, ByteSpan apdu);

    /// What a factory says of the radio. Durable when true.
    [[nodiscard]] bool set_up_wireless(const WirelessSetup& setup) {
        return instrument_.wireless.store_setup(instrument_.parameters, setup);
    }
    /// Whether a telegram of wireless M-Bus should go out now. Cheap.
    [[nodiscard]] bool telegram_due() const { return instrument_.wireless.due(); }
    /// It, as a frame for the radio, and then no longer due.
    [[nodiscard]] Result<std::size_t, WirelessProblem> next_telegram(ByteSpan frame) {
        instrument_.wireless.sent();
        return write_wireless_frame(instrument_, frame);
    }

    [[nodiscard]] ByteView system_title() const override { return instrument_.identity.system_title; }
    /// The serial number.
    [[nodiscard]] ByteView physical_device_address() const override {
        return instrument_.identity.serial_number.view();
    }
    [[nodiscard]] std::optional<dlms::ClientAccess> client(std::uint16_t client_sap) const override;
    [[nodiscard]] bool accept_invocation_counter(std::uint16_t client_sap, dlms::KeySet key,
                                                 std::uint32_t counter) override;
    [[nodiscard]] std::uint32_t expected_invocation_counter(std::uint16_t client_sap, dlms::KeySet key) const override;
    [[nodiscard]] std::optional<std::uint32_t> next_invocation_counter(std::uint16_t client_sap,
                                                                       dlms::KeySet key) override;
    [[nodiscard]] std::optional<dlms::PrivateKey> private_key(std::uint16_t client_sap,
                                                              dlms::KeyUse use) const override;
    [[nodiscard]] std::optional<dlms::PublicKey> public_key(std::uint16_t client_sap, ByteView system_title,
                                                            dlms::KeyUse use) const override;
    [[nodiscard]] dlms::ReadOutcome read(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                                         const dlms::Selection* selection, dlms::ReadCursor& cursor,
                                         ByteWriter& out) override;
    [[nodiscard]] dlms::DataAccessResult write(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                                               const dlms::Selection* selection, ByteView value) override;
    [[nodiscard]] dlms::ActionResult invoke(const dlms::Caller& caller, const dlms::MethodDescriptor& method,
                                            ByteView parameters, ByteWriter& out) override;
    void security_event(std::uint16_t client_sap, dlms::SecurityEvent event) override;

    /// How often each security event was told since power came, in the order of `dlms::SecurityEvent`.
    [[nodiscard]] std::uint32_t security_event_count(dlms::SecurityEvent event) const {
        return security_events_[static_cast<std::size_t>(event)];
    }

private:
    [[nodiscard]] const ObjectRow* find(const dlms::Caller& caller, const dlms::LogicalName& name) const;
    /// The object of which `name` is a value of an ended billing period.
    [[nodiscard]] const ObjectRow* find_of_ended_period(const dlms::Caller& caller, dlms::LogicalName name) const;

    [[nodiscard]] PushProblem write_message(const PushSettings& settings, ByteSpan buffer, PushMessage& message);

    Instrument instrument_;
    std::array<std::uint32_t, dlms::kSecurityEventCount> security_events_{};
};

}  // namespace ferraris::meter
