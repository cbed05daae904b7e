#include "cli/sign_on.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "cli/error.hpp"
#include "dlms/iec62056_21/client.hpp"

namespace ferraris::cli {
namespace {

using dlms::iec62056_21::airtime_ms;
using dlms::iec62056_21::ClientEvent;
using dlms::iec62056_21::ClientEventKind;
using dlms::iec62056_21::ClientFailure;
using dlms::iec62056_21::Purpose;
using std::chrono::milliseconds;

std::string text(ByteView octets) { return {octets.begin(), octets.end()}; }

dlms::iec62056_21::ClientConfig configuration(const Address& address, milliseconds timeout) {
    dlms::iec62056_21::ClientConfig config;
    config.address = dlms::iec62056_21::text_of(address.device);
    config.initial_baud = address.baud;
    // One setting of the port serves sign-on and HDLC, and ports without parity.
    config.software_parity = true;
    config.response_timeout_ms =
        static_cast<std::uint32_t>(std::min<std::int64_t>(timeout.count(), config.response_timeout_ms));
    return config;
}

}  // namespace

class SignOnSession {
public:
    SignOnSession(Channel& channel, const Address& address, milliseconds timeout)
        : channel_(channel),
          address_(address),
          baud_(address.baud),
          client_(configuration(address_, timeout), received_, transmit_) {}

    void start(Purpose purpose) { client_.start(purpose, now_ms()); }
    [[nodiscard]] bool send(const dlms::iec62056_21::Command& command) { return client_.send(command, now_ms()); }
    void sign_off() { client_.sign_off(now_ms()); }

    /// Waits for the next event; a failure is thrown.
    ClientEvent next() {
        while (true) {
            flush();
            ClientEvent event;
            if (unread_.empty()) {
                const Deadline deadline{milliseconds(client_.next_timeout().value_or(now_ms()))};
                unread_ = ByteView(octets_).first(channel_.receive(octets_, deadline));
            }
            event = unread_.empty() ? client_.poll(now_ms()) : client_.receive(unread_, now_ms());
            if (event.kind == ClientEventKind::failed) fail(event.failure);
            if (event.kind != ClientEventKind::none) {
                flush();
                return event;
            }
        }
    }

    [[nodiscard]] const dlms::iec62056_21::Client& client() const { return client_; }

private:
    static std::int64_t now_ms() {
        return std::chrono::duration_cast<milliseconds>(SteadyClock::now().time_since_epoch()).count();
    }

    void flush() {
        ByteWriter out(out_);
        (void)client_.pull(out, now_ms());
        if (out.size() != 0) channel_.send(out.written(), SteadyClock::now() + milliseconds(5000));
        if (out.size() != 0) {
            // A pseudo-terminal says that all is out when it has only been taken.
            out_at_ = std::max(out_at_, SteadyClock::now()) + milliseconds(airtime_ms(out.size(), baud_));
        }
        if (client_.line().baud == baud_) return;
        std::this_thread::sleep_until(out_at_);
        baud_ = client_.line().baud;
        channel_.set_baud(baud_);
    }

    [[noreturn]] void fail(ClientFailure failure) const {
        switch (failure) {
            case ClientFailure::no_answer:
                throw CliError(fmt::format(
                    "{} does not answer at {} Bd; check the head's place and device=", address_.text(), baud_));
            case ClientFailure::signed_off_by_device:
                throw CliError("the meter broke off the session, as after wrong passwords; wait before you try again");
            case ClientFailure::not_identified:
                throw CliError(
                    fmt::format("{} answers, but not as IEC 62056-21 wants; try hdlc+serial://", address_.text()));
            case ClientFailure::mode_not_offered:
                throw CliError("the meter does not offer HDLC after its sign-on; try iec+serial://");
            default:
                throw CliError(
                    fmt::format("the IEC 62056-21 session failed: {}; clean the head and try again", name_of(failure)));
        }
    }

    Channel& channel_;
    Address address_;
    std::array<std::uint8_t, 256> received_{};
    std::array<std::uint8_t, 256> transmit_{};
    std::array<std::uint8_t, 256> out_{};
    std::array<std::uint8_t, 1024> octets_{};
    ByteView unread_{};
    std::uint32_t baud_;
    SteadyClock::time_point out_at_{};
    dlms::iec62056_21::Client client_;
};

Readout read_out(Channel& channel, const Address& address, milliseconds timeout) {
    SignOnSession session(channel, address, timeout);
    session.start(Purpose::readout);
    Readout readout;
    while (true) {
        const ClientEvent event = session.next();
        switch (event.kind) {
            case ClientEventKind::identified: {
                const auto identification = session.client().identification();
                readout.manufacturer.assign(identification.manufacturer.begin(), identification.manufacturer.end());
                readout.identification = text(identification.text);
                break;
            }
            case ClientEventKind::data_set:
                readout.baud = session.client().line().baud;
                readout.values.push_back(
                    {text(event.data_set.address), text(event.data_set.value), text(event.data_set.unit)});
                break;
            case ClientEventKind::discard:
                readout.values.clear();
                break;
            case ClientEventKind::readout_complete:
                return readout;
            default:
                break;
        }
    }
}

ProgrammingSession::ProgrammingSession(Channel& channel, const Address& address, milliseconds timeout)
    : session_(std::make_unique<SignOnSession>(channel, address, timeout)) {
    SignOnSession& session = *session_;
    session.start(Purpose::programming);
    while (true) {
        const ClientEvent event = session.next();
        if (event.kind == ClientEventKind::programming) return;
        if (event.kind != ClientEventKind::identified) continue;
        const auto identification = session.client().identification();
        manufacturer_.assign(identification.manufacturer.begin(), identification.manufacturer.end());
        identification_ = text(identification.text);
    }
}

ProgrammingSession::~ProgrammingSession() = default;

ProgrammingAnswer ProgrammingSession::command(char type, char digit, std::string_view operand) {
    SignOnSession& session = *session_;
    const dlms::iec62056_21::Command command{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(digit),
                                             dlms::iec62056_21::text_of(operand), false};
    if (!session.send(command)) throw CliError(fmt::format("{}{} is too long a command", type, digit));
    ProgrammingAnswer answer;
    while (true) {
        const ClientEvent event = session.next();
        switch (event.kind) {
            case ClientEventKind::data_set:
                answer.values.push_back(
                    {text(event.data_set.address), text(event.data_set.value), text(event.data_set.unit)});
                break;
            case ClientEventKind::discard:
                answer.values.clear();
                break;
            case ClientEventKind::error:
                answer.error = text(event.text);
                return answer;
            case ClientEventKind::acknowledged:
            case ClientEventKind::answered:
                return answer;
            default:
                break;
        }
    }
}

void ProgrammingSession::sign_off() {
    session_->sign_off();
    while (session_->next().kind != ClientEventKind::signed_off) {
    }
}

void sign_on_for_hdlc(Channel& channel, const Address& address, milliseconds timeout) {
    SignOnSession session(channel, address, timeout);
    session.start(Purpose::hdlc);
    while (session.next().kind != ClientEventKind::hdlc) {
    }
}

}  // namespace ferraris::cli
