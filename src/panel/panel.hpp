/// The front panel: one page that shows and works a virtual meter as it hangs on the wall, served to browsers.
///
///     panel::Panel panel(io, meter, pacer, log);
///     port_settings.heard = [&panel](const twin::Heard& heard) { panel.hear(heard); };
///     const std::uint16_t port = panel.listen({"127.0.0.1", 8080});
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "twin/heard.hpp"
#include "twin/pacer.hpp"
#include "twin/ports.hpp"
#include "twin/virtual_meter.hpp"

namespace ferraris::panel {

/// Everything runs in the thread of the io_context, between two seconds of the meter; while no browser looks on,
/// nothing does.
class Panel {
public:
    /// All outlive it. `log` gets what an operator may want to know.
    Panel(boost::asio::io_context& io, twin::VirtualMeter& meter, twin::Pacer& pacer,
          std::function<void(const std::string&)> log);
    ~Panel();
    Panel(const Panel&) = delete;
    Panel& operator=(const Panel&) = delete;

    /// Gives back the port in use; throws std::runtime_error, with the address and what to do, when it cannot be had.
    std::uint16_t listen(const twin::Endpoint& endpoint);
    /// What goes over the meter's ports.
    void hear(const twin::Heard& heard);
    void close();

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace ferraris::panel
