/// A load from a file of minutes, in the format of the public data set "Individual household electric power
/// consumption": `Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;…`, kW, kvar, V and A,
/// means over the minute that begins at the time given; times are taken as UTC. Power is constant within its minute.
#pragma once

#include <filesystem>
#include <vector>

#include "twin/load.hpp"

namespace ferraris::twin {

class MinutesLoad final : public Load {
public:
    /// The error is "file:line: reason": a field that is no number, a wrong number of fields, a date that does not
    /// exist, a minute that does not follow the one before.
    [[nodiscard]] static Result<MinutesLoad, std::string> open(const std::filesystem::path& path);

    /// From the first minute again when the file is over; before it begins, as if it had been running in a loop.
    [[nodiscard]] metrology::Measurement second(UtcTime end) override;
    [[nodiscard]] std::optional<UtcTime> begin() const override { return begin_; }
    [[nodiscard]] std::optional<UtcTime> end() const override {
        return UtcTime::from_seconds(begin_.seconds() + static_cast<std::int64_t>(minutes_.size()) * 60);
    }
    [[nodiscard]] const std::vector<Mains>& minutes() const { return minutes_; }

private:
    MinutesLoad(UtcTime begin, std::vector<Mains> minutes) : begin_(begin), minutes_(std::move(minutes)) {}

    UtcTime begin_;
    std::vector<Mains> minutes_;
};

}  // namespace ferraris::twin
