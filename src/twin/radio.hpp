/// The radio of a virtual meter: what it would send goes to files, to this machine's network and to the terminal.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "meter/meter.hpp"

namespace boost::asio {
class io_context;
}

namespace ferraris::twin {

/// A frame with its check octets, as receivers hand it on: octets in a datagram, or a line of hex.
struct RadioDestination {
    enum class Kind : std::uint8_t { hex, file, udp };
    Kind kind{Kind::hex};
    std::string name{};  ///< of a file; lines are appended. Of udp: the host
    std::uint16_t port{0};
    bool chips{false};  ///< hex and file: what goes over the air, with preamble, sync word and coding
};

class Radio {
public:
    /// `print` gets the lines of hex. std::runtime_error: a file that cannot be written, a host that
    /// is none. `meter` outlives this.
    Radio(boost::asio::io_context& io, meter::Meter& meter, RadioDestination destination,
          std::function<void(const std::string&)> print, std::function<void(const std::string&)> log);
    ~Radio();
    Radio(const Radio&) = delete;
    Radio& operator=(const Radio&) = delete;

    /// Sends what is due. Call it when the meter's time has passed.
    void run();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ferraris::twin
