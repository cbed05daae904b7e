// Disconnect control by its table, and as button, network and power failures move it.
#include "meter/disconnect/disconnect_control.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "meter/disconnect/fake_relay.hpp"
#include "meter/disconnect/reference_disconnector.hpp"
#include "meter/fixture.hpp"
#include "meter/objects/classes.hpp"
#include "meter/store/cut_flash.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::FakeRelay;
using testing::ReferenceDisconnector;

constexpr std::array kCommandNames{"remote_disconnect", "remote_reconnect", "manual_disconnect",
                                   "manual_reconnect",  "local_disconnect", "local_reconnect"};
constexpr dlms::LogicalName kOtherName = obis(0, 0, 24, 4, 0);
constexpr dlms::LogicalName kButton = obis(0, 0, 128, 24, 0);
/// integer(0)
constexpr std::array<std::uint8_t, 2> kZero{0x0F, 0x00};

ControlCommand command_of(std::size_t index) { return static_cast<ControlCommand>(index); }

/// A control in `mode`, led into `state` by commands of mode 5.
DisconnectControl control_in(ParameterStore& store, ControlMode mode, ControlState state) {
    DisconnectControl control;
    const auto go = [&](ControlCommand command) {
        EXPECT_TRUE(control.carry_out(store, *control.transition(command), 1));
    };
    if (state == ControlState::ready_for_reconnection) go(ControlCommand::local_disconnect);
    if (state == ControlState::disconnected) go(ControlCommand::remote_disconnect);
    // Not through mode 0, which connects.
    if (mode != 0 || state == ControlState::connected) {
        EXPECT_TRUE(control.store_mode(store, mode, 1));
    }
    return control;
}

TEST(DisconnectControl, EveryModeStateAndCommandIsAsTheStandardHasIt) {
    testing::MemoryFlash flash;
    ParameterStore store(flash, kParameterRegion);
    ASSERT_TRUE(store.recover());
    for (ControlMode mode = 0; mode <= kMostControlMode; ++mode) {
        for (int state = 0; state <= 2; ++state) {
            if (mode == 0 && state != 1) continue;
            for (std::size_t i = 0; i < kCommandNames.size(); ++i) {
                SCOPED_TRACE(std::to_string(mode) + ": " + kCommandNames[i] + " in " + std::to_string(state));
                DisconnectControl control = control_in(store, mode, static_cast<ControlState>(state));
                ASSERT_EQ(static_cast<int>(control.state()), state);
                ReferenceDisconnector reference{state, mode};
                const int event = reference.command(kCommandNames[i]);
                const ControlTransition* const transition = control.transition(command_of(i));
                ASSERT_EQ(transition != nullptr, event != 0);
                if (transition == nullptr) continue;
                ASSERT_TRUE(control.carry_out(store, *transition, 1));
                EXPECT_EQ(static_cast<int>(control.state()), reference.state);
                EXPECT_EQ(static_cast<int>(transition->event), event);
            }
        }
    }
}

TEST(DisconnectControl, TheReferenceIsTheTableOfFacts) {
    std::ifstream file(FERRARIS_SHARED "/facts/disconnect_control.json");
    if (!file) GTEST_SKIP() << "no table of facts here";
    const auto facts = nlohmann::json::parse(file);
    for (const auto& [mode, table] :
         facts.at("next_state_table (trigger@state -> state; absent = no change)").items()) {
        for (int state = 0; state <= 2; ++state) {
            for (const char* const name : kCommandNames) {
                ReferenceDisconnector reference{state, std::stoi(mode)};
                (void)reference.command(name);
                const std::string key = std::string(name) + "@" + std::to_string(state);
                EXPECT_EQ(reference.state, table.value(key, state)) << mode << ": " << key;
            }
        }
    }
}

class DisconnectBench : public Bench {
public:
    DisconnectBench() {
        supply_relay = &relay;
        power_up();
    }
    int state() { return static_cast<int>(meter->instrument().disconnector.state()); }
    std::uint8_t octet(const dlms::LogicalName& name, std::int8_t attribute) {
        const auto value = read(kReaderSap, {70, name, attribute});
        return value.size() == 2 ? value[1] : 0xFF;
    }
    ActionResult call(std::int8_t method, std::uint16_t sap = kUtilitySap) {
        return invoke(sap, {70, kDisconnectControl, method}, kZero);
    }
    DataAccessResult set_mode(std::uint8_t mode, std::uint16_t sap = kUtilitySap) {
        return write(sap, {70, kDisconnectControl, 4}, std::array<std::uint8_t, 2>{0x16, mode});
    }
    DataAccessResult enable_button(bool enabled) {
        return write(kUtilitySap, {1, kButton, 2}, testing::octets(enabled ? "0301" : "0300"));
    }
    void press() {
        meter->press(board::Button::relay, true);
        meter->press(board::Button::relay, false);
    }
    std::uint32_t events() { return meter->instrument().event_logs.count(EventLog::disconnector); }
    Event last_event() { return static_cast<Event>(meter->instrument().event_logs.last(EventLog::disconnector).code); }
    /// A row of the log that is there, not only counted.
    std::uint32_t rows() { return meter->instrument().profiles[ProfileIndex::disconnector_log].next(); }

    FakeRelay relay;
};

TEST(DisconnectControl, PermissionToRestoreSupply) {
    DisconnectBench bench;
    EXPECT_EQ(bench.call(1), ActionResult::success);
    EXPECT_FALSE(bench.relay.closed);
    EXPECT_EQ(bench.meter->led(board::Led::relay_1), board::LedState::off);
    bench.press();
    EXPECT_FALSE(bench.relay.closed) << "nobody permitted it";
    EXPECT_EQ(bench.call(2), ActionResult::success);
    EXPECT_FALSE(bench.relay.closed) << "a person has to do it";
    EXPECT_EQ(bench.meter->led(board::Led::relay_1), board::LedState::flashing);
    EXPECT_EQ(bench.last_event(), Event::ready_for_reconnection);
    bench.press();
    EXPECT_TRUE(bench.relay.closed);
    EXPECT_EQ(bench.meter->led(board::Led::relay_1), board::LedState::on);
    EXPECT_EQ(bench.last_event(), Event::manual_connection);
    EXPECT_EQ(bench.rows(), 3U);
}

TEST(DisconnectControl, BothNamesShowTheSameState) {
    DisconnectBench bench;
    EXPECT_EQ(bench.invoke(kTechnicianSap, {70, kOtherName, 1}, kZero), ActionResult::success);
    for (const dlms::LogicalName& name : {kDisconnectControl, kOtherName}) {
        EXPECT_EQ(bench.octet(name, 2), 0) << "output_state";
        EXPECT_EQ(bench.octet(name, 3), 0) << "control_state";
        EXPECT_EQ(bench.octet(name, 4), 5) << "control_mode";
    }
}

TEST(DisconnectControl, AButtonHeldDownCountsOnce) {
    DisconnectBench bench;
    bench.meter->press(board::Button::relay, true);
    EXPECT_FALSE(bench.relay.closed);
    for (int i = 0; i < 100; ++i) bench.meter->press(board::Button::relay, true);
    bench.run(60, 0);
    EXPECT_FALSE(bench.relay.closed);
    EXPECT_EQ(bench.events(), 1U);
    bench.meter->press(board::Button::relay, false);
    EXPECT_FALSE(bench.relay.closed) << "letting go is no press";
    bench.press();
    EXPECT_TRUE(bench.relay.closed);
}

TEST(DisconnectControl, TheButtonCanBeLocked) {
    DisconnectBench bench;
    EXPECT_EQ(bench.enable_button(false), DataAccessResult::success);
    bench.press();
    EXPECT_EQ(bench.state(), 1);
    bench.power_up();
    bench.press();
    EXPECT_EQ(bench.state(), 1) << "also after a loss of power";
    EXPECT_EQ(bench.enable_button(true), DataAccessResult::success);
    bench.press();
    EXPECT_EQ(bench.state(), 2);
    EXPECT_EQ(bench.write(kTechnicianSap, {1, kButton, 2}, std::array<std::uint8_t, 2>{0x03, 0x00}),
              DataAccessResult::read_write_denied);
}

TEST(DisconnectControl, WhoMayWhat) {
    DisconnectBench bench;
    EXPECT_EQ(bench.call(1, kReaderSap), ActionResult::read_write_denied);
    EXPECT_EQ(bench.call(1, kPublicSap), ActionResult::read_write_denied);
    EXPECT_EQ(bench.set_mode(4, kTechnicianSap), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.state(), 1);
    EXPECT_EQ(bench.call(1, kTechnicianSap), ActionResult::success);
    bench.read(kPublicSap, {70, kDisconnectControl, 3});
    EXPECT_EQ(bench.result, DataAccessResult::read_write_denied);
}

TEST(DisconnectControl, BadInputChangesNothing) {
    DisconnectBench bench;
    EXPECT_EQ(bench.set_mode(8), DataAccessResult::other_reason);
    EXPECT_EQ(bench.set_mode(255), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, {70, kDisconnectControl, 4}, testing::octets("1104")),
              DataAccessResult::type_unmatched)
        << "unsigned(4) is no enum";
    EXPECT_EQ(bench.write(kUtilitySap, {70, kDisconnectControl, 4}, testing::octets("160400")),
              DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kUtilitySap, {70, kDisconnectControl, 3}, testing::octets("1600")),
              DataAccessResult::read_write_denied)
        << "the state follows from commands alone";
    EXPECT_EQ(bench.invoke(kUtilitySap, {70, kDisconnectControl, 1}, testing::octets("1100")),
              ActionResult::type_unmatched);
    EXPECT_EQ(bench.invoke(kUtilitySap, {70, kDisconnectControl, 1}, {}), ActionResult::type_unmatched);
    EXPECT_EQ(bench.invoke(kUtilitySap, {70, kDisconnectControl, 3}, kZero), ActionResult::read_write_denied);
    EXPECT_EQ(bench.write(kUtilitySap, {1, kButton, 2}, testing::octets("1100")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.octet(kDisconnectControl, 4), 5);
    EXPECT_EQ(bench.state(), 1);
    EXPECT_EQ(bench.events(), 0U);
    EXPECT_TRUE(bench.relay.closed);
}

TEST(DisconnectControl, InModeZeroTheSupplyStaysConnected) {
    DisconnectBench bench;
    EXPECT_EQ(bench.call(1), ActionResult::success);
    EXPECT_EQ(bench.set_mode(0), DataAccessResult::success);
    EXPECT_TRUE(bench.relay.closed);
    EXPECT_EQ(bench.last_event(), Event::remote_connection);
    EXPECT_EQ(bench.call(1), ActionResult::other_reason) << "it does not do what was asked for";
    EXPECT_EQ(bench.call(2), ActionResult::success) << "it is connected";
    bench.press();
    EXPECT_EQ(bench.state(), 1);
}

TEST(DisconnectControl, AFlashThatRefusesLeavesTheOldState) {
    DisconnectBench bench;
    bench.flash.cut_at(0, testing::Tear::before, 1);
    EXPECT_EQ(bench.call(1), ActionResult::hardware_fault);
    EXPECT_EQ(bench.state(), 1);
    EXPECT_TRUE(bench.relay.closed);
    EXPECT_EQ(bench.set_mode(4), DataAccessResult::hardware_fault);
    EXPECT_EQ(bench.octet(kDisconnectControl, 4), 5);
}

TEST(DisconnectControl, PowerThatComesBackDrivesTheContact) {
    DisconnectBench bench;
    EXPECT_EQ(bench.call(1), ActionResult::success);
    bench.relay.closed = true;  // somebody knocked at the case
    bench.power_up();
    EXPECT_FALSE(bench.relay.closed);
    EXPECT_EQ(bench.events(), 1U) << "nothing has happened";
}

TEST(DisconnectControl, AContactThatDoesNotFollowIsToldOnce) {
    DisconnectBench bench;
    bench.relay.welded = true;
    EXPECT_EQ(bench.call(1), ActionResult::success) << "the driver answered";
    EXPECT_EQ(bench.octet(kDisconnectControl, 2), 1) << "output_state is what the contact does";
    EXPECT_EQ(bench.octet(kDisconnectControl, 3), 0);
    bench.run(2, 500);
    EXPECT_EQ(bench.last_event(), Event::remote_disconnection);
    bench.run(600, 500);
    EXPECT_EQ(bench.last_event(), Event::disconnector_failed);
    EXPECT_EQ(bench.events(), 2U);
    EXPECT_EQ(bench.meter->instrument().alarms.registers[1].active & 0x8000'0000U, 0x8000'0000U);
    EXPECT_GE(bench.relay.driven, 10) << "again each minute";
    bench.power_up();
    bench.run(60, 500);
    EXPECT_EQ(bench.events(), 2U) << "it still stands";
    bench.relay.welded = false;
    bench.run(70, 0);
    EXPECT_EQ(bench.last_event(), Event::disconnector_well);
    EXPECT_FALSE(bench.relay.closed);
}

TEST(DisconnectControl, ACurrentWhereNoneCanFlowIsAFailure) {
    DisconnectBench bench;
    bench.relay.senses = false;
    EXPECT_EQ(bench.call(1), ActionResult::success);
    const auto flow = [&](int seconds, std::uint32_t microamperes) {
        for (int i = 0; i < seconds; ++i) {
            auto measurement = testing::at_watts(0);
            measurement.current_microamperes = microamperes;
            bench.now = testing::plus_seconds(bench.now, 1);
            bench.meter->tick(measurement, bench.now);
        }
    };
    flow(600, 50'000);
    EXPECT_EQ(bench.events(), 1U) << "noise";
    flow(2, 2'000'000);
    flow(1, 0);
    EXPECT_EQ(bench.events(), 1U) << "too short";
    flow(3, 2'000'000);
    EXPECT_EQ(bench.last_event(), Event::disconnector_failed);
}

TEST(DisconnectControl, ADriverThatDoesNotAnswerIsSaidAtOnce) {
    DisconnectBench bench;
    bench.relay.answers = false;
    EXPECT_EQ(bench.call(1), ActionResult::hardware_fault);
    EXPECT_EQ(bench.state(), 0) << "that is what holds as soon as it answers";
    bench.relay.answers = true;
    bench.run(63, 0);
    EXPECT_FALSE(bench.relay.closed);
}

/// Rows of the log that can be read.
std::uint32_t rows_of(const Instrument& meter) {
    const auto& log = meter.profiles[ProfileIndex::disconnector_log];
    std::uint32_t count = 0;
    ProfileRow row;
    for (std::uint32_t i = 0; i < log.next(); ++i) count += log.read(i, row) ? 1U : 0U;
    return count;
}

TEST(DisconnectControl, APowerCutAnywhereInACommandLeavesOneStateAndItsEvent) {
    testing::CutFlash whole;
    const auto crypto = make_openssl_crypto();
    const FactorySettings factory = testing::factory_settings();
    const UtcTime from = testing::utc(2026, 1, 15, 10);
    const MeterIdentity identity = MeterIdentity::from_serial_number(4711);
    std::vector<testing::FlashOperation> trace;
    {
        Meter meter(whole, *crypto, identity, factory);
        ASSERT_TRUE(meter.start(from));
    }
    const testing::CutFlash before = whole;
    {
        Meter meter(whole, *crypto, identity, factory);
        ASSERT_TRUE(meter.start(from));
        whole.record(&trace);
        const auto association = testing::association_of(kUtilitySap);
        std::array<std::uint8_t, 16> buffer{};
        ByteWriter out(buffer);
        ASSERT_EQ(meter.invoke({association, {true, true}}, {70, kDisconnectControl, 1}, kZero, out),
                  ActionResult::success);
    }
    ASSERT_GE(trace.size(), 4U) << "state, note, row, told";
    for (std::size_t cut = 0; cut < trace.size(); ++cut) {
        for (std::size_t way = 0; way < trace[cut].ways(); ++way) {
            SCOPED_TRACE(std::to_string(cut) + "/" + std::to_string(way));
            testing::CutFlash flash = before;
            {
                Meter meter(flash, *crypto, identity, factory);
                ASSERT_TRUE(meter.start(from));
                flash.cut_at(cut, way);
                const auto association = testing::association_of(kUtilitySap);
                std::array<std::uint8_t, 16> buffer{};
                ByteWriter out(buffer);
                (void)meter.invoke({association, {true, true}}, {70, kDisconnectControl, 1}, kZero, out);
            }
            flash.restore_power();
            FakeRelay relay;
            Meter again(flash, *crypto, identity, factory);
            again.attach_supply_relay(relay);
            ASSERT_TRUE(again.start(from));
            const Instrument& meter = again.instrument();
            EXPECT_EQ(relay.closed, meter.disconnector.is_connected());
            const std::uint32_t told = meter.event_logs.count(Event::remote_disconnection);
            EXPECT_EQ(told, meter.disconnector.is_connected() ? 0U : 1U) << "never without, never twice";
            EXPECT_EQ(rows_of(meter), told);
            ASSERT_TRUE(again.start(from));
            EXPECT_EQ(rows_of(meter), told) << "and not once more with each loss of power";
        }
    }
}

/// One random step of meter and reference.
int step(DisconnectBench& bench, ReferenceDisconnector& reference, std::mt19937& random) {
    switch (random() % 10) {
        case 0:
        case 1:
            (void)bench.call(1);
            return reference.command("remote_disconnect");
        case 2:
        case 3:
        case 4:
            (void)bench.call(2);
            return reference.command("remote_reconnect");
        case 5:
        case 6:
            bench.press();
            return reference.press();
        case 7: {
            const auto mode = static_cast<std::uint8_t>(random() % 10);
            const bool possible = mode <= 7;
            EXPECT_EQ(bench.set_mode(mode), possible ? DataAccessResult::success : DataAccessResult::other_reason);
            return possible ? reference.set_mode(mode) : 0;
        }
        case 8:
            reference.button = random() % 3 != 0;
            EXPECT_EQ(bench.enable_button(reference.button), DataAccessResult::success);
            return 0;
        default:
            bench.relay.closed = random() % 2 == 0;
            bench.power_up();
            return 0;
    }
}

TEST(DisconnectControl, AnySequenceIsAsTheReferenceHasIt) {
    EXPECT_TRUE(rc::check([](std::uint32_t seed) {
        std::mt19937 random(seed);
        DisconnectBench bench;
        ReferenceDisconnector reference;
        std::uint32_t events = 0;
        for (int i = 0; i < 60; ++i) {
            const int event = step(bench, reference, random);
            if (event != 0) {
                ++events;
                RC_ASSERT(static_cast<int>(bench.last_event()) == event);
            }
            RC_ASSERT(bench.state() == reference.state);
            RC_ASSERT(bench.relay.closed == (reference.state == 1));
            RC_ASSERT(bench.octet(kOtherName, 4) == reference.mode);
            RC_ASSERT(bench.events() == events);
            RC_ASSERT(bench.rows() == events);
        }
    }));
}

}  // namespace
}  // namespace ferraris::meter
