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

/// As the boot loader of a board: before all else. What hangs is started again by its watchdog, until the program
/// before it runs.
meter::MeterIdentity choose_program(meter::BootLoader& boot, std::uint64_t serial_number) {
    const meter::Program factory{meter::kFirmwareVersion, kLegalPartCheckSum};
    meter::Program program = boot.start(factory);
    std::array<std::uint8_t, kHangingProgram.size()> head{};
    for (int start = 0; start < meter::BootLoader::kMostTrials; ++start) {
        if (!boot.read_program(head) || !equal(head, octets_of(kHangingProgram))) break;
        program = boot.start(factory);
    }
    meter::MeterIdentity identity = meter::MeterIdentity::from_serial_number(serial_number);
    identity.firmware_version = program.version;
    identity.firmware_signature = program.check_sum;
    return identity;
}

scenario::StageSettings stage_settings(const VirtualMeterSettings& settings) {
    scenario::StageSettings stage;
    stage.program = [serial_number = settings.serial_number](meter::BootLoader& boot) {
        return choose_program(boot, serial_number);
    };
    stage.code = &ProgramMemory::instance();
    stage.factory = settings.factory;
    if (settings.crystal_ppm) stage.crystal = scenario::crystal_of(*settings.crystal_ppm);
    stage.celsius = settings.celsius;
    return stage;
}

}  // namespace

VirtualMeter::VirtualMeter(std::unique_ptr<board::Flash> flash, std::unique_ptr<Load> load, UtcTime start,
                           Crypto& crypto, const VirtualMeterSettings& settings, const meter::FlashCondition& found)
    : found_(found),
      flash_(std::move(flash)),
      load_(std::move(load)),
      stage_(*flash_, crypto, stage_settings(settings), settings.scenario.value_or(scenario::Scenario{}), load_.get(),
             start) {
    if (settings.scenario && settings.scenario->end) end_ = settings.scenario->end->first(start);
    stage_.on_step(settings.log);
}

Result<std::unique_ptr<VirtualMeter>, std::string> VirtualMeter::open(const VirtualMeterSettings& settings,
                                                                      Crypto& crypto) {
    std::unique_ptr<Load> load;
    if (!settings.scenario) {
        auto opened = open_load(settings.load, settings.load_options);
        if (!opened) return Error(opened.error());
        load = std::move(*opened);
    }
    const std::optional<UtcTime> own_begin = load ? load->begin() : settings.scenario->start;
    auto flash = open_flash(settings.state);
    if (!flash) return Error(flash.error());
    const meter::FlashCondition found = meter::examine(**flash);
    // Its clock ran on while the process was not there, and never goes back because of that.
    UtcTime start = settings.start.value_or(own_begin.value_or(settings.default_start));
    if (!settings.start) start = std::max(start, meter::Instrument::last_board_time(**flash).value_or(start));
    std::unique_ptr<VirtualMeter> meter(
        new VirtualMeter(std::move(*flash), std::move(load), start, crypto, settings, found));
    if (!meter->stage_.start()) {
        return Error(std::string("the flash does not answer; is the disk full, or the state of another version?"));
    }
    return meter;
}

}  // namespace ferraris::twin
