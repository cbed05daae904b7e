/// A measurement as lines of text, the same on every machine, so that two machines can be compared with `diff`.
#pragma once

#include <cstdint>

#include "metrology/measurement.hpp"

namespace ferraris::firmware {

/// `put(char)` takes the text.
template <class Put>
class Report {
public:
    explicit Report(Put put) : put_(put) {}

    void line(const char* name, std::int64_t value) {
        for (; *name != '\0'; ++name) put_(*name);
        put_(' ');
        number(value);
        put_('\n');
    }

    void measurement(const metrology::Measurement& m) {
        line("voltage_millivolts", m.voltage_millivolts);
        line("current_microamperes", m.current_microamperes);
        line("frequency_millihertz", m.frequency_millihertz);
        line("active_power_milliwatts", m.active_power_milliwatts);
        line("reactive_power_millivars", m.reactive_power_millivars);
        line("reactive_classical_millivars", m.reactive_classical_millivars);
        line("apparent_power_millivoltamperes", m.apparent_power_millivoltamperes);
        line("power_factor_millionths", m.power_factor_millionths);
        line("thd_voltage_hundredths_percent", m.thd_voltage_hundredths_percent);
        line("thd_current_hundredths_percent", m.thd_current_hundredths_percent);
        line("quadrant", static_cast<std::int64_t>(m.quadrant));
        for (const std::uint64_t energy : m.energy.microjoules) {
            line("energy_microjoules", static_cast<std::int64_t>(energy));
        }
    }

private:
    void number(std::int64_t value) {
        if (value < 0) {
            put_('-');
            value = -value;
        }
        if (value >= 10) number(value / 10);
        put_(static_cast<char>('0' + value % 10));
    }

    Put put_;
};

}  // namespace ferraris::firmware
