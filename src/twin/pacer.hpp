/// Lets a virtual meter's time pass: at the pace of the wall clock, faster, or as fast as the machine can.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/civil_time.hpp"
#include "twin/push_sender.hpp"
#include "twin/virtual_meter.hpp"

namespace boost::asio {
class io_context;
}

namespace ferraris::twin {

struct Pace {
    double speed{1};                     ///< seconds of the meter in a second; 0: as many as the machine can
    std::optional<UtcTime> until{};      ///< then the meter's time stands still, and it only answers
    std::function<void()> after_time{};  ///< called when some of it has passed, and there is power
    /// When the meter's time was what it began with.
    std::chrono::steady_clock::time_point began{std::chrono::steady_clock::now()};
};

/// How time passes now.
struct PaceState {
    double speed{1};      ///< as it was asked for; 0: as fast as the machine can
    bool paused{false};   ///< somebody paused it
    bool leaping{false};  ///< on the way to the time of `leap_to`
};

class Pacer {
public:
    /// `log` is told when the end is reached, and when the machine cannot keep the pace. `pushes` sends what comes due;
    /// at the greatest speed the meter's time waits for it, so that no push of a simulation is lost to its haste.
    Pacer(boost::asio::io_context& io, VirtualMeter& meter, PushSender& pushes, const Pace& pace,
          std::function<void(const std::string&)> log);
    ~Pacer();
    Pacer(const Pacer&) = delete;
    Pacer& operator=(const Pacer&) = delete;

    /// Tells the meter what time it is now, to the millisecond: to be called before it answers a request. As fast as
    /// the machine can, and where time stands still, whole seconds are all there is.
    void observe();
    /// From now on so many seconds in a second, also when time was paused; what it was behind is forgotten.
    void set_speed(double speed);
    /// Time stands still until `set_speed`.
    void pause();
    /// As fast as the machine can until `time`, then with the speed of the wall clock.
    void leap_to(UtcTime time);
    [[nodiscard]] PaceState state() const;
    void stop();

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace ferraris::twin
