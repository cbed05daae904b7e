/// Ciphered GETs over loopback beside a bare echo: the same client, the same octets on the wire, turn by turn in one
/// run, so that a slow moment of the machine hits both, and with the client on one core and either server on the next,
/// so that a thread that is woken on another core than before costs neither. The requests are sealed ahead; the client
/// only sends, waits and checks the size. The echo is a thread in a blocking read and write: nothing on a socket does
/// less.
///
///     bench_loopback [--json]
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "client_driver.hpp"
#include "dlms/wrapper.hpp"
#include "twin/ports.hpp"
#include "twin/virtual_meter.hpp"

namespace {

using namespace ferraris;
using Seconds = std::chrono::duration<double>;

void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "bench_loopback: %s\n", what);
    std::exit(1);
}

/// Keeps the calling thread on a core, where there are two.
void stay_on_core(std::size_t core) {
    if (std::thread::hardware_concurrency() < 2) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

class Socket {
public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {
        const int one = 1;
        (void)setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&&) = delete;
    ~Socket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    static Socket connect(std::uint16_t port) {
        Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        require(::connect(socket.descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
        return socket;
    }
    [[nodiscard]] int descriptor() const { return descriptor_; }
    void write(ByteView octets) const {
        require(::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size()),
                "short write");
    }
    /// False at the end of the connection.
    bool read(ByteSpan octets) const {
        std::size_t have = 0;
        while (have < octets.size()) {
            const ssize_t count = ::recv(descriptor_, octets.data() + have, octets.size() - have, 0);
            if (count <= 0) return false;
            have += static_cast<std::size_t>(count);
        }
        return true;
    }

private:
    int descriptor_;
};

std::vector<std::uint8_t> wrapped(ByteView apdu) {
    std::vector<std::uint8_t> buffer(apdu.size() + dlms::kWrapperHeaderOctets);
    ByteWriter out(buffer);
    require(dlms::write_wrapper({1, 1, apdu}, out), "wrapper");
    return buffer;
}

std::vector<std::uint8_t> receive(const Socket& socket) {
    std::array<std::uint8_t, dlms::kWrapperHeaderOctets> header{};
    require(socket.read(header), "the meter closed the connection");
    std::vector<std::uint8_t> answer(static_cast<std::size_t>(header[6] << 8 | header[7]));
    require(socket.read(answer), "the meter closed the connection");
    return answer;
}

std::vector<std::uint8_t> ask(const Socket& socket, ByteView apdu) {
    socket.write(wrapped(apdu));
    return receive(socket);
}

/// Answers every `request_size` octets with `answer_size` octets.
void echo(int listener, std::size_t request_size, std::size_t answer_size) {
    stay_on_core(1);
    const Socket socket(::accept(listener, nullptr, nullptr));
    std::vector<std::uint8_t> request(request_size);
    const std::vector<std::uint8_t> answer(answer_size, 0x55);
    while (socket.read(request)) socket.write(answer);
}

/// Seconds for sending each request in turn and waiting for its answer.
double round_trips(const Socket& socket, const std::vector<std::vector<std::uint8_t>>& requests, ByteSpan answer) {
    const auto begin = std::chrono::steady_clock::now();
    for (const auto& request : requests) {
        socket.write(request);
        require(socket.read(answer), "connection closed");
    }
    return Seconds(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// A meter that serves in a thread of its own, as it does in `ferraris meter`.
class ServedMeter {
public:
    ServedMeter() : crypto_(make_openssl_crypto()) {
        twin::VirtualMeterSettings settings;
        settings.default_start = UtcTime::from_seconds(1'780'000'000);
        settings.factory = twin::test_factory_settings();
        auto meter = twin::VirtualMeter::open(settings, *crypto_);
        require(meter.has_value(), "no meter");
        meter_ = std::move(*meter);
        ports_ = std::make_unique<twin::Ports>(io_, meter_->device(), *crypto_, twin::PortSettings{},
                                               [](const std::string&) {});
        port = ports_->listen_wrapper({"127.0.0.1", 0});
        thread_ = std::thread([this] {
            stay_on_core(1);
            io_.run();
        });
    }
    ~ServedMeter() {
        io_.stop();
        thread_.join();
    }

    std::uint16_t port{0};

private:
    std::unique_ptr<Crypto> crypto_;
    boost::asio::io_context io_{1};
    std::unique_ptr<twin::VirtualMeter> meter_;
    std::unique_ptr<twin::Ports> ports_;
    std::thread thread_;
};

struct Comparison {
    double gets_per_second;
    double echoes_per_second;
    double ratio;  ///< median over the rounds
};

Comparison one_connection() {
    constexpr int kRounds = 21;
    constexpr std::size_t kPerRound = 2000;
    ServedMeter meter;
    const auto crypto = make_openssl_crypto();
    const Socket socket = Socket::connect(meter.port);
    bench::Utility client(*crypto);
    bench::Association association(client);
    association.associate([&](ByteView apdu) { return ask(socket, apdu); });
    const std::size_t answer_size = ask(socket, client.seal(bench::kGetImport)).size() + 8;
    const std::size_t request_size = wrapped(client.seal(bench::kGetImport)).size();

    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    require(::bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0 && ::listen(listener, 1) == 0 &&
                ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0,
            "no port for the echo");
    std::thread echo_thread(echo, listener, request_size, answer_size);
    std::vector<double> get_times;
    std::vector<double> echo_times;
    std::vector<double> ratios;
    {
        const Socket echo_socket = Socket::connect(ntohs(address.sin_port));
        std::vector<std::uint8_t> answer(answer_size);
        for (int round = 0; round < kRounds; ++round) {
            std::vector<std::vector<std::uint8_t>> requests;
            for (std::size_t i = 0; i < kPerRound; ++i) requests.push_back(wrapped(client.seal(bench::kGetImport)));
            const double gets = round_trips(socket, requests, answer);
            const double echoes = round_trips(echo_socket, requests, answer);
            if (round == 0) continue;  // warm-up
            get_times.push_back(gets / kPerRound);
            echo_times.push_back(echoes / kPerRound);
            ratios.push_back(echoes / gets);
        }
    }
    echo_thread.join();
    ::close(listener);
    return {1 / median(get_times), 1 / median(echo_times), median(ratios)};
}

/// A hundred connections with a ciphered GET under way on each, from one client thread that seals and opens too. Each
/// association has a dedicated key: the counter of one global key cannot rise on a hundred connections at once.
double hundred_connections() {
    constexpr std::size_t kConnections = 100;
    constexpr std::size_t kRequests = 300;
    ServedMeter meter;
    const auto crypto = make_openssl_crypto();
    bench::Utility client(*crypto);
    std::vector<std::unique_ptr<Socket>> sockets;
    std::vector<std::unique_ptr<bench::Association>> associations;
    for (std::size_t i = 0; i < kConnections; ++i) {
        sockets.push_back(std::make_unique<Socket>(Socket::connect(meter.port)));
        associations.push_back(std::make_unique<bench::Association>(client, true));
        associations.back()->associate([&](ByteView apdu) { return ask(*sockets.back(), apdu); });
    }
    std::array<std::uint8_t, 64> value{};
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < kRequests; ++i) {
        std::vector<dlms::SpanSink> sinks(kConnections, dlms::SpanSink(value));
        for (std::size_t c = 0; c < kConnections; ++c) {
            sockets[c]->write(wrapped(associations[c]->session.get({bench::kImport, {}}, sinks[c]).apdu));
        }
        for (std::size_t c = 0; c < kConnections; ++c) {
            auto answer = receive(*sockets[c]);
            require(associations[c]->session.receive(answer).step == dlms::Step::done, "a GET failed");
        }
    }
    return kConnections * kRequests / Seconds(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
    const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
    stay_on_core(0);
    const Comparison one = one_connection();
    const double hundred = hundred_connections();
    if (json) {
        std::printf(
            "{\"ciphered_gets_per_second\": %.0f, \"bare_echoes_per_second\": %.0f, \"ratio\": %.3f, "
            "\"gets_per_second_on_100_connections\": %.0f}\n",
            one.gets_per_second, one.echoes_per_second, one.ratio, hundred);
    } else {
        std::printf(
            "one connection: %.0f ciphered GETs a second, %.0f bare echoes a second: %.1f %%\n"
            "100 connections: %.0f GETs a second\n",
            one.gets_per_second, one.echoes_per_second, 100 * one.ratio, hundred);
    }
    return 0;
}
