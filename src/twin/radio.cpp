#include "twin/radio.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/hex.hpp"
#include "mbus/frame.hpp"

namespace ferraris::twin {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

std::string_view problem_text(meter::WirelessProblem problem) {
    switch (problem) {
        case meter::WirelessProblem::counter:
            return "its message counter is used up or the flash fails";
        case meter::WirelessProblem::key:
            return "it could not be ciphered";
        case meter::WirelessProblem::too_long:
            return "it is too long";
    }
    return "of an unknown reason";
}

}  // namespace

class Radio::Implementation {
public:
    Implementation(asio::io_context& io, meter::Meter& meter, RadioDestination destination,
                   std::function<void(const std::string&)> print, std::function<void(const std::string&)> log)
        : meter_(meter), destination_(std::move(destination)), print_(std::move(print)), log_(std::move(log)) {
        if (destination_.kind == RadioDestination::Kind::file) {
            file_.open(destination_.name, std::ios::app);
            if (!file_) throw std::runtime_error(fmt::format("the file {} cannot be written", destination_.name));
        }
        if (destination_.kind == RadioDestination::Kind::udp) {
            receiver_ = udp::endpoint(asio::ip::make_address(destination_.name), destination_.port);
            socket_.emplace(io, receiver_.protocol());
        }
    }

    void run() {
        while (meter_.telegram_due()) {
            const meter::WirelessSetup setup = meter_.instrument().wireless.setup();
            std::vector<std::uint8_t> frame(mbus::kMaxFrame);
            const auto size = meter_.next_telegram(frame);
            if (!size) {
                log_(fmt::format("no telegram: {}", problem_text(size.error())));
                return;
            }
            frame.resize(*size);
            send(setup, frame);
        }
    }

private:
    void send(const meter::WirelessSetup& setup, ByteView frame) {
        if (destination_.kind == RadioDestination::Kind::udp) {
            boost::system::error_code error;
            socket_->send_to(asio::buffer(frame.data(), frame.size()), receiver_, 0, error);
            // Radio has no receiver that could be missing.
            if (error && error != asio::error::connection_refused) tell(error.message());
            return;
        }
        std::vector<std::uint8_t> line(frame.begin(), frame.end());
        if (destination_.chips) {
            line.resize(mbus::kMaxChips);
            line.resize(mbus::write_chips(setup.mode(), setup.frame_format(), frame, line));
        }
        if (destination_.kind == RadioDestination::Kind::hex) return print_(to_hex(line));
        file_ << to_hex(line) << std::endl;
        if (!file_) {
            tell(fmt::format("the file {} takes no more", destination_.name));
            file_.clear();
        }
    }

    void tell(const std::string& why) {
        if (why == told_) return;
        told_ = why;
        log_(fmt::format("a telegram was lost: {}", why));
    }

    meter::Meter& meter_;
    RadioDestination destination_;
    std::function<void(const std::string&)> print_;
    std::function<void(const std::string&)> log_;
    std::ofstream file_{};
    std::optional<udp::socket> socket_{};
    udp::endpoint receiver_{};
    std::string told_{};
};

Radio::Radio(asio::io_context& io, meter::Meter& meter, RadioDestination destination,
             std::function<void(const std::string&)> print, std::function<void(const std::string&)> log)
    : implementation_(
          std::make_unique<Implementation>(io, meter, std::move(destination), std::move(print), std::move(log))) {}
Radio::~Radio() = default;
void Radio::run() { implementation_->run(); }

}  // namespace ferraris::twin
