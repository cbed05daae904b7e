/// A meter on flash in memory, and short ways to ask it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "board/flash.hpp"
#include "crypto/openssl.hpp"
#include "dlms/data.hpp"
#include "meter/image/boot_loader.hpp"
#include "meter/memory_flash.hpp"
#include "meter/meter.hpp"
#include "meter/security/client_level.hpp"

namespace ferraris::meter::testing {

inline std::vector<std::uint8_t> octets(const std::string& hex) { return from_hex(hex).value(); }

inline constexpr UtcTime utc(std::int32_t year, std::uint8_t month, std::uint8_t day, std::uint8_t hour = 0,
                             std::uint8_t minute = 0, std::uint8_t second = 0) {
    return utc_from_civil({year, month, day, hour, minute, second, 0});
}

inline constexpr UtcTime plus_seconds(UtcTime time, std::int64_t seconds) {
    return {time.milliseconds + seconds * 1000};
}

inline dlms::Association association_of(std::uint16_t client_sap) {
    dlms::Association association;
    association.client_sap = client_sap;
    association.server_sap = kManagementLogicalDeviceSap;
    association.status = dlms::AssociationStatus::associated;
    return association;
}

inline FactorySettings factory_settings() {
    FactorySettings settings;
    for (const std::size_t client : {kUtilityIndex, kTechnicianIndex}) {
        settings.security[client].unicast_encryption.fill(static_cast<std::uint8_t>(0x10 + client));
        settings.security[client].broadcast_encryption.fill(static_cast<std::uint8_t>(0x20 + client));
        settings.security[client].authentication.fill(static_cast<std::uint8_t>(0x30 + client));
        settings.security[client].master.fill(static_cast<std::uint8_t>(0x40 + client));
    }
    (void)settings.secrets[kReaderIndex].assign(std::vector<std::uint8_t>{'1', '2', '3', '4', '5', '6', '7', '8'});
    return settings;
}

/// The energy of one second at `watts` of import.
inline metrology::Measurement at_watts(std::uint64_t watts) {
    metrology::Measurement measurement;
    measurement.voltage_millivolts = 230'000;
    measurement.active_power_milliwatts = static_cast<std::int64_t>(watts * 1000);
    measurement.energy[metrology::Energy::active_import] = watts * 1'000'000;
    return measurement;
}

class Bench {
public:
    explicit Bench(UtcTime from = utc(2026, 1, 15, 10)) : now(from) { power_up(); }

    /// As after a loss of power, however it came: only flash and the board's clock are left.
    void power_up() {
        MeterIdentity identity = MeterIdentity::from_serial_number(4711);
        const Program program = boot.start({});
        identity.firmware_version = program.version;
        identity.firmware_signature = program.check_sum;
        // In its place: whoever talks to it goes on with the one that started anew.
        if (meter) {
            std::destroy_at(meter.get());
            std::construct_at(meter.get(), flash, *crypto, identity, factory);
        } else {
            meter = std::make_unique<Meter>(flash, *crypto, identity, factory);
        }
        meter->attach_boot(boot);
        if (supply_relay != nullptr) meter->attach_supply_relay(*supply_relay);
        EXPECT_TRUE(meter->start(now));
    }
    void run(std::int64_t seconds, std::uint64_t watts) {
        for (std::int64_t i = 0; i < seconds; ++i) {
            now = plus_seconds(now, 1);
            meter->tick(at_watts(watts), now);
            if (!boot.take_restart()) continue;
            EXPECT_TRUE(meter->power_fail(now));
            power_up();
        }
    }

    /// Reads through windows of `window` octets; `result` gets the code.
    std::vector<std::uint8_t> read(std::uint16_t sap, const dlms::AttributeDescriptor& attribute,
                                   const dlms::Selection* selection = nullptr, std::size_t window = 100'000) {
        dlms::Association association = association_of(sap);
        association.conformance = conformance;
        const dlms::Caller caller{association, protection};
        dlms::ReadCursor cursor;
        std::vector<std::uint8_t> value;
        std::vector<std::uint8_t> buffer(window);
        for (;;) {
            ByteWriter out(buffer);
            const dlms::ReadOutcome outcome = meter->read(caller, attribute, selection, cursor, out);
            result = outcome.result;
            if (result != dlms::DataAccessResult::success) return {};
            value.insert(value.end(), out.written().begin(), out.written().end());
            if (outcome.complete) return value;
        }
    }
    std::uint64_t watthours(std::uint8_t c, Rate rate = 0) {
        const auto value = read(kReaderSap, {3, dlms::obis(1, 0, c, 8, rate), 2});
        return dlms::DataReader(value).long64_unsigned();
    }
    dlms::DataAccessResult write(std::uint16_t sap, const dlms::AttributeDescriptor& attribute, ByteView value) {
        const dlms::Association association = association_of(sap);
        return meter->write({association, protection}, attribute, nullptr, value);
    }
    dlms::ActionResult invoke(std::uint16_t sap, const dlms::MethodDescriptor& method, ByteView parameters) {
        dlms::Association association = association_of(sap);
        (void)association.client_system_title.assign(client_system_title);
        std::vector<std::uint8_t> buffer(4096);
        ByteWriter out(buffer);
        const auto outcome = meter->invoke({association, protection}, method, parameters, out);
        returned.assign(out.written().begin(), out.written().end());
        return outcome;
    }

    UtcTime now;
    dlms::Protection protection{true, true};                 ///< of what comes in
    dlms::Conformance conformance{dlms::Conformance::none};  ///< negotiated by who reads
    FactorySettings factory = factory_settings();
    std::vector<std::uint8_t> client_system_title{};
    std::vector<std::uint8_t> returned{};  ///< by the last method
    MemoryFlash flash;
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    BootLoader boot{flash, *crypto};
    std::unique_ptr<Meter> meter;
    board::Relay* supply_relay{nullptr};  ///< attached from the next `power_up` on
    dlms::DataAccessResult result{dlms::DataAccessResult::success};
};

}  // namespace ferraris::meter::testing
