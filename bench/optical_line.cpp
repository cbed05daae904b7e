/// A week of four channels at 15 minutes over an optical line of 9,600 Bd, in simulated time: how long it takes, and
/// how much of that the line is busy.
///
/// Client and meter are the real ones; the line is arithmetic: ten bits an octet, one direction at a time, and a pause
/// each time that the direction changes. From SNRM to the end of the link, sign-on at 300 Bd not counted. Beside what
/// the meter sends stand the same rows in other encodings, made here and served over the same line by a table.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "crypto/openssl.hpp"
#include "dlms/apdu/selective_access.hpp"
#include "dlms/client/session.hpp"
#include "dlms/date_time.hpp"
#include "dlms/hdlc/client.hpp"
#include "dlms/server/table_device.hpp"
#include "twin/hdlc_line.hpp"
#include "twin/test_factory.hpp"
#include "twin/virtual_meter.hpp"

namespace {

using namespace ferraris;

constexpr std::int64_t kBaud = 9600;
constexpr std::int64_t kTurnaround_us = 10'000;
constexpr std::uint16_t kReader = 2;
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
    void carry(std::size_t octets) {
        const std::int64_t duration_us = static_cast<std::int64_t>(octets) * 10'000'000 / kBaud;
        now_us_ += duration_us;
        busy_us_ += duration_us;
    }
    void turn() { now_us_ += kTurnaround_us; }
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
    Reader(dlms::LogicalDevice& device, Crypto& crypto, std::uint16_t information_field, std::uint8_t window)
        : meter_{device, crypto, log_},
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
            line_.carry(out.size());
            line_.turn();
            std::vector<std::uint8_t> reply;
            ByteView in = out.written();
            while (!in.empty()) {
                server_.receive(in, line_.now_ms());
                for (ByteView some = server_.pull(line_.now_ms()); !some.empty(); some = server_.pull(line_.now_ms())) {
                    reply.insert(reply.end(), some.begin(), some.end());
                }
            }
            line_.carry(reply.size());
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

struct Row {
    std::vector<std::uint8_t> clock;
    std::array<std::uint64_t, kChannels> values{};
};

std::vector<Row> decode(ByteView value) {
    dlms::DataReader in(value);
    std::vector<Row> rows(in.array());
    for (Row& row : rows) {
        require(in.structure() == 1 + kChannels, "the rows have other columns than were asked for");
        const ByteView clock = in.octet_string();
        row.clock.assign(clock.begin(), clock.end());
        for (std::uint64_t& number : row.values) number = in.long64_unsigned();
    }
    require(in.finished(), "the buffer is not what it should be");
    return rows;
}

enum class Encoding : std::uint8_t { plain, null_data, compact_array, null_data_and_deltas };

void put_delta(std::uint64_t delta, ByteWriter& out) {
    const std::size_t width = delta < 0x100 ? 1 : delta < 0x10000 ? 2 : 4;
    const dlms::DataTag tag = width == 1   ? dlms::DataTag::delta_unsigned
                              : width == 2 ? dlms::DataTag::delta_long_unsigned
                                           : dlms::DataTag::delta_double_long_unsigned;
    out.u8(static_cast<std::uint8_t>(tag));
    out.unsigned_of(delta, width);
}

std::vector<std::uint8_t> encode(const std::vector<Row>& rows, Encoding encoding) {
    std::vector<std::uint8_t> octets(100'000);
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    if (encoding == Encoding::compact_array) {
        // Type description: a structure of octet-string and four long64-unsigned; then the contents without tags.
        std::vector<std::uint8_t> contents;
        for (const Row& row : rows) {
            contents.push_back(static_cast<std::uint8_t>(row.clock.size()));
            contents.insert(contents.end(), row.clock.begin(), row.clock.end());
            for (const std::uint64_t number : row.values) {
                for (int shift = 56; shift >= 0; shift -= 8) {
                    contents.push_back(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
                }
            }
        }
        out.u8(static_cast<std::uint8_t>(dlms::DataTag::compact_array));
        out.put(std::array<std::uint8_t, 7>{0x02, 0x05, 0x09, 0x15, 0x15, 0x15, 0x15});
        out.u8(0x82);
        out.u16(static_cast<std::uint16_t>(contents.size()));
        out.put(contents);
        octets.resize(out.size());
        return octets;
    }
    data.array(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool first = i == 0 || encoding == Encoding::plain;
        data.structure(1 + kChannels);
        // Null is the time of the row before and one period.
        if (first) {
            data.octet_string(rows[i].clock);
        } else {
            data.null_data();
        }
        for (std::size_t channel = 0; channel < kChannels; ++channel) {
            const std::uint64_t number = rows[i].values[channel];
            const std::uint64_t before = first ? 0 : rows[i - 1].values[channel];
            if (!first && number == before) {
                data.null_data();
            } else if (!first && encoding == Encoding::null_data_and_deltas) {
                put_delta(number - before, out);
            } else {
                data.long64_unsigned(number);
            }
        }
    }
    octets.resize(out.size());
    return octets;
}

struct Prepared {
    std::vector<std::uint8_t> buffer;
};
constexpr std::array<dlms::TableRow<Prepared>, 1> kTable{{
    {7, 1, kProfile, 2, [](const Prepared& prepared, dlms::DataWriter& out) { out.out().put(prepared.buffer); },
     nullptr},
}};

struct Figure {
    std::string name;
    std::size_t octets{0};
    double seconds{0};
    double share{0};
};

Figure finish(std::string name, Reader& reader, std::size_t octets) {
    reader.disconnect();
    return {std::move(name), octets, reader.line().seconds(), reader.line().share()};
}

/// The meter's own answer; `value` gets it.
Figure from_meter(std::string name, dlms::LogicalDevice& meter, Crypto& crypto, std::uint16_t information_field,
                  std::uint8_t window, std::vector<std::uint8_t>& value) {
    Reader reader(meter, crypto, information_field, window);
    reader.connect();
    const std::vector<std::uint8_t> wanted = selection();
    value = reader.get({{7, kProfile, 2}, dlms::Selection{dlms::kRangeSelector, wanted}});
    return finish(std::move(name), reader, value.size());
}

Figure from_table(std::string name, const std::vector<Row>& rows, Encoding encoding, Crypto& crypto) {
    Prepared prepared{encode(rows, encoding)};
    const ByteView password{reinterpret_cast<const std::uint8_t*>(twin::kTestReaderPassword.data()),
                            twin::kTestReaderPassword.size()};
    dlms::ClientAccess access{kReader, dlms::AuthenticationMechanism::low, password};
    access.conformance = dlms::Conformance::get | dlms::Conformance::block_transfer_with_get;
    constexpr std::array<std::uint8_t, 8> kTitle{'F', 'R', 'S', 0, 0, 0, 0, 1};
    dlms::TableDevice<Prepared> device(prepared, kTable, {&access, 1}, kTitle);
    Reader reader(device, crypto, 2030, dlms::hdlc::kMaxWindow);
    reader.connect();
    // The table knows no selection; the octets that ask for it count all the same.
    reader.line().carry(selection().size() + 1);
    require(reader.get({{7, kProfile, 2}, std::nullopt}) == prepared.buffer, "the table's answer was changed");
    return finish(std::move(name), reader, prepared.buffer.size());
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
    dlms::LogicalDevice& meter = (*opened)->device();
    figures.push_back(from_meter("meter, fields of 128, window 1", meter, *crypto, 128, 1, value));
    figures.push_back(from_meter("meter, fields of 2030, window 7", meter, *crypto, 2030, 7, value));
    const std::vector<Row> rows = decode(value);
    require(rows.size() == kRows, "the week is not whole");
    require(encode(rows, Encoding::plain) == value, "the plain encoding is not the meter's");
    figures.push_back(from_table("encoded here: compact array", rows, Encoding::compact_array, *crypto));
    figures.push_back(from_table("encoded here: null-data", rows, Encoding::null_data, *crypto));
    figures.push_back(from_table("encoded here: null-data and deltas", rows, Encoding::null_data_and_deltas, *crypto));

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
