#include "cli/channel.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "cli/error.hpp"
#include "twin/serial_device.hpp"

namespace ferraris::cli {
namespace {

class File {
public:
    explicit File(int number) : number_(number) {}
    ~File() {
        if (number_ >= 0) ::close(number_);
    }
    File(File&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    File& operator=(File&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

/// True when the file became ready before the deadline.
bool wait_for(int file, short events, Deadline deadline) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
        pollfd wanted{file, events, 0};
        const int ready = ::poll(&wanted, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 3600'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) throw CliError(fmt::format("waiting failed: {}", std::strerror(errno)));
        if (left <= 0) return false;
    }
}

class Descriptor : public Channel {
public:
    enum class Kind : std::uint8_t { line, stream, datagrams };

    Descriptor(File file, std::string where, Kind kind)
        : file_(std::move(file)), where_(std::move(where)), kind_(kind) {}

    void send(ByteView octets, Deadline deadline) override {
        while (!octets.empty()) {
            const ssize_t count = kind_ == Kind::line
                                      ? ::write(file_.number(), octets.data(), octets.size())
                                      : ::send(file_.number(), octets.data(), octets.size(), MSG_NOSIGNAL);
            if (count > 0) {
                octets = kind_ == Kind::datagrams ? ByteView{} : octets.subspan(static_cast<std::size_t>(count));
            } else if (errno == EAGAIN) {
                if (!wait_for(file_.number(), POLLOUT, deadline)) {
                    throw CliError(fmt::format("{} takes no more octets; is the meter still there?", where_));
                }
            } else if (errno != EINTR) {
                lost();
            }
        }
    }

    std::size_t receive(ByteSpan into, Deadline deadline) override {
        while (wait_for(file_.number(), POLLIN, deadline)) {
            const ssize_t count = ::read(file_.number(), into.data(), into.size());
            if (count > 0) return static_cast<std::size_t>(count);
            if (count == 0 && kind_ != Kind::datagrams) {
                throw CliError(fmt::format(
                    "{} closed the connection; it may serve one client at a time, or refuse this client or its keys",
                    where_));
            }
            if (count < 0 && errno != EAGAIN && errno != EINTR) lost();
        }
        return 0;
    }

    void set_baud(std::uint32_t baud) override {
        if (kind_ != Kind::line || twin::set_baud(file_.number(), baud)) return;
        throw CliError(
            fmt::format("{} does not take {} baud: {}; try another optical head", where_, baud, std::strerror(errno)));
    }

private:
    [[noreturn]] void lost() const {
        if (kind_ == Kind::datagrams && errno == ECONNREFUSED) {
            throw CliError(fmt::format("nothing listens at {}; check host and port", where_));
        }
        throw CliError(fmt::format("the connection to {} broke: {}; try again", where_, std::strerror(errno)));
    }

    File file_;
    std::string where_;
    Kind kind_;
};

struct AddressList {
    explicit AddressList(addrinfo* first) : list(first) {}
    ~AddressList() { ::freeaddrinfo(list); }
    AddressList(const AddressList&) = delete;
    AddressList& operator=(const AddressList&) = delete;
    addrinfo* list;
};

/// 0, or the error number of the attempt.
int connect_within(int socket, const addrinfo& to, Deadline deadline) {
    if (::connect(socket, to.ai_addr, to.ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    if (!wait_for(socket, POLLOUT, deadline)) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

std::string connect_advice(int error, const Address& address) {
    switch (error) {
        case ECONNREFUSED:
            return fmt::format("nothing listens at {}; check host and port, and that the meter runs", address.text());
        case ETIMEDOUT:
            return fmt::format("{} does not answer; check the address, or allow more time with --timeout",
                               address.text());
        default:
            return fmt::format("{} cannot be reached: {}; check the network", address.text(), std::strerror(error));
    }
}

std::unique_ptr<Channel> open_socket(const Address& address, Deadline deadline) {
    const bool datagrams = address.datagrams();
    addrinfo hints{};
    hints.ai_socktype = datagrams ? SOCK_DGRAM : SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int result = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
    if (result != 0) {
        throw CliError(
            fmt::format("the host \"{}\" is not known: {}; check the name", address.host, ::gai_strerror(result)));
    }
    const AddressList addresses(found);
    int error = EHOSTUNREACH;
    for (const addrinfo* to = addresses.list; to != nullptr; to = to->ai_next) {
        File socket(::socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to->ai_protocol));
        if (socket.number() < 0) continue;
        error = connect_within(socket.number(), *to, deadline);
        if (error != 0) continue;
        const int on = 1;
        if (!datagrams) (void)::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return std::make_unique<Descriptor>(std::move(socket), address.text(),
                                            datagrams ? Descriptor::Kind::datagrams : Descriptor::Kind::stream);
    }
    throw CliError(connect_advice(error, address));
}

std::unique_ptr<Channel> open_serial(const Address& address) {
    File line(::open(address.host.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (line.number() < 0) {
        const std::string_view advice =
            errno == EACCES ? "add yourself to the group dialout" : "check the device's name and cable";
        throw CliError(
            fmt::format("the serial line {} cannot be opened: {}; {}", address.host, std::strerror(errno), advice));
    }
    termios settings{};
    if (::tcgetattr(line.number(), &settings) != 0) {
        throw CliError(fmt::format("{} is no serial line; check the device's name", address.host));
    }
    ::cfmakeraw(&settings);
    settings.c_cflag |= CREAD | CLOCAL;
    settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS | CSIZE | PARENB);
    settings.c_cflag |= address.line == "7E1" ? static_cast<tcflag_t>(CS7 | PARENB) : static_cast<tcflag_t>(CS8);
    ::cfsetispeed(&settings, twin::speed_code(address.baud));
    ::cfsetospeed(&settings, twin::speed_code(address.baud));
    if (::tcsetattr(line.number(), TCSANOW, &settings) != 0) {
        throw CliError(fmt::format("{} does not take {} baud {}: {}; try another baud=", address.host, address.baud,
                                   address.line, std::strerror(errno)));
    }
    ::tcflush(line.number(), TCIOFLUSH);
    return std::make_unique<Descriptor>(std::move(line), address.text(), Descriptor::Kind::line);
}

}  // namespace

std::unique_ptr<Channel> open_channel(const Address& address, std::chrono::milliseconds timeout) {
    if (address.serial()) return open_serial(address);
    return open_socket(address, SteadyClock::now() + timeout);
}

}  // namespace ferraris::cli
