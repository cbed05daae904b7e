// A meter powers up from flash of which anything may be damaged: it starts or says that it cannot, goes on metering,
// answers, and what it then saves is there at the next start.
//
//     input: repeated { what, sector (2), offset (2), length, length octets }
//     what % 5: 0 octets as they are, 1 zeros, 2 the sector erased, 3 the sector after it copied over it,
//               4 the octets as a parameter with a right check sum, under the key `offset`
#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "crypto/openssl.hpp"
#include "meter/flash_condition.hpp"
#include "meter/meter.hpp"
#include "meter/objects/object_table.hpp"
#include "meter/store/layout.hpp"
#include "meter/store/parameter_keys.hpp"
#include "meter/store/parameter_store.hpp"
#include "twin/test_factory.hpp"

namespace {

using namespace ferraris;

constexpr UtcTime kStart{1'768'471'200'000};
class Flash final : public board::Flash {
public:
    [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(octets.size()); }
    [[nodiscard]] std::uint32_t sector_size() const override { return meter::kSectorSize; }
    [[nodiscard]] bool read(std::uint32_t address, ByteSpan out) const override {
        if (address > size() || out.size() > size() - address) std::abort();
        std::copy_n(octets.begin() + address, out.size(), out.begin());
        return true;
    }
    [[nodiscard]] bool program(std::uint32_t address, ByteView data) override {
        if (address > size() || data.size() > size() - address) std::abort();
        for (std::size_t i = 0; i < data.size(); ++i) octets[address + i] &= data[i];
        return true;
    }
    [[nodiscard]] bool erase(std::uint32_t sector) override {
        if (sector >= meter::kFlashSectors) std::abort();
        std::fill_n(octets.begin() + sector * meter::kSectorSize, meter::kSectorSize, std::uint8_t{0xFF});
        return true;
    }

    std::vector<std::uint8_t> octets = std::vector<std::uint8_t>(meter::kFlashSize, 0xFF);
};

std::unique_ptr<meter::Meter> power_up(Flash& flash) {
    static const std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    return std::make_unique<meter::Meter>(flash, *crypto, meter::MeterIdentity::from_serial_number(1),
                                          twin::test_factory_settings());
}

/// Seconds of a kilowatt, a minute apart: each is saved.
UtcTime run(meter::Meter& device, UtcTime now, int minutes) {
    metrology::Measurement second;
    second.energy[metrology::Energy::active_import] = 1'000'000'000;
    for (int i = 0; i < minutes; ++i) {
        now.milliseconds += 60'000;
        device.tick(second, now);
    }
    return now;
}

constexpr int kMinutes = 180;

/// After three hours, with a few parameters.
const Flash& lived_with() {
    static const Flash flash = [] {
        Flash fresh;
        meter::ParameterStore store(fresh, meter::kParameterRegion);
        const std::array<std::uint8_t, 8> correction{0, 0, 0, 0, 0, 0, 0x13, 0x88};
        if (!store.recover() || !store.write(meter::key_number(meter::ParameterKey::clock_correction), correction)) {
            std::abort();
        }
        const auto device = power_up(fresh);
        if (!device->start(kStart) || !device->power_fail(run(*device, kStart, kMinutes))) std::abort();
        return fresh;
    }();
    return flash;
}

void damage(Flash& flash, ByteReader& in) {
    const std::uint8_t what = in.u8();
    const std::uint32_t sector = in.u16() % meter::kFlashSectors;
    const std::uint32_t offset = in.u16();
    const ByteView octets = in.take(std::min<std::size_t>(in.u8(), in.remaining()));
    const std::uint32_t address = sector * meter::kSectorSize + offset % meter::kSectorSize;
    const auto at = flash.octets.begin() + address;
    const auto room = std::min<std::size_t>(octets.size(), flash.size() - address);
    switch (what % 5) {
        case 0:
            std::copy_n(octets.begin(), room, at);
            return;
        case 1:
            std::fill_n(at, room, std::uint8_t{0});
            return;
        case 2:
            (void)flash.erase(sector);
            return;
        case 3: {
            const std::uint32_t from = (sector + 1) % meter::kFlashSectors * meter::kSectorSize;
            std::copy_n(flash.octets.begin() + from, meter::kSectorSize,
                        flash.octets.begin() + sector * meter::kSectorSize);
            return;
        }
        default: {
            meter::ParameterStore store(flash, meter::kParameterRegion);
            if (store.recover()) (void)store.write(static_cast<std::uint16_t>(offset), octets);
        }
    }
}

void read_everything(meter::Meter& device) {
    std::array<std::uint8_t, 500> window{};
    dlms::Association association;
    association.client_sap = meter::kUtilitySap;
    association.status = dlms::AssociationStatus::associated;
    const dlms::Caller caller{association, {true, true}};
    for (const meter::ObjectRow& row : meter::object_table()) {
        for (std::int8_t attribute = 1; attribute < 12; ++attribute) {
            dlms::ReadCursor cursor;
            ByteWriter out(window);
            (void)device.read(caller, {row.object_class->class_id, row.name, attribute}, nullptr, cursor, out);
        }
    }
}

std::uint64_t import_of(const meter::Meter& device) {
    return device.instrument().registers.milliwatthours(meter::mask_of(metrology::Energy::active_import), 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Flash flash = lived_with();
    ByteReader in(ByteView(data, size));
    for (int faults = 0; faults < 20 && in.remaining() >= 6; ++faults) damage(flash, in);
    const meter::FlashCondition condition = meter::examine(flash);

    UtcTime now{kStart.milliseconds + (kMinutes + 10) * 60'000};
    auto device = power_up(flash);
    if (!device->start(now)) return 0;
    // Nothing but damage makes the registers begin anew, and damage is seen.
    if (import_of(*device) == 0 && !condition.is_damaged() && condition.registers.records != 0) std::abort();
    now = run(*device, now, 20);
    read_everything(*device);
    if (!device->power_fail(now)) return 0;
    const std::uint64_t saved = import_of(*device);
    device = power_up(flash);
    if (!device->start(now) || import_of(*device) != saved) std::abort();
    return 0;
}
