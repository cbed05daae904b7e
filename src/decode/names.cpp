#include "decode/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ferraris::decode {
namespace {

constexpr std::int16_t kAll = -1;

/// A row names the codes whose groups equal its own; `kAll` stands for every value. Group F plays no part.
struct CodeName {
    std::int16_t a, b, c, d, e;
    std::string_view name;
};

// IEC 62056-6-1, abstract objects and the general service entries of electricity. The first row that fits counts.
constexpr CodeName kCodes[] = {
    {0, kAll, 0, 1, 0, "Billing period counter"},
    {0, kAll, 0, 2, 0, "Firmware version"},
    {0, kAll, 0, 2, 1, "Parameter version"},
    {0, kAll, 0, 2, 8, "Firmware signature"},
    {0, kAll, 0, 9, 1, "Local time"},
    {0, kAll, 0, 9, 2, "Local date"},
    {0, kAll, 1, 0, kAll, "Clock"},
    {0, kAll, 1, 1, 0, "UNIX clock"},
    {0, kAll, 2, 0, 0, "Modem configuration"},
    {0, kAll, 10, 0, 0, "Global reset script"},
    {0, kAll, 10, 0, 1, "End of billing script"},
    {0, kAll, 10, 0, 100, "Tariffication script"},
    {0, kAll, 10, 0, 103, "Set output signals script"},
    {0, kAll, 10, 0, 106, "Disconnect script"},
    {0, kAll, 10, 0, 107, "Image activation script"},
    {0, kAll, 10, 0, 108, "Push script"},
    {0, kAll, 10, 0, 109, "Load profile control script"},
    {0, kAll, 11, 0, kAll, "Special days"},
    {0, kAll, 12, 0, kAll, "Schedule"},
    {0, kAll, 13, 0, kAll, "Activity calendar"},
    {0, kAll, 14, 0, kAll, "Register activation"},
    {0, kAll, 15, 0, 0, "End of billing schedule"},
    {0, kAll, 15, 0, 1, "Disconnect control schedule"},
    {0, kAll, 15, 0, 2, "Image activation schedule"},
    {0, kAll, 15, 0, kAll, "Single action schedule"},
    {0, kAll, 16, kAll, kAll, "Register monitor"},
    {0, kAll, 17, 0, kAll, "Limiter"},
    {0, kAll, 19, kAll, kAll, "Payment metering"},
    {0, kAll, 20, 0, 0, "Optical port"},
    {0, kAll, 21, 0, kAll, "Readout list"},
    {0, kAll, 22, 0, 0, "HDLC set-up"},
    {0, kAll, 24, 4, 0, "Disconnect control"},
    {0, kAll, 24, kAll, kAll, "M-Bus device"},
    {0, kAll, 25, 0, kAll, "TCP/UDP set-up"},
    {0, kAll, 25, 1, kAll, "IPv4 set-up"},
    {0, kAll, 25, 2, kAll, "Ethernet set-up"},
    {0, kAll, 25, 3, kAll, "PPP set-up"},
    {0, kAll, 25, 4, kAll, "GPRS set-up"},
    {0, kAll, 25, 7, kAll, "IPv6 set-up"},
    {0, kAll, 25, 9, kAll, "Push set-up"},
    {0, kAll, 25, 10, kAll, "NTP set-up"},
    {0, kAll, 40, 0, 0, "Current association"},
    {0, kAll, 40, 0, kAll, "Association"},
    {0, kAll, 41, 0, 0, "SAP assignment"},
    {0, kAll, 42, 0, 0, "Logical device name"},
    {0, kAll, 43, 0, kAll, "Security set-up"},
    {0, kAll, 43, 1, kAll, "Invocation counter"},
    {0, kAll, 43, 2, kAll, "Data protection"},
    {0, kAll, 44, 0, kAll, "Image transfer"},
    {0, kAll, 44, 1, kAll, "Function control"},
    {0, kAll, 44, 2, kAll, "Communication port protection"},
    {0, kAll, 96, 1, 0, "Serial number"},
    {0, kAll, 96, 1, kAll, "Device identifier"},
    {0, kAll, 96, 2, 0, "Number of configuration changes"},
    {0, kAll, 96, 2, 1, "Last configuration change"},
    {0, kAll, 96, 3, 10, "Disconnect control"},
    {0, kAll, 96, 3, kAll, "Inputs and outputs"},
    {0, kAll, 96, 4, kAll, "Internal control signals"},
    {0, kAll, 96, 5, kAll, "Internal operating status"},
    {0, kAll, 96, 6, 0, "Battery use time"},
    {0, kAll, 96, 6, 1, "Battery charge"},
    {0, kAll, 96, 6, 3, "Battery voltage"},
    {0, kAll, 96, 6, 6, "Battery time remaining"},
    {0, kAll, 96, 7, 21, "Number of power failures"},
    {0, kAll, 96, 7, 9, "Number of long power failures"},
    {0, kAll, 96, 7, 19, "Duration of the last long power failure"},
    {0, kAll, 96, 7, 20, "Threshold of long power failures"},
    {0, kAll, 96, 7, kAll, "Power failures"},
    {0, kAll, 96, 8, 0, "Operating time"},
    {0, kAll, 96, 8, kAll, "Operating time in a tariff"},
    {0, kAll, 96, 9, kAll, "Ambient temperature"},
    {0, kAll, 96, 10, kAll, "Status register"},
    {0, kAll, 96, 11, kAll, "Event code"},
    {0, kAll, 96, 12, 5, "Field strength"},
    {0, kAll, 96, 13, 0, "Message for the customer"},
    {0, kAll, 96, 13, 1, "Code for the customer"},
    {0, kAll, 96, 14, kAll, "Current tariff"},
    {0, kAll, 96, 15, kAll, "Event counter"},
    {0, kAll, 96, 20, kAll, "Manipulation events"},
    {0, kAll, 97, 97, kAll, "Error register"},
    {0, kAll, 97, 98, 0, "Alarm register 1"},
    {0, kAll, 97, 98, 1, "Alarm register 2"},
    {0, kAll, 97, 98, 10, "Alarm filter 1"},
    {0, kAll, 97, 98, 11, "Alarm filter 2"},
    {0, kAll, 97, 98, 20, "Alarm descriptor"},
    {0, kAll, 98, 1, kAll, "Billing profile"},
    {0, kAll, 98, 2, kAll, "Daily billing profile"},
    {0, kAll, 99, 97, kAll, "Power failure log"},
    {0, kAll, 99, 98, kAll, "Event log"},
    {1, kAll, 0, 0, kAll, "Electricity identifier"},
    {1, kAll, 0, 2, 0, "Firmware version"},
    {1, kAll, 0, 2, 8, "Firmware signature"},
    {1, kAll, 0, 3, 0, "Active energy pulse constant"},
    {1, kAll, 0, 3, 1, "Reactive energy pulse constant"},
    {1, kAll, 0, 3, 2, "Apparent energy pulse constant"},
    {1, kAll, 0, 3, 3, "Active energy output pulse constant"},
    {1, kAll, 0, 3, 4, "Reactive energy output pulse constant"},
    {1, kAll, 0, 4, 2, "Current transformer ratio"},
    {1, kAll, 0, 4, 3, "Voltage transformer ratio"},
    {1, kAll, 0, 6, 0, "Nominal voltage"},
    {1, kAll, 0, 6, 1, "Basic current"},
    {1, kAll, 0, 6, 2, "Nominal frequency"},
    {1, kAll, 0, 6, 3, "Maximum current"},
    {1, kAll, 0, 8, 0, "Demand period"},
    {1, kAll, 0, 8, 4, "Load profile period"},
    {1, kAll, 0, 8, 5, "Second load profile period"},
    {1, kAll, 0, 9, 1, "Local time"},
    {1, kAll, 0, 9, 2, "Local date"},
    {1, kAll, 0, 11, kAll, "Measurement algorithm"},
    {1, kAll, 96, 5, kAll, "Internal operating status"},
    {1, kAll, 97, 97, kAll, "Error register"},
    {1, kAll, 98, 1, kAll, "Billing profile"},
    {1, kAll, 99, 1, kAll, "Load profile"},
    {1, kAll, 99, 2, kAll, "Daily profile"},
    {1, kAll, 99, 3, kAll, "Monthly profile"},
    {1, kAll, 99, 4, kAll, "Voltage profile"},
    {1, kAll, 99, 97, kAll, "Power failure log"},
    {1, kAll, 99, 98, kAll, "Event log"},
};

/// Value group C of electricity: what is measured. `energy` is its name where D integrates it over time.
struct Quantity {
    std::uint8_t c;
    std::string_view name;
    std::string_view energy;
};

// IEC 62056-6-1, table of value group C codes for electricity; the same 20 numbers later once more for each phase.
constexpr Quantity kQuantities[] = {
    {1, "Active power import (+P)", "Active energy import (+A)"},
    {2, "Active power export (-P)", "Active energy export (-A)"},
    {3, "Reactive power import (+Q)", "Reactive energy import (+R)"},
    {4, "Reactive power export (-Q)", "Reactive energy export (-R)"},
    {5, "Reactive power Q1", "Reactive energy Q1"},
    {6, "Reactive power Q2", "Reactive energy Q2"},
    {7, "Reactive power Q3", "Reactive energy Q3"},
    {8, "Reactive power Q4", "Reactive energy Q4"},
    {9, "Apparent power import", "Apparent energy import"},
    {10, "Apparent power export", "Apparent energy export"},
    {11, "Current", "Ampere hours"},
    {12, "Voltage", "Volt hours"},
    {13, "Power factor", ""},
    {14, "Frequency", ""},
    {15, "Active power, absolute", "Active energy, absolute"},
    {16, "Active power, net", "Active energy, net"},
    {17, "Active power in Q1", "Active energy in Q1"},
    {18, "Active power in Q2", "Active energy in Q2"},
    {19, "Active power in Q3", "Active energy in Q3"},
    {20, "Active power in Q4", "Active energy in Q4"},
};

/// Value group D: how it was processed.
struct Processing {
    std::uint8_t d;
    bool energy;
    std::string_view text;
};
constexpr Processing kProcessings[] = {
    {2, false, "cumulative maximum"},
    {3, false, "minimum"},
    {4, false, "average of the current period"},
    {5, false, "average of the last period"},
    {6, false, "maximum demand"},
    {7, false, ""},
    {8, true, ""},
    {9, true, "over the billing period"},
    {10, true, "excess"},
    {14, false, "recent average"},
    {24, false, "average"},
    {27, false, "average of the recording interval"},
    {29, true, "in the recording interval"},
    {31, false, "threshold for sag"},
    {32, false, "number of sags"},
    {33, false, "duration of the last sag"},
    {34, false, "depth of the last sag"},
    {35, false, "threshold for swell"},
    {36, false, "number of swells"},
    {37, false, "duration of the last swell"},
    {38, false, "height of the last swell"},
};

std::string electricity_name(const dlms::LogicalName& name) {
    const std::uint8_t c = name.groups[2];
    const std::uint8_t d = name.groups[3];
    const std::uint8_t e = name.groups[4];
    if (c == 91 && d == 7) return "Neutral current";
    if (c == 81 && d == 7) return "Phase angle";
    if (c == 0 || c > 80) return {};
    const int phase = (c - 1) / 20;
    const auto* const quantity =
        std::ranges::find(kQuantities, static_cast<std::uint8_t>((c - 1) % 20 + 1), &Quantity::c);
    const auto* const processing = std::ranges::find(kProcessings, d, &Processing::d);
    if (quantity == std::end(kQuantities) || processing == std::end(kProcessings)) return {};
    const std::string_view base = processing->energy ? quantity->energy : quantity->name;
    if (base.empty()) return {};
    std::string text(base);
    if (phase != 0) text += fmt::format(" L{}", phase);
    if (!processing->text.empty()) text += fmt::format(", {}", processing->text);
    // For instantaneous values E numbers harmonics, elsewhere tariff rates.
    if (d == 7 && e == 124) return text + ", total harmonic distortion";
    if (d == 7 && e != 0) return text + fmt::format(", harmonic {}", e);
    if (e != 0) text += fmt::format(", rate {}", e);
    return text;
}

struct UnitSymbol {
    std::uint8_t unit;
    std::string_view symbol;
};

// IEC 62056-6-2, table of enumerated physical units.
constexpr UnitSymbol kUnits[] = {
    {1, "a"},      {2, "mo"},     {3, "wk"},        {4, "d"},         {5, "h"},        {6, "min"},   {7, "s"},
    {8, "°"},      {9, "°C"},     {10, "currency"}, {11, "m"},        {12, "m/s"},     {13, "m³"},   {14, "m³"},
    {15, "m³/h"},  {16, "m³/h"},  {17, "m³/d"},     {18, "m³/d"},     {19, "l"},       {20, "kg"},   {21, "N"},
    {22, "Nm"},    {23, "Pa"},    {24, "bar"},      {25, "J"},        {26, "J/h"},     {27, "W"},    {28, "VA"},
    {29, "var"},   {30, "Wh"},    {31, "VAh"},      {32, "varh"},     {33, "A"},       {34, "C"},    {35, "V"},
    {36, "V/m"},   {37, "F"},     {38, "Ω"},        {39, "Ωm²/m"},    {40, "Wb"},      {41, "T"},    {42, "A/m"},
    {43, "H"},     {44, "Hz"},    {45, "imp/Wh"},   {46, "imp/varh"}, {47, "imp/VAh"}, {48, "V²h"},  {49, "A²h"},
    {50, "kg/s"},  {51, "S"},     {52, "K"},        {53, "1/(V²h)"},  {54, "1/(A²h)"}, {55, "1/m³"}, {56, "%"},
    {57, "Ah"},    {60, "Wh/m³"}, {61, "J/m³"},     {62, "mol %"},    {63, "g/m³"},    {64, "Pa s"}, {65, "J/kg"},
    {66, "g/cm²"}, {67, "atm"},   {70, "dBm"},      {71, "dBµV"},     {72, "dB"},
};

}  // namespace

std::string object_name(const dlms::LogicalName& name) {
    const auto fits = [&name](const CodeName& row) {
        const std::int16_t groups[] = {row.a, row.b, row.c, row.d, row.e};
        for (std::size_t i = 0; i < std::size(groups); ++i) {
            if (groups[i] != kAll && groups[i] != name.groups[i]) return false;
        }
        return true;
    };
    const auto* const found = std::ranges::find_if(kCodes, fits);
    if (found != std::end(kCodes)) return std::string(found->name);
    return name.groups[0] == 1 ? electricity_name(name) : std::string{};
}

std::string obis_text(const dlms::LogicalName& name) {
    const auto& g = name.groups;
    std::string text = fmt::format("{}-{}:{}.{}.{}", g[0], g[1], g[2], g[3], g[4]);
    if (g[5] != 255) text += fmt::format("*{}", g[5]);
    return text;
}

std::string unit_symbol(std::uint8_t unit) {
    if (unit == 255) return {};
    const auto* const found = std::ranges::find(kUnits, unit, &UnitSymbol::unit);
    return found == std::end(kUnits) ? fmt::format("[unit {}]", unit) : std::string(found->symbol);
}

}  // namespace ferraris::decode
