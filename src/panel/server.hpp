/// HTTP and WebSocket for the panel (Boost.Beast, of which nothing else knows): gives out the page, tells browsers what
/// is new, takes their commands. It knows no meter.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "panel/view.hpp"
#include "twin/ports.hpp"

namespace ferraris::panel {

class Server {
public:
    struct Callbacks {
        /// A whole message of a browser; what it gives back is the answer, empty: none. `bad`: it was no command.
        std::function<std::string(std::string_view message, bool& bad)> command{};
        /// The first browser has come (true), the last one has gone.
        std::function<void(bool watched)> watched{};
        std::function<void(const std::string&)> log{};
    };

    /// `view` outlives it.
    Server(boost::asio::io_context& io, const View& view, Callbacks callbacks);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// As `Panel::listen`.
    std::uint16_t listen(const twin::Endpoint& endpoint);
    /// Tells each browser that can take it what is new.
    void broadcast();
    void close();

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace ferraris::panel
