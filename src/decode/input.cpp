#include "decode/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "decode/capture.hpp"

namespace ferraris::decode {
namespace {

constexpr std::array<std::string_view, 16> kMarks = {
    "<-", "->", "<<", ">>", "<", ">", "TX:", "RX:", "Tx:", "Rx:", "TX", "RX", "Tx", "Rx", "Send:", "Recv:"};
constexpr std::string_view kBlank = " \t\r\f\v";
constexpr std::string_view kSeparators = " \t\r\f\v:,-;{}[]()\"'|";

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// What stands behind a mark of direction, which is a word of its own.
bool strip_mark(std::string_view& line) {
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t start = line.find_first_not_of(kBlank, at);
        if (start == std::string_view::npos) return false;
        const std::size_t end = std::min(line.find_first_of(kBlank, start), line.size());
        const std::string_view word = line.substr(start, end - start);
        for (const std::string_view mark : kMarks) {
            const bool arrow = mark[0] == '<' || mark[0] == '>' || mark[0] == '-';
            if (word == mark || (arrow && word.starts_with(mark))) {
                line.remove_prefix(start + mark.size());
                return true;
            }
        }
        at = end;
    }
    return false;
}

std::optional<TextLine> parse_line(std::string_view line) {
    TextLine result;
    for (const std::string_view comment : {"#", "//", ";"}) line = line.substr(0, line.find(comment));
    result.marked = strip_mark(line);
    int high = -1;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (kSeparators.find(c) != std::string_view::npos) {
            if (high >= 0) return std::nullopt;
            continue;
        }
        const bool prefix = c == '0' && i + 1 < line.size() && (line[i + 1] == 'x' || line[i + 1] == 'X');
        if (prefix && high < 0) {
            ++i;
            continue;
        }
        const int digit = digit_of(c);
        if (digit < 0) return std::nullopt;
        if (high < 0) {
            high = digit;
        } else {
            result.octets.push_back(static_cast<std::uint8_t>(high * 16 + digit));
            high = -1;
        }
    }
    if (high >= 0) return std::nullopt;
    return result;
}

/// Every line is something for itself, as in a log; otherwise they are pieces of one dump.
bool lines_are_messages(const Toolbox& tools, const std::vector<TextLine>& lines) {
    if (std::ranges::any_of(lines, &TextLine::marked)) return true;
    constexpr std::size_t kSample = 64;
    Link trial;
    const Sink nowhere = [](Item&&) {};
    for (std::size_t i = 0; i < lines.size() && i < kSample; ++i) {
        const bool known =
            lines[i].octets.empty() || explain_message(tools, trial, lines[i].octets, {}, 0, {}, true, nowhere);
        if (!known) return false;
    }
    return true;
}

/// `size`: octets of the text.
void explain_lines(const Toolbox& tools, const std::vector<TextLine>& lines, std::size_t size, const Sink& sink,
                   const ProgressReport& progress) {
    if (lines.size() > 1 && lines_are_messages(tools, lines)) {
        Link link;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::string name = fmt::format("message {}", i + 1);
            (void)explain_message(tools, link, lines[i].octets, name, 0, {}, false, sink);
            if (progress) progress(lines[i].end, size);
        }
        return;
    }
    Octets all;
    for (const TextLine& line : lines) all.insert(all.end(), line.octets.begin(), line.octets.end());
    explain_octets(tools, all, sink, progress);
}

/// Both directions of one TCP connection.
struct Connection {
    Link link{};
    std::array<TcpStream, 2> streams{};
    std::array<std::unique_ptr<Scanner>, 2> scanners{};
};

class CaptureExplainer {
public:
    CaptureExplainer(const Toolbox& tools, const Sink& sink, InputSummary& summary)
        : tools_(tools), sink_(sink), summary_(summary) {}

    void packet(const Packet& packet) {
        ++summary_.packets;
        const auto transport = transport_of(packet);
        if (!transport) return;
        if (transport->tcp) {
            tcp(*transport, packet.time_ns);
        } else if (!transport->payload.empty()) {
            udp(*transport, packet.time_ns);
        }
    }

    void finish() {
        for (auto& [key, connection] : connections_) {
            for (std::size_t i = 0; i < 2; ++i) end(*connection, i);
        }
    }

private:
    using Pair = std::pair<Endpoint, Endpoint>;

    static Pair pair_of(const Transport& transport) { return std::minmax(transport.source, transport.destination); }

    void tcp(const Transport& transport, std::int64_t time_ns) {
        auto& connection = connections_[pair_of(transport)];
        if (!connection) connection = std::make_unique<Connection>();
        const std::size_t direction = transport.source < transport.destination ? 0 : 1;
        auto& scanner = connection->scanners[direction];
        if (!scanner) {
            scanner = std::make_unique<Scanner>(
                tools_, connection->link,
                fmt::format("TCP {} to {}", endpoint_text(transport.source), endpoint_text(transport.destination)),
                sink_);
            scanner->drop_noise();
        }
        connection->streams[direction].segment(
            transport, [&](ByteView octets) { scanner->push(octets, time_text(time_ns)); },
            [&](std::uint64_t lost) { scanner->gap(lost); });
    }

    void udp(const Transport& transport, std::int64_t time_ns) {
        const std::string name =
            fmt::format("UDP {} to {}", endpoint_text(transport.source), endpoint_text(transport.destination));
        if (!explain_message(tools_, datagrams_[pair_of(transport)], transport.payload, name, 0, time_text(time_ns),
                             true, sink_)) {
            summary_.other_octets += transport.payload.size();
        }
    }

    void end(Connection& connection, std::size_t direction) {
        auto& scanner = connection.scanners[direction];
        if (!scanner) return;
        connection.streams[direction].finish([&](ByteView octets) { scanner->push(octets, {}); },
                                             [&](std::uint64_t lost) { scanner->gap(lost); });
        scanner->finish();
        summary_.other_octets += scanner->noise();
    }

    Toolbox tools_;
    const Sink& sink_;
    InputSummary& summary_;
    std::map<Pair, std::unique_ptr<Connection>> connections_{};
    std::map<Pair, Link> datagrams_{};
};

void explain_capture(const Toolbox& tools, ByteView file, const Sink& sink, const ProgressReport& progress,
                     InputSummary& summary) {
    CaptureReader reader(file);
    CaptureExplainer explainer(tools, sink, summary);
    while (const auto packet = reader.next()) {
        explainer.packet(*packet);
        if (progress && summary.packets % 256 == 0) progress(reader.position(), file.size());
    }
    explainer.finish();
    summary.problem = reader.problem();
}

bool looks_like_text(ByteView input) {
    return std::ranges::all_of(
        input, [](std::uint8_t c) { return (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\r' || c == '\n'; });
}

}  // namespace

std::optional<std::vector<TextLine>> parse_hex_text(std::string_view text) {
    std::vector<TextLine> lines;
    const std::size_t size = text.size();
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        auto line = parse_line(text.substr(0, end));
        if (!line) return std::nullopt;
        text.remove_prefix(std::min(end + 1, text.size()));
        line->end = size - text.size();
        if (!line->octets.empty()) lines.push_back(std::move(*line));
    }
    if (lines.empty()) return std::nullopt;
    return lines;
}

void explain_octets(const Toolbox& tools, ByteView octets, const Sink& sink, const ProgressReport& progress) {
    constexpr std::size_t kLongestMessage = std::size_t{1} << 20U;
    Link link;
    if (octets.size() <= kLongestMessage) {
        (void)explain_message(tools, link, octets, "input", 0, {}, false, sink);
        return;
    }
    constexpr std::size_t kPiece = std::size_t{1} << 16U;
    Scanner scanner(tools, link, "input", sink);
    for (std::size_t at = 0; at < octets.size(); at += kPiece) {
        scanner.push(octets.subspan(at, std::min(kPiece, octets.size() - at)), {});
        if (progress) progress(std::min(at + kPiece, octets.size()), octets.size());
    }
    scanner.finish();
}

InputSummary explain_input(const Toolbox& tools, ByteView input, const Sink& sink, const ProgressReport& progress) {
    InputSummary summary;
    const Sink counting = [&](Item&& item) {
        ++summary.items;
        sink(std::move(item));
    };
    if (is_capture(input)) {
        summary.capture = true;
        explain_capture(tools, input, counting, progress, summary);
        return summary;
    }
    if (looks_like_text(input)) {
        const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
        if (const auto lines = parse_hex_text(text)) {
            summary.text = true;
            explain_lines(tools, *lines, text.size(), counting, progress);
            return summary;
        }
    }
    explain_octets(tools, input, counting, progress);
    return summary;
}

}  // namespace ferraris::decode
