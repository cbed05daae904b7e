/// Carries the pushes of a virtual meter: over TCP and UDP with the wrapper, and as HDLC UI frames over TCP, to the
/// "host:port" that the push setup says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "meter/meter.hpp"

namespace boost::asio {
class io_context;
}

namespace ferraris::twin {

struct PushSenderSettings {
    std::int64_t connect_timeout_ms{5000};
    /// For TCP's own acknowledgement, and for a data-notification-confirm where one is wanted.
    std::int64_t answer_timeout_ms{5000};
};

/// Runs in the thread of the io_context, as the meter does.
class PushSender {
public:
    /// `log` gets a line for each push that goes out or does not. `meter` outlives this.
    PushSender(boost::asio::io_context& io, meter::Meter& meter, const PushSenderSettings& settings,
               std::function<void(const std::string&)> log);
    ~PushSender();
    PushSender(const PushSender&) = delete;
    PushSender& operator=(const PushSender&) = delete;

    /// Sends what is due. Call it when the meter's time has passed.
    void run();
    /// Something is on its way.
    [[nodiscard]] bool busy() const;
    /// Calls `then` once, when nothing is on its way any more.
    void when_idle(std::function<void()> then);
    /// Drops what is on its way.
    void close();

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace ferraris::twin
