/// A firmware image of 256 KiB by each port, in simulated time: how long the transfer takes, and how much of that the
/// line is busy. From SNRM to the end of the link, the sign-on of the optical port not counted; then verification, with
/// a question a second.
///
/// Client and meter are the real ones, messages are authenticated and encrypted; the line is arithmetic: ten bits an
/// octet, one direction at a time, and a pause each time that the direction changes. The network has no such line: a
/// round trip each block.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "client_driver.hpp"
#include "crypto/openssl.hpp"
#include "dlms/data.hpp"
#include "dlms/hdlc/client.hpp"
#include "meter/image/image_area.hpp"
#include "twin/hdlc_line.hpp"
#include "twin/test_factory.hpp"
#include "twin/virtual_meter.hpp"

namespace {

using namespace ferraris;

constexpr std::int64_t kTurnaround_us = 10'000;
constexpr dlms::LogicalName kTransferObject = dlms::obis(0, 0, 44, 0, 0);
constexpr std::array<std::uint8_t, 2> kZero{0x0F, 0x00};

void need(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "image_transfer: %s\n", what);
    std::exit(1);
}

struct PortCase {
    const char* name;
    std::int64_t baud;
    std::uint16_t information_field;
    std::uint8_t window;
};
constexpr std::array kPorts{
    PortCase{"optical port, 300 Bd", 300, 2030, dlms::hdlc::kMaxWindow},
    PortCase{"optical port, RS485, 9,600 Bd", 9600, 2030, dlms::hdlc::kMaxWindow},
    PortCase{"the same, fields of 128 octets, window 1", 9600, 128, 1},
    PortCase{"optical port, RS485, 19,200 Bd", 19200, 2030, dlms::hdlc::kMaxWindow},
    PortCase{"module port, 115,200 Bd", 115200, 2030, dlms::hdlc::kMaxWindow},
};

/// A client of the utility at the other end of a half duplex line, in simulated time.
class Sender {
public:
    Sender(dlms::LogicalDevice& device, bench::Utility& utility, const PortCase& port)
        : port_(port),
          meter_{device, utility.crypto, log_},
          server_(meter_, {}, "bench"),
          hdlc_(config(port), frame_, apdu_),
          association_(utility) {}

    void connect() {
        hdlc_.connect(now_ms());
        need(run() == dlms::HdlcClientEventKind::connected, "no HDLC link");
        association_.associate([this](ByteView apdu) { return exchange(apdu); });
    }
    void disconnect() {
        hdlc_.disconnect(now_ms());
        need(run() == dlms::HdlcClientEventKind::disconnected, "no end of the link");
    }
    dlms::ActionResult call(std::int8_t method, ByteView parameters) {
        std::array<std::uint8_t, 64> returned{};
        dlms::SpanSink sink(returned);
        dlms::Progress progress = association_.session.action({18, kTransferObject, method}, parameters, sink);
        while (progress.step == dlms::Step::send) {
            answer_ = exchange(progress.apdu);
            progress = association_.session.receive(answer_);
        }
        need(progress.step == dlms::Step::done, "ACTION failed");
        return progress.action_result;
    }
    [[nodiscard]] double seconds() const { return static_cast<double>(now_us_) / 1e6; }
    [[nodiscard]] double share() const { return static_cast<double>(busy_us_) / static_cast<double>(now_us_); }

private:
    static dlms::HdlcClientConfig config(const PortCase& port) {
        dlms::HdlcClientConfig config;
        config.client_sap = 1;
        config.parameters = {port.information_field, port.information_field, port.window, port.window};
        config.response_timeout_ms = 600'000;
        return config;
    }
    [[nodiscard]] std::int64_t now_ms() const { return now_us_ / 1000; }
    void carry(std::size_t octets) {
        const std::int64_t duration_us = static_cast<std::int64_t>(octets) * 10'000'000 / port_.baud;
        now_us_ += duration_us;
        busy_us_ += duration_us;
    }
    std::vector<std::uint8_t> exchange(ByteView apdu) {
        const std::vector<std::uint8_t> request(apdu.begin(), apdu.end());
        need(hdlc_.send(request, now_ms()), "HDLC is not ready");
        need(run() == dlms::HdlcClientEventKind::apdu, "no answer");
        return answer_;
    }
    /// Turns and turns again until the client has an event.
    dlms::HdlcClientEventKind run() {
        for (;;) {
            std::array<std::uint8_t, 16'384> octets{};
            ByteWriter out(octets);
            (void)hdlc_.pull(out, now_ms());
            need(out.size() != 0, "the client waits for ever");
            carry(out.size());
            now_us_ += kTurnaround_us;
            std::vector<std::uint8_t> reply;
            ByteView in = out.written();
            while (!in.empty()) {
                server_.receive(in, now_ms());
                for (ByteView some = server_.pull(now_ms()); !some.empty(); some = server_.pull(now_ms())) {
                    reply.insert(reply.end(), some.begin(), some.end());
                }
            }
            carry(reply.size());
            now_us_ += kTurnaround_us;
            in = reply;
            while (!in.empty()) {
                const dlms::HdlcClientEvent event = hdlc_.receive(in, now_ms());
                if (event.kind == dlms::HdlcClientEventKind::none) continue;
                answer_.assign(event.apdu.begin(), event.apdu.end());
                return event.kind;
            }
        }
    }

    const PortCase& port_;
    twin::CountedLog log_{[](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); },
                          [] { return std::int64_t{0}; }};
    twin::MeterService meter_;
    twin::HdlcLine server_;
    std::vector<std::uint8_t> frame_ = std::vector<std::uint8_t>(dlms::hdlc::frame_room(2030));
    std::vector<std::uint8_t> apdu_ = std::vector<std::uint8_t>(65'536);
    std::vector<std::uint8_t> answer_{};
    dlms::HdlcClient hdlc_;
    bench::Association association_;
    std::int64_t now_us_{0};
    std::int64_t busy_us_{0};
};

template <class Write>
std::vector<std::uint8_t> parameters_of(Write&& write) {
    std::vector<std::uint8_t> octets(1024);
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    write(data);
    octets.resize(out.size());
    return octets;
}

/// As large as an image may be, signed for the meter of `settings`.
std::vector<std::uint8_t> largest_image(Crypto& crypto, twin::VirtualMeterSettings& settings) {
    std::vector<std::uint8_t> payload(meter::kMaxImageSize - meter::kImageHeaderSize);
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>(i * 131 + i / 253);
    meter::ImageHeader header;
    need(meter::set_hardware(header, meter::kHardwareType), "no hardware");
    header.version = {0, 2, 0};
    header.payload_size = header.legal_size = static_cast<std::uint32_t>(payload.size());
    for (std::size_t at = 0; at < payload.size(); at += meter::kImagePiece) {
        const ByteView piece = ByteView(payload).subspan(at, std::min(meter::kImagePiece, payload.size() - at));
        need(meter::add_to_digest(crypto, piece, header.digest), "no digest");
    }
    std::vector<std::uint8_t> image(meter::kImageHeaderSize);
    meter::encode_image_header(header, image);
    std::array<std::uint8_t, 32> private_key{};
    need(crypto.generate_key_pair(Curve::p256, private_key, settings.factory.firmware_key), "no key pair");
    const std::array<ByteView, 1> message{ByteView(image).first(meter::kImageSignedSize)};
    need(crypto.sign(Curve::p256, private_key, message, header.signature), "no signature");
    meter::encode_image_header(header, image);
    image.insert(image.end(), payload.begin(), payload.end());
    return image;
}

struct PortFigure {
    double seconds{0};
    double share{0};
    int verification_seconds{0};
};

PortFigure measure(const PortCase& port, Crypto& crypto) {
    twin::VirtualMeterSettings settings;
    settings.start = utc_from_civil({2026, 3, 2, 0, 0, 0, 0});
    settings.factory = twin::test_factory_settings();
    const std::vector<std::uint8_t> image = largest_image(crypto, settings);
    auto opened = twin::VirtualMeter::open(settings, crypto);
    need(opened.has_value(), "the meter does not start");
    twin::VirtualMeter& twin = **opened;
    dlms::Association local;
    local.client_sap = 1;
    const std::array<std::uint8_t, 2> yes{0x03, 0xFF};
    need(twin.device().write({local, {true, true}}, {18, kTransferObject, 5}, nullptr, yes) ==
             dlms::DataAccessResult::success,
         "image transfer cannot be switched on");
    bench::Utility utility(crypto);
    Sender sender(twin.device(), utility, port);
    sender.connect();
    need(sender.call(1, parameters_of([&](dlms::DataWriter& data) {
                         data.structure(2);
                         data.octet_string(octets_of("bench"));
                         data.double_long_unsigned(static_cast<std::uint32_t>(image.size()));
                     })) == dlms::ActionResult::success,
         "no transfer is initiated");
    constexpr std::uint32_t kBlock = meter::ImageArea::kBlockSize;
    for (std::uint32_t number = 0; number < image.size() / kBlock; ++number) {
        need(sender.call(2, parameters_of([&](dlms::DataWriter& data) {
                             data.structure(2);
                             data.double_long_unsigned(number);
                             data.octet_string(ByteView(image).subspan(std::size_t{number} * kBlock, kBlock));
                         })) == dlms::ActionResult::success,
             "a block is refused");
    }
    PortFigure figure{sender.seconds(), sender.share()};
    while (sender.call(3, kZero) == dlms::ActionResult::temporary_failure) {
        twin.advance(1);
        ++figure.verification_seconds;
    }
    need(twin.device().instrument().images.status() == meter::ImageStatus::verification_successful,
         "the image is not verified");
    sender.disconnect();
    return figure;
}

}  // namespace

int main(int argc, char** argv) {
    const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
    const auto crypto = make_openssl_crypto();
    if (json) std::printf("[");
    const char* separator = "";
    for (const PortCase& port : kPorts) {
        const PortFigure figure = measure(port, *crypto);
        if (json) {
            std::printf("%s{\"name\": \"%s\", \"seconds\": %.1f, \"share_of_line\": %.4f, \"verification_s\": %d}",
                        separator, port.name, figure.seconds, figure.share, figure.verification_seconds);
            separator = ", ";
        } else {
            std::printf("%-42s %8.1f s, line busy %5.1f %%, then %d s of verification\n", port.name, figure.seconds,
                        100 * figure.share, figure.verification_seconds);
        }
    }
    if (json) std::printf("]\n");
    return 0;
}
