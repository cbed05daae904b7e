#include "twin/virtual_meter.hpp"

#include <algorithm>

#include "meter/store/layout.hpp"
#include "twin/flash_file.hpp"
#include "twin/flash_memory.hpp"
#include "twin/legal_part.hpp"
#include "twin/program_memory.hpp"

namespace ferraris::twin {
namespace {

Result<std::unique_ptr<board::Flash>, std::string> open_flash(const std::optional<std::filesystem::path>& state) {
    constexpr std::uint32_t kSectors = meter::kFlashSize / meter::kSectorSize;
    if (!state) return std::make_unique<FlashMemory>(kSectors, meter::kSectorSize);
    auto file = FlashFile::open(*state, kSectors, meter::kSectorSize);
    if (!file) return Error(file.error());
    return std::make_unique<FlashFile>(std::move(*file));
}

meter::MeterIdentity identity_of(std::uint64_t serial_number) {
    meter::MeterIdentity identity = meter::MeterIdentity::from_serial_number(serial_number);
    identity.firmware_signature = kLegalPartCheckSum;
    return identity;
}

}  // namespace

VirtualMeter::VirtualMeter(std::unique_ptr<board::Flash> flash, std::unique_ptr<Load> load, UtcTime start,
                           Crypto& crypto, const VirtualMeterSettings& settings, const meter::FlashCondition& found)
    : settings_(settings),
      crypto_(crypto),
      found_(found),
      flash_(std::move(flash)),
      load_(std::move(load)),
      meter_(*flash_, crypto, identity_of(settings.serial_number), settings.factory),
      simulation_(meter_, *load_, start) {
    attach();
    simulation_.use_supply_relay(supply_relay_);
    simulation_.use_watchdog(watchdog_, [this] { restart(); });
}

void VirtualMeter::attach() {
    meter_.attach_watchdog(watchdog_);
    meter_.attach_program(ProgramMemory::instance());
    meter_.attach_supply_relay(supply_relay_);
    meter_.attach_ripple_relay(ripple_relay_);
}

// In its place: who speaks to the meter has its address.
void VirtualMeter::restart() {
    std::destroy_at(&meter_);
    // After its first start a meter takes nothing more from the factory than what flash does not have.
    meter::FactorySettings factory = settings_.factory;
    factory.trust_anchor = factory.signing_private_key = factory.agreement_private_key = {};
    factory.certificates = {};
    std::construct_at(&meter_, *flash_, crypto_, identity_of(settings_.serial_number), factory);
    attach();
    (void)meter_.start(simulation_.board());
}

Result<std::unique_ptr<VirtualMeter>, std::string> VirtualMeter::open(const VirtualMeterSettings& settings,
                                                                      Crypto& crypto) {
    auto load = open_load(settings.load, settings.load_options);
    if (!load) return Error(load.error());
    auto flash = open_flash(settings.state);
    if (!flash) return Error(flash.error());
    const meter::FlashCondition found = meter::examine(**flash);
    // Its clock ran on while the process was not there, and never goes back because of that.
    UtcTime start = settings.start.value_or((*load)->begin().value_or(settings.default_start));
    if (!settings.start) start = std::max(start, meter::Instrument::last_board_time(**flash).value_or(start));
    std::unique_ptr<VirtualMeter> meter(
        new VirtualMeter(std::move(*flash), std::move(*load), start, crypto, settings, found));
    if (!meter->meter_.start(start)) {
        return Error(std::string("the flash does not answer; is the disk full, or the state of another version?"));
    }
    return meter;
}

}  // namespace ferraris::twin
