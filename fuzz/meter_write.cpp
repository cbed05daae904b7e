// Writes and invokes whatever comes in at every level: no crash, and the energies stay what they are.
//
//     input: repeated { kind, level, row, number, length, length octets of A-XDR }
#include <array>
#include <cstdlib>
#include <memory>

#include "crypto/openssl.hpp"
#include "meter/meter.hpp"
#include "meter/objects/object_table.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace {

using namespace ferraris;

constexpr std::array<std::uint16_t, 4> kSaps{meter::kPublicSap, meter::kReaderSap, meter::kTechnicianSap,
                                             meter::kUtilitySap};
constexpr UtcTime kStart{1'768'471'200'000};

void read_all(meter::Meter& device, const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
              const dlms::Selection* selection) {
    dlms::ReadCursor cursor;
    std::array<std::uint8_t, 300> window{};
    for (int blocks = 0; blocks < 100; ++blocks) {
        ByteWriter out(window);
        const auto outcome = device.read(caller, attribute, selection, cursor, out);
        if (outcome.result != dlms::DataAccessResult::success || outcome.complete) return;
        // A window that is not the last one is full.
        if (out.room() != 0) std::abort();
    }
}

std::uint64_t import_of(const meter::Meter& device) {
    return device.instrument().registers.milliwatthours(meter::mask_of(metrology::Energy::active_import), 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    twin::FlashMemory flash(meter::kFlashSectors, meter::kSectorSize);
    auto device = std::make_unique<meter::Meter>(flash, *crypto, meter::MeterIdentity::from_serial_number(1),
                                                 twin::test_factory_settings());
    UtcTime now = kStart;
    if (!device->start(now)) std::abort();
    metrology::Measurement second;
    second.energy[metrology::Energy::active_import] = 1'000 * std::uint64_t{meter::kMicrojoulesPerMilliwatthour};
    std::uint64_t expected = 0;

    ByteReader in(ByteView(data, size));
    for (int requests = 0; requests < 40 && in.remaining() >= 5; ++requests) {
        const std::uint8_t kind = in.u8();
        dlms::Association association;
        association.client_sap = kSaps[in.u8() % kSaps.size()];
        association.status = dlms::AssociationStatus::associated;
        const dlms::Caller caller{association, {}};
        const meter::ObjectRow& row = meter::object_table()[in.u8() % meter::object_table().size()];
        const std::uint16_t class_id = row.object_class->class_id;
        const auto number = static_cast<std::int8_t>(in.u8() % 16 - 1);
        const std::size_t length = std::min<std::size_t>(in.u8(), in.remaining());
        const ByteView value = in.take(length);
        std::array<std::uint8_t, 64> returned{};
        ByteWriter out(returned);
        const dlms::Selection selection{static_cast<std::uint8_t>(1 + kind % 3), value};
        switch (kind % 5) {
            case 0:
                (void)device->write(caller, {class_id, row.name, number}, nullptr, value);
                break;
            case 1:
                (void)device->invoke(caller, {class_id, row.name, number}, value, out);
                break;
            case 2:
                read_all(*device, caller, {class_id, row.name, number}, &selection);
                break;
            case 3:
                read_all(*device, caller, {class_id, row.name, number}, nullptr);
                break;
            default:
                now.milliseconds += std::int64_t{kind} * 20'000;
                device->tick(second, now);
                expected += 1'000;
        }
        if (import_of(*device) != expected) std::abort();
    }
    if (!device->power_fail(now)) std::abort();
    device = std::make_unique<meter::Meter>(flash, *crypto, meter::MeterIdentity::from_serial_number(1),
                                            twin::test_factory_settings());
    if (!device->start(now) || import_of(*device) != expected) std::abort();
    return 0;
}
