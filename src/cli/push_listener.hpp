/// The sockets on which meters push: the wrapper or HDLC frames, over TCP or UDP, from many senders at once.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "cli/address.hpp"
#include "cli/key_file.hpp"

namespace boost::asio {
class io_context;
}

namespace ferraris::cli {

struct PushArrival {
    std::string from{};            ///< "127.0.0.1:50622"
    std::uint16_t destination{0};  ///< client SAP that the push is for
    std::uint16_t source{0};       ///< logical device that it is from
    ByteView apdu{};               ///< whole: blocks are put together
};

class PushListener {
public:
    /// `arrived` gives back what to answer, which over HDLC is not sent: UI frames have no answer. `damaged` is told of
    /// octets that are no push; the senders go on.
    struct Handlers {
        std::function<Octets(const PushArrival&)> arrived;
        std::function<void(const std::string& from, const std::string& what)> damaged;
    };

    /// Throws CliError when the address cannot be listened on.
    PushListener(boost::asio::io_context& io, const Address& address, Handlers handlers);
    ~PushListener();
    PushListener(const PushListener&) = delete;
    PushListener& operator=(const PushListener&) = delete;

    void close();

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace ferraris::cli
