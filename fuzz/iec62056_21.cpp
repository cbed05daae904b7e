/// Both ends of an IEC 62056-21 line against a hostile peer. The input is a list of things that the peer says; block
/// checks and line ends are added here, so that the fuzzer does not have to guess them:
///
///     what (1): bits 7..5 form (raw, line, command, command with EOT, data block, data block with EOT, ACK, NAK),
///               bits 3..0 times 400 ms pass before
///     length (1); content
#include <array>
#include <cstdint>
#include <cstdlib>

#include "dlms/iec62056_21/client.hpp"
#include "dlms/iec62056_21/server.hpp"

using namespace ferraris;
using namespace ferraris::dlms::iec62056_21;

namespace {

void must(bool holds) {
    if (!holds) std::abort();
}

class Device final : public ServerDevice {
public:
    Piece readout(std::size_t piece, ByteWriter& out) override { return say(piece, 0, out); }
    void challenge(ByteWriter& out) override { out.put(text_of("42")); }
    std::uint8_t password(const Command& command) override {
        return command.operand.size() > 3 ? std::uint8_t{1} : std::uint8_t{0};
    }
    Piece read(std::uint8_t level, const Command& command, std::size_t piece, ByteWriter& out) override {
        must(level != 0);
        if (command.operand.empty()) return {false, DeviceError::unknown_address};
        return say(piece, command.operand.size(), out);
    }
    DeviceError write(std::uint8_t level, const Command& command) override {
        must(level != 0);
        return command.operand.size() % 2 == 0 ? DeviceError::none : DeviceError::wrong_value;
    }
    DeviceError execute(std::uint8_t level, const Command&) override {
        must(level != 0);
        return DeviceError::none;
    }

private:
    static Piece say(std::size_t piece, std::size_t seed, ByteWriter& out) {
        out.put(text_of("1.8.0("));
        for (std::size_t i = 0; i < seed % 70; ++i) out.u8('7');  // sometimes longer than there is room
        out.put(text_of("*kWh)"));
        return {piece < seed % 5, DeviceError::none};
    }
};

/// Everything that an end sends has even parity.
template <class End>
void drain(End& end, std::int64_t now_ms) {
    std::array<std::uint8_t, 7> room{};
    for (std::size_t octets = 0;;) {
        ByteWriter out(room);
        const bool done = end.pull(out, now_ms);
        for (const std::uint8_t octet : out.written()) must(without_parity(octet).has_value());
        octets += out.size();
        must(octets < 1000);
        if (done || out.size() == 0) return;
    }
}

class Ends {
public:
    Ends() { begin(); }

    void pass(std::int64_t milliseconds) {
        now_ms_ += milliseconds;
        (void)server_.poll(now_ms_);
        (void)server_.poll(now_ms_);
        note(client_.poll(now_ms_));
        drain(server_, now_ms_);
        drain(client_, now_ms_);
    }

    void feed(ByteView octets) {
        for (ByteView in = octets; !in.empty();) {
            const ServerEvent event = server_.receive(in, now_ms_);
            if (event.kind == ServerEventKind::command_refused) must(event.error != DeviceError::none);
            if (server_.is_hdlc()) server_.reset();
        }
        for (ByteView in = octets; !in.empty();) note(client_.receive(in, now_ms_));
        pass(250);
    }

private:
    void begin() {
        ++round_;
        constexpr Purpose kPurposes[] = {Purpose::programming, Purpose::readout, Purpose::hdlc};
        client_.start(kPurposes[round_ % 3], now_ms_);
    }
    void note(const ClientEvent& event) {
        must(event.data_set.value.size() <= 64 && event.text.size() <= 64);
        must((event.kind == ClientEventKind::failed) == (event.failure != ClientFailure::none));
        switch (event.kind) {
            case ClientEventKind::failed:
            case ClientEventKind::readout_complete:
            case ClientEventKind::signed_off:
            case ClientEventKind::hdlc:
                begin();
                break;
            case ClientEventKind::programming:
            case ClientEventKind::acknowledged:
            case ClientEventKind::answered:
            case ClientEventKind::error: {
                constexpr std::uint8_t kTypes[] = {'P', 'R', 'W', 'E', 'R'};
                ++commands_;
                const std::uint8_t digit = commands_ % 2 == 0 ? std::uint8_t{'1'} : std::uint8_t{'3'};
                must(client_.send({kTypes[commands_ % 5], digit, text_of("1.8.0()"), false}, now_ms_));
                break;
            }
            default:
                break;
        }
    }
    static ServerConfig server_config() {
        ServerConfig config;
        config.software_parity = true;
        config.identification.hdlc = true;
        return config;
    }
    static ClientConfig client_config() {
        ClientConfig config;
        config.software_parity = true;
        return config;
    }

    Device device_{};
    std::array<std::uint8_t, 64> server_in_{};
    std::array<std::uint8_t, 64> server_out_{};
    std::array<std::uint8_t, 64> client_in_{};
    std::array<std::uint8_t, 64> client_out_{};
    Server server_{server_config(), device_, server_in_, server_out_};
    Client client_{client_config(), client_in_, client_out_};
    std::int64_t now_ms_{0};
    unsigned round_{0};
    unsigned commands_{0};
};

void say(std::uint32_t form, ByteView content, ByteWriter& out) {
    const std::uint8_t end = form % 2 == 0 ? kEndOfText : kEndOfBlock;
    switch (form) {
        case 1:
            out.put(content);
            out.put(text_of("\r\n"));
            break;
        case 2:
        case 3: {
            BlockCheck check;
            check.add(content);
            check.add(static_cast<std::uint8_t>(end));
            out.u8(kStartOfHeader);
            out.put(content);
            out.u8(end);
            out.u8(check.value());
            break;
        }
        case 4:
        case 5:
            write_data_block(content, end == kEndOfBlock, out);
            break;
        case 6:
            out.u8(kAcknowledge);
            break;
        default:
            out.u8(kNegativeAcknowledge);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Ends ends;
    ByteReader reader(ByteView(data, size));
    while (!reader.at_end()) {
        const std::uint32_t what = reader.u8();
        const ByteView content = reader.take(std::min<std::size_t>(reader.u8(), reader.remaining()));
        ends.pass(static_cast<std::int64_t>(what & 0x0FU) * 400);
        if (what >> 5U == 0) {
            ends.feed(content);
            continue;
        }
        std::array<std::uint8_t, 300> message{};
        ByteWriter out(message);
        say(what >> 5U, content, out);
        for (std::uint8_t& octet : ByteSpan(message).first(out.size())) octet = with_even_parity(octet);
        ends.feed(out.written());
    }
    return 0;
}
