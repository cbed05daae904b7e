#include "twin/virtual_meter.hpp"

#include <algorithm>
#include <array>
#include <memory>

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

}  // namespace

VirtualMeter::VirtualMeter(std::unique_ptr<board::Flash> flash, std::unique_ptr<Load> load, UtcTime start,
                           Crypto& crypto, const VirtualMeterSettings& settings, const meter::FlashCondition& found)
    : found_(found),
      flash_(std::move(flash)),
      load_(std::move(load)),
      crypto_(crypto),
      serial_number_(settings.serial_number),
      factory_(settings.factory),
      boot_(*flash_, crypto),
      meter_(*flash_, crypto, choose_program(), factory_),
      simulation_(meter_, *load_, start) {
    simulation_.use_supply_relay(supply_relay_);
    simulation_.use_boot(boot_, [this] {
        (void)meter_.power_fail(simulation_.board());
        restart();
    });
    // A program that hangs has no last words.
    simulation_.use_watchdog(watchdog_, [this] { restart(); });
}

/// As the boot loader of a board: before all else. What hangs is started again by its watchdog, until the program
/// before it runs.
meter::MeterIdentity VirtualMeter::choose_program() {
    const meter::Program factory{meter::kFirmwareVersion, kLegalPartCheckSum};
    meter::Program program = boot_.start(factory);
    std::array<std::uint8_t, kHangingProgram.size()> head{};
    for (int start = 0; start < meter::BootLoader::kMostTrials; ++start) {
        if (!boot_.read_program(head) || !equal(head, octets_of(kHangingProgram))) break;
        program = boot_.start(factory);
    }
    meter::MeterIdentity identity = meter::MeterIdentity::from_serial_number(serial_number_);
    identity.firmware_version = program.version;
    identity.firmware_signature = program.check_sum;
    return identity;
}

bool VirtualMeter::start(UtcTime board) {
    meter_.attach_boot(boot_);
    meter_.attach_watchdog(watchdog_);
    meter_.attach_program(ProgramMemory::instance());
    meter_.attach_supply_relay(supply_relay_);
    meter_.attach_ripple_relay(ripple_relay_);
    const bool started = meter_.start(board);
    // What they look at is only there for the first start.
    factory_.trust_anchor = factory_.signing_private_key = factory_.agreement_private_key = {};
    factory_.certificates = {};
    return started;
}

/// In the meter's place, so that ports and pushes go on with it.
void VirtualMeter::restart() {
    std::destroy_at(&meter_);
    std::construct_at(&meter_, *flash_, crypto_, choose_program(), factory_);
    (void)start(simulation_.board());
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
    if (!meter->start(start)) {
        return Error(std::string("the flash does not answer; is the disk full, or the state of another version?"));
    }
    return meter;
}

}  // namespace ferraris::twin
