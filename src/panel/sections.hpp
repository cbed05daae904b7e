/// What the page shows of a virtual meter, as JSON texts: one function a section of the view (docs/panel.md). They only
/// look.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "meter/event/event_table.hpp"
#include "twin/pacer.hpp"
#include "twin/virtual_meter.hpp"

namespace ferraris::panel {

[[nodiscard]] std::string identity_section(twin::VirtualMeter& meter);
/// `reached`: seconds of the meter that passed in the last second, where that was measured.
[[nodiscard]] std::string time_section(twin::VirtualMeter& meter, const twin::PaceState& pace,
                                       std::optional<double> reached);
[[nodiscard]] std::string glass_section(twin::VirtualMeter& meter);
/// `module`: somebody talks to the meter through the communication module.
[[nodiscard]] std::string front_section(twin::VirtualMeter& meter, bool module);
[[nodiscard]] std::string measured_section(twin::VirtualMeter& meter);
[[nodiscard]] std::string world_section(twin::VirtualMeter& meter);
[[nodiscard]] std::string energy_section(twin::VirtualMeter& meter);
[[nodiscard]] std::string calendar_section(twin::VirtualMeter& meter);
[[nodiscard]] std::string curve_section(twin::VirtualMeter& meter);

/// An entry of the list of events: a row of a log.
[[nodiscard]] std::string event_entry(meter::EventLog log, std::uint32_t stamp, std::uint8_t code, std::int64_t value,
                                      std::int64_t duration_cs);

/// When the calendar switches to another tariff than the present one; nothing within a year.
[[nodiscard]] std::optional<UtcTime> next_tariff_change(const meter::Instrument& meter);

}  // namespace ferraris::panel
