#include "cli/link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "cli/error.hpp"
#include "cli/sign_on.hpp"
#include "dlms/hdlc/client.hpp"
#include "dlms/hdlc/frame.hpp"
#include "dlms/wrapper.hpp"

namespace ferraris::cli {
namespace {

using std::chrono::milliseconds;

std::string no_answer(const Address& address, milliseconds timeout) {
    return fmt::format("{} did not answer within {:g} s; check client and server numbers, or allow more with --timeout",
                       address.text(), static_cast<double>(timeout.count()) / 1000);
}

/// Over UDP: how often a request is sent, within the time that an answer may take.
constexpr int kAttempts = 3;

/// First octets of the APDUs that do no harm when they come twice. A meter refuses the copy of a ciphered request by
/// its counter; writing and executing are never repeated, since the answer may be what was lost.
constexpr std::uint8_t kRepeatable[] = {
    0x60,  // AARQ
    0x62,  // RLRQ
    0xC0,  // get-request
    0xC8,  // glo-get-request
    0xD0,  // ded-get-request
};

class WrapperLink : public Link {
public:
    WrapperLink(Address address, std::uint16_t client_sap, milliseconds timeout)
        : address_(std::move(address)),
          client_sap_(client_sap),
          timeout_(timeout),
          channel_(open_channel(address_, timeout)),
          received_(kMaxApdu + dlms::kWrapperHeaderOctets),
          apdu_(kMaxApdu),
          parser_(apdu_) {}

    ByteView exchange(ByteView request) override {
        const Deadline deadline = SteadyClock::now() + timeout_;
        const ByteView pdu = wrapped(request);
        repeated_ = false;
        const bool repeatable = address_.datagrams() && !request.empty() &&
                                std::ranges::find(kRepeatable, request.front()) != std::end(kRepeatable);
        for (int left = repeatable ? kAttempts - 1 : 0; left > 0; --left) {
            channel_->send(pdu, deadline);
            if (const auto apdu = receive_until(SteadyClock::now() + timeout_ / kAttempts)) return *apdu;
            repeated_ = true;
        }
        channel_->send(pdu, deadline);
        return receive_by(deadline);
    }

    void send(ByteView apdu) override { channel_->send(wrapped(apdu), SteadyClock::now() + timeout_); }

    ByteView receive() override { return receive_by(SteadyClock::now() + timeout_); }

    ByteView receive_within(milliseconds patience) override {
        return receive_until(SteadyClock::now() + patience).value_or(ByteView{});
    }

    [[nodiscard]] bool repeated() const override { return repeated_; }

    void close() noexcept override { channel_.reset(); }

private:
    ByteView wrapped(ByteView apdu) {
        sent_.resize(apdu.size() + dlms::kWrapperHeaderOctets);
        ByteWriter out(sent_);
        if (!dlms::write_wrapper({client_sap_, address_.server_sap, apdu}, out)) {
            throw CliError("the request is longer than 65,535 octets; send less at once");
        }
        return out.written();
    }

    ByteView receive_by(Deadline deadline) {
        if (const auto apdu = receive_until(deadline)) return *apdu;
        throw CliError(no_answer(address_, timeout_));
    }

    std::optional<ByteView> receive_until(Deadline deadline) {
        while (true) {
            if (unread_.empty()) {
                const std::size_t count = channel_->receive(received_, deadline);
                if (count == 0) return std::nullopt;
                unread_ = ByteView(received_).first(count);
            }
            if (const auto pdu = next()) {
                if (pdu->source == address_.server_sap && pdu->destination == client_sap_) return pdu->apdu;
            }
        }
    }

    std::optional<dlms::WrapperPdu> next() {
        if (address_.transport == Transport::udp_wrapper) {
            const auto pdu = dlms::decode_wrapper_datagram(std::exchange(unread_, {}));
            return pdu ? std::optional(*pdu) : std::nullopt;
        }
        const auto pdu = parser_.push(unread_);
        if (parser_.error() != dlms::WrapperError::none) {
            throw CliError(
                fmt::format("{} does not speak the wrapper of IEC 62056-47; if it speaks HDLC, write hdlc+tcp://",
                            address_.text()));
        }
        return pdu;
    }

    Address address_;
    std::uint16_t client_sap_;
    milliseconds timeout_;
    std::unique_ptr<Channel> channel_;
    std::vector<std::uint8_t> sent_{};
    std::vector<std::uint8_t> received_;
    std::vector<std::uint8_t> apdu_;
    dlms::WrapperParser parser_;
    ByteView unread_{};
    bool repeated_{false};
};

dlms::HdlcClientConfig hdlc_config(const Address& address, std::uint16_t client_sap, milliseconds timeout,
                                   const Quirks& quirks) {
    dlms::HdlcClientConfig config;
    config.server = hdlc_server_address(address);
    config.client_sap = static_cast<std::uint8_t>(client_sap);
    config.parameters = {dlms::hdlc::kMaxInformationField, dlms::hdlc::kMaxInformationField, 1, dlms::hdlc::kMaxWindow};
    // A line garbles a frame now and then; a network loses several in a row.
    config.retries = address.datagrams() ? 5 : 2;
    config.response_timeout_ms = static_cast<std::uint32_t>(timeout.count() / (config.retries + 1));
    config.line_echoes = address.serial();
    apply(quirks, config);
    return config;
}

class HdlcLink : public Link {
public:
    HdlcLink(Address address, std::uint16_t client_sap, milliseconds timeout, const Quirks& quirks)
        : address_(std::move(address)),
          timeout_(timeout),
          channel_(open_channel(address_, timeout)),
          config_(hdlc_config(address_, client_sap, timeout, quirks)),
          frame_(dlms::hdlc::frame_room(config_.parameters.max_information_receive)),
          apdu_(kMaxApdu),
          client_(config_, frame_, apdu_) {
        if (address_.signs_on()) sign_on_for_hdlc(*channel_, address_, timeout_);
        client_.connect(now_ms());
        (void)wait_for(dlms::HdlcClientEventKind::connected);
    }

    ByteView exchange(ByteView request) override {
        request_.assign(request.begin(), request.end());
        if (!client_.send(request_, now_ms())) throw CliError("the HDLC link is not there any more; try again");
        return wait_for(dlms::HdlcClientEventKind::apdu);
    }

    void send(ByteView /*apdu*/) override { throw CliError("HDLC does not stream; try again without it"); }
    ByteView receive_within(milliseconds /*patience*/) override { return receive(); }

    ByteView receive() override {
        // HDLC pairs answers with requests by itself: there is nothing more to come.
        throw CliError("the meter answered something else than what was asked; try again");
    }

    void close() noexcept override {
        if (channel_ == nullptr) return;
        try {
            client_.disconnect(now_ms());
            (void)wait_for(dlms::HdlcClientEventKind::disconnected);
        } catch (const std::exception&) {
            // The meter ends a silent link by itself.
            unread_ = {};
        }
        channel_.reset();
    }

private:
    static std::int64_t now_ms() {
        return std::chrono::duration_cast<milliseconds>(SteadyClock::now().time_since_epoch()).count();
    }

    void flush() {
        bool done = false;
        while (!done) {
            ByteWriter out(sent_);
            done = client_.pull(out, now_ms());
            if (out.size() != 0) channel_->send(out.written(), SteadyClock::now() + timeout_);
        }
    }

    ByteView wait_for(dlms::HdlcClientEventKind wanted) {
        while (true) {
            flush();
            dlms::HdlcClientEvent event;
            if (unread_.empty()) {
                const Deadline deadline{milliseconds(client_.next_timeout().value_or(now_ms() + timeout_.count()))};
                const std::size_t count = channel_->receive(received_, deadline);
                unread_ = ByteView(received_).first(count);
            }
            event = unread_.empty() ? client_.poll(now_ms()) : client_.receive(unread_, now_ms());
            if (event.kind == wanted) return event.apdu;
            if (event.kind == dlms::HdlcClientEventKind::failed) fail(event.failure);
        }
    }

    [[noreturn]] void fail(dlms::HdlcFailure failure) const {
        switch (failure) {
            case dlms::HdlcFailure::no_answer:
                throw CliError(
                    fmt::format("{} did not answer within {:g} s; check server=, physical= and address-size=, or allow "
                                "more with --timeout",
                                address_.text(), static_cast<double>(timeout_.count()) / 1000));
            case dlms::HdlcFailure::refused:
                throw CliError("the meter refuses the HDLC link for this client; try another --client");
            case dlms::HdlcFailure::apdu_too_long:
                throw CliError("the meter's answer is longer than 65,535 octets; ask for less at once");
            default:
                throw CliError("the HDLC link broke; try again");
        }
    }

    Address address_;
    milliseconds timeout_;
    std::unique_ptr<Channel> channel_;
    dlms::HdlcClientConfig config_;
    std::vector<std::uint8_t> frame_;
    std::vector<std::uint8_t> apdu_;
    std::vector<std::uint8_t> request_{};
    std::array<std::uint8_t, 16384> sent_{};
    std::array<std::uint8_t, 4096> received_{};
    ByteView unread_{};
    dlms::HdlcClient client_;
};

}  // namespace

dlms::hdlc::Address hdlc_server_address(const Address& address) {
    const std::uint16_t largest = std::max(address.server_sap, address.physical);
    std::uint8_t width = address.address_size;
    if (width == 0) width = largest > 127 ? 4 : (address.physical == 0 ? 1 : 2);
    return {address.server_sap, address.physical, width};
}

std::unique_ptr<Link> open_link(const Address& address, std::uint16_t client_sap, milliseconds timeout,
                                const Quirks& quirks) {
    if (address.transport == Transport::serial_iec) {
        throw CliError("iec+serial:// is for `ferraris read` alone; for DLMS behind an optical head write optical://");
    }
    if (address.hdlc()) {
        if (client_sap > 127)
            throw CliError(fmt::format("client {} does not exist on HDLC; --client is 1 to 127", client_sap));
        return std::make_unique<HdlcLink>(address, client_sap, timeout, quirks);
    }
    return std::make_unique<WrapperLink>(address, client_sap, timeout);
}

}  // namespace ferraris::cli
