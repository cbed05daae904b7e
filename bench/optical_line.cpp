/// A week of four channels at 15 minutes over an optical line of 9,600 Bd, in simulated time: how long it takes, and
/// how much of that the line is busy; then the same week and the data readout of mode C at each speed from 300 to
/// 19,200 Bd.
///
/// Client and meter are the real ones; the line is arithmetic: ten bits an octet, one direction at a time, and a pause
/// each time that the direction changes. From SNRM to the end of the link, sign-on at 300 Bd not counted. Each of the
/// meter's encodings is measured, and what it brings is the same rows.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "crypto/openssl.hpp"
#include "dlms/apdu/selective_access.hpp"
#include "dlms/client/session.hpp"
#include "dlms/date_time.hpp"
#include "dlms/hdlc/client.hpp"
#include "dlms/iec62056_21/client.hpp"
#include "meter/ports/port_setups.hpp"
#include "meter/profile/buffer_encoding.hpp"
#include "twin/hdlc_line.hpp"
#include "twin/local_line.hpp"
#include "twin/test_factory.hpp"
#include "twin/virtual_meter.hpp"

namespace {

using namespace ferraris;

constexpr std::uint32_t kBaud = 9600;
constexpr std::int64_t kTurnaround_us = 10'000;
constexpr std::uint16_t kReader = 2;
constexpr std::uint16_t kUtility = 1;
constexpr std::uint32_t kDays = 7;
constexpr std::size_t kRows = kDays * 96;
constexpr std::size_t kChannels = 4;
constexpr UtcTime kStart = utc_from_civil({2026, 3, 2, 0, 0, 0, 0});
constexpr dlms::LogicalName kProfile = dlms::obis(1, 0, 99, 1, 0);
/// Active import and export, reactive in Q1 and Q4.
constexpr std::array<dlms::LogicalName, kChannels> kChannelNames{dlms::obis(1, 0, 1, 8, 0), dlms::obis(1, 0, 2, 8, 0),
                                                                 dlms::obis(1, 0, 5, 8, 0), dlms::obis(1, 0, 8, 8, 0)};

void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "optical_line: %s\n", what);
    std::exit(1);
}

/// Half duplex, in simulated time.
class Line {
public:
    void carry(std::size_t octets, std::uint32_t baud) {
        const std::int64_t duration_us = static_cast<std::int64_t>(octets) * 10'000'000 / baud;
        now_us_ += duration_us;
        busy_us_ += duration_us;
    }
    void turn() { now_us_ += kTurnaround_us; }
    void wait_until(std::int64_t time_ms) { now_us_ = std::max(now_us_, time_ms * 1000); }
    [[nodiscard]] std::int64_t now_ms() const { return now_us_ / 1000; }
    [[nodiscard]] double seconds() const { return static_cast<double>(now_us_) / 1e6; }
    [[nodiscard]] double share() const { return static_cast<double>(busy_us_) / static_cast<double>(now_us_); }

private:
    std::int64_t now_us_{0};
    std::int64_t busy_us_{0};
};

/// A reader that is joined to a meter by a line.
class Reader {
public:
    Reader(dlms::LogicalDevice& device, Crypto& crypto, std::uint16_t information_field, std::uint8_t window,
           std::uint32_t baud)
        : meter_{device, crypto, log_},
          baud_(baud),
          server_(meter_, {}, "bench"),
          hdlc_(config(information_field, window), frame_, apdu_),
          session_(session_config(), crypto, counters_, request_) {}

    void connect() {
        hdlc_.connect(line_.now_ms());
        require(run() == dlms::HdlcClientEventKind::connected, "no HDLC link");
        dlms::Progress progress = session_.associate();
        require(drive(progress).step == dlms::Step::done, "no association");
    }
    std::vector<std::uint8_t> get(const dlms::AttributeRequest& request) {
        std::vector<std::uint8_t> value(100'000);
        dlms::SpanSink sink(value);
        const dlms::Progress done = drive(session_.get(request, sink));
        require(done.step == dlms::Step::done && done.access_result == dlms::DataAccessResult::success, "GET failed");
        value.resize(sink.octets().size());
        return value;
    }
    void disconnect() {
        require(drive(session_.release()).step == dlms::Step::done, "no release");
        hdlc_.disconnect(line_.now_ms());
        require(run() == dlms::HdlcClientEventKind::disconnected, "no end of the link");
    }
    [[nodiscard]] Line& line() { return line_; }

private:
    static dlms::HdlcClientConfig config(std::uint16_t information_field, std::uint8_t window) {
        dlms::HdlcClientConfig config;
        config.client_sap = kReader;
        config.parameters = {information_field, information_field, 1, window};
        config.response_timeout_ms = 60'000;
        return config;
    }
    static dlms::ClientConfiguration session_config() {
        dlms::ClientConfiguration configuration;
        configuration.mechanism = dlms::AuthenticationMechanism::low;
        configuration.conformance = dlms::kClientConformance | dlms::Conformance::delta_value_encoding;
        configuration.secret = {reinterpret_cast<const std::uint8_t*>(twin::kTestReaderPassword.data()),
                                twin::kTestReaderPassword.size()};
        return configuration;
    }

    dlms::Progress drive(dlms::Progress progress) {
        while (progress.step == dlms::Step::send) {
            std::vector<std::uint8_t> request(progress.apdu.begin(), progress.apdu.end());
            require(hdlc_.send(request, line_.now_ms()), "HDLC is not ready");
            require(run() == dlms::HdlcClientEventKind::apdu, "no answer");
            progress = session_.receive(answer_);
        }
        return progress;
    }

    /// Turns and turns again until the client has an event.
    dlms::HdlcClientEventKind run() {
        while (true) {
            std::array<std::uint8_t, 16'384> octets{};
            ByteWriter out(octets);
            (void)hdlc_.pull(out, line_.now_ms());
            require(out.size() != 0, "the client waits for ever");
            line_.carry(out.size(), baud_);
            line_.turn();
            std::vector<std::uint8_t> reply;
            ByteView in = out.written();
            while (!in.empty()) {
                server_.receive(in, line_.now_ms());
                for (ByteView some = server_.pull(line_.now_ms()); !some.empty(); some = server_.pull(line_.now_ms())) {
                    reply.insert(reply.end(), some.begin(), some.end());
                }
            }
            line_.carry(reply.size(), baud_);
            line_.turn();
            in = reply;
            while (!in.empty()) {
                const dlms::HdlcClientEvent event = hdlc_.receive(in, line_.now_ms());
                if (event.kind == dlms::HdlcClientEventKind::none) continue;
                answer_.assign(event.apdu.begin(), event.apdu.end());
                return event.kind;
            }
        }
    }

    twin::CountedLog log_{[](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); },
                          [] { return std::int64_t{0}; }};
    twin::MeterService meter_;
    std::uint32_t baud_;
    Line line_{};
    twin::HdlcLine server_;
    std::vector<std::uint8_t> frame_ = std::vector<std::uint8_t>(dlms::hdlc::frame_room(2030));
    std::vector<std::uint8_t> apdu_ = std::vector<std::uint8_t>(65'536);
    std::vector<std::uint8_t> answer_{};
    std::array<std::uint8_t, 1024> request_{};
    dlms::NoInvocationCounters counters_{};
    dlms::HdlcClient hdlc_;
    dlms::ClientSession session_;
};

/// The week: clock and the four channels, by range and by column.
std::vector<std::uint8_t> selection() {
    std::vector<std::uint8_t> octets(256);
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    const dlms::CaptureObject clock{{8, dlms::obis(0, 0, 1, 0, 0), 2}, 0};
    data.structure(4);
    dlms::put(out, clock);
    for (const std::int64_t seconds : {std::int64_t{900}, std::int64_t{kDays} * 86'400}) {
        const UtcTime time{kStart.milliseconds + seconds * 1000};
        data.octet_string(dlms::encode(dlms::from_utc(time, 0, 0)));
    }
    data.array(1 + kChannels);
    dlms::put(out, clock);
    for (const dlms::LogicalName& name : kChannelNames) dlms::put(out, {{3, name, 2}, 0});
    octets.resize(out.size());
    return octets;
}

/// The clock and channels of each row, whatever the encoding.
using Row = std::array<std::uint64_t, 1 + kChannels>;

std::uint64_t seconds_of(ByteView clock) {
    const auto time = dlms::decode_date_time(clock);
    require(time.has_value(), "no date-time");
    return static_cast<std::uint64_t>(dlms::to_utc(*time).value().seconds());
}

std::vector<Row> compact_rows(ByteView buffer) {
    ByteReader in(buffer);
    constexpr std::array<std::uint8_t, 8> kHead{0x13, 0x02, 0x05, 0x09, 0x15, 0x15, 0x15, 0x15};
    require(equal(in.take(kHead.size()), kHead), "another type description");
    require(dlms::take_length(in) == in.remaining(), "another length");
    std::vector<Row> rows;
    while (!in.at_end()) {
        Row& row = rows.emplace_back();
        row[0] = seconds_of(in.take(in.u8()));
        for (std::size_t i = 1; i < row.size(); ++i) row[i] = in.u64();
    }
    require(!in.failed(), "the contents are cut short");
    return rows;
}

std::vector<Row> rows_of(ByteView buffer) {
    if (!buffer.empty() && buffer[0] == 0x13) return compact_rows(buffer);
    dlms::DataReader in(buffer);
    std::vector<Row> rows(in.array());
    for (std::size_t number = 0; number < rows.size(); ++number) {
        require(in.structure() == 1 + kChannels, "the rows have other columns than were asked for");
        for (std::size_t i = 0; i < rows[number].size(); ++i) {
            const auto element = in.any();
            require(element.has_value(), "a row is cut short");
            const std::uint64_t before = number == 0 ? 0 : rows[number - 1][i];
            const std::uint64_t value = i == 0 && element->content.size() == dlms::kDateTimeSize
                                            ? seconds_of(element->content)
                                            : ByteReader(element->content).unsigned_of(element->content.size());
            const bool whole =
                element->tag == dlms::DataTag::octet_string || element->tag == dlms::DataTag::long64_unsigned;
            // Null-data is no difference, and one period of the clock.
            const bool period = i == 0 && element->tag == dlms::DataTag::null_data;
            rows[number][i] = whole ? value : before + value + (period ? 900 : 0);
        }
    }
    require(in.finished(), "the buffer is not what it should be");
    return rows;
}

struct Figure {
    std::string name;
    std::size_t octets{0};
    double seconds{0};
    double share{0};
};

struct Case {
    const char* name;
    meter::BufferEncoding encoding;
    std::uint16_t information_field;
    std::uint8_t window;
};

constexpr std::array kCases{
    Case{"plain, fields of 128, window 1", meter::BufferEncoding::plain, 128, 1},
    Case{"plain", meter::BufferEncoding::plain, 2030, dlms::hdlc::kMaxWindow},
    Case{"compact array", meter::BufferEncoding::compact_array, 2030, dlms::hdlc::kMaxWindow},
    Case{"null-data", meter::BufferEncoding::null_data, 2030, dlms::hdlc::kMaxWindow},
    Case{"null-data and deltas", meter::BufferEncoding::null_data_and_deltas, 2030, dlms::hdlc::kMaxWindow},
};

/// As the utility would.
void choose(dlms::LogicalDevice& meter, meter::BufferEncoding encoding) {
    dlms::Association association;
    association.client_sap = kUtility;
    const std::array<std::uint8_t, 2> value{0x16, static_cast<std::uint8_t>(encoding)};
    require(meter.write({association, {true, true}}, {1, dlms::obis(0, 0, 128, 7, 0), 2}, nullptr, value) ==
                dlms::DataAccessResult::success,
            "the meter does not take the encoding");
}

/// The meter's answer over the line; `value` gets it.
Figure measure(const Case& how, std::uint32_t baud, dlms::LogicalDevice& meter, Crypto& crypto,
               std::vector<std::uint8_t>& value) {
    choose(meter, how.encoding);
    Reader reader(meter, crypto, how.information_field, how.window, baud);
    reader.connect();
    const std::vector<std::uint8_t> wanted = selection();
    value = reader.get({{7, kProfile, 2}, dlms::Selection{dlms::kRangeSelector, wanted}});
    reader.disconnect();
    return {how.name, value.size(), reader.line().seconds(), reader.line().share()};
}

/// The data readout from the sign-on at 300 Bd on, where the meter offers the speed number `speed` of its table.
Figure read_out(std::uint8_t speed, dlms::LogicalDevice& device, Crypto& crypto) {
    namespace iec = dlms::iec62056_21;
    twin::CountedLog log([](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); },
                         [] { return std::int64_t{0}; });
    meter::PortSetups setups;
    setups.local[0].proposed_baud = speed;
    twin::MeterService service{device, crypto, log, {}, nullptr, &setups};
    twin::LocalLine port(service, {}, "1", "bench");
    std::array<std::uint8_t, 256> received{};
    std::array<std::uint8_t, 256> transmit{};
    iec::ClientConfig config;
    config.software_parity = true;
    iec::Client client(config, received, transmit);
    Line line;
    std::size_t octets = 0;
    client.start(iec::Purpose::readout, line.now_ms());
    while (true) {
        std::array<std::uint8_t, 256> question{};
        ByteWriter out(question);
        const std::uint32_t baud = client.line().baud;
        (void)client.pull(out, line.now_ms());
        if (out.size() != 0) {
            line.carry(out.size(), baud);
            for (ByteView in = out.written(); !in.empty();) port.receive(in, line.now_ms());
            continue;
        }
        port.poll(line.now_ms());
        const ByteView some = port.pull(line.now_ms());
        if (!some.empty()) {
            const std::vector<std::uint8_t> answer(some.begin(), some.end());
            octets += answer.size();
            line.carry(answer.size(), client.line().baud);
            for (ByteView in = answer; !in.empty();) {
                require(client.receive(in, line.now_ms()).kind != iec::ClientEventKind::failed, "the readout failed");
            }
            continue;
        }
        const iec::ClientEventKind kind = client.poll(line.now_ms()).kind;
        if (kind == iec::ClientEventKind::readout_complete) break;
        require(kind != iec::ClientEventKind::failed, "the readout failed");
        constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
        const std::int64_t due = std::min(client.next_timeout().value_or(kNever), port.next_timeout().value_or(kNever));
        line.wait_until(std::max(due, line.now_ms() + 1));
    }
    return {"data readout, " + std::to_string(meter::kBaudRates[speed]) + " Bd", octets, line.seconds(), line.share()};
}

}  // namespace

int main(int argc, char** argv) {
    const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
    const auto crypto = make_openssl_crypto();
    twin::VirtualMeterSettings settings;
    settings.start = kStart;
    settings.factory = twin::test_factory_settings();
    auto opened = twin::VirtualMeter::open(settings, *crypto);
    require(opened.has_value(), "the meter does not start");
    (*opened)->advance(std::int64_t{kDays} * 86'400 + 60);

    std::vector<std::uint8_t> value;
    std::vector<Figure> figures;
    dlms::LogicalDevice& device = (*opened)->device();
    std::vector<Row> rows;
    for (const Case& how : kCases) {
        figures.push_back(measure(how, kBaud, device, *crypto, value));
        const std::vector<Row> found = rows_of(value);
        if (rows.empty()) rows = found;
        require(found.size() == kRows, "the week is not whole");
        require(found == rows, "the encodings do not bring the same rows");
    }

    constexpr std::uint8_t kSpeeds = 7;  // up to 19,200 Bd
    for (std::uint8_t speed = 0; speed < kSpeeds; ++speed) {
        const std::uint32_t baud = meter::kBaudRates[speed];
        figures.push_back(measure(kCases.back(), baud, device, *crypto, value));
        figures.back().name = "week, " + std::to_string(baud) + " Bd";
        require(rows_of(value) == rows, "another speed brings other rows");
    }
    for (std::uint8_t speed = 0; speed < kSpeeds; ++speed) figures.push_back(read_out(speed, device, *crypto));

    if (json) std::printf("[");
    for (std::size_t i = 0; i < figures.size(); ++i) {
        const Figure& figure = figures[i];
        if (json) {
            std::printf("%s{\"name\": \"%s\", \"octets\": %zu, \"seconds\": %.2f, \"share_of_line\": %.4f}",
                        i == 0 ? "" : ", ", figure.name.c_str(), figure.octets, figure.seconds, figure.share);
        } else {
            std::printf("%-38s %6zu octets %7.2f s, line busy %5.1f %%\n", figure.name.c_str(), figure.octets,
                        figure.seconds, 100 * figure.share);
        }
    }
    if (json) std::printf("]\n");
    return 0;
}
