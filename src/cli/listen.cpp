#include "cli/listen.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/address.hpp"
#include "cli/counters_file.hpp"
#include "cli/error.hpp"
#include "cli/key_file.hpp"
#include "cli/number_option.hpp"
#include "cli/push_listener.hpp"
#include "cli/push_reader.hpp"
#include "crypto/openssl.hpp"
#include "dlms/apdu/data_notification.hpp"

namespace ferraris::cli {
namespace {

struct ListenOptions {
    std::string address;
    std::string keys;
    std::uint64_t count{0};
    double timeout_s{0};
    bool json{false};
    bool confirm{false};
};

class Listening {
public:
    explicit Listening(const ListenOptions& options)
        : options_(options),
          crypto_(make_openssl_crypto()),
          keys_(options.keys.empty() ? std::nullopt : std::optional(read_key_file(options.keys))),
          reader_(keys_ ? &*keys_ : nullptr, *crypto_) {
        if (keys_) counters_.emplace(keys_->path);
    }

    int run() {
        const Address address = parse_address(options_.address);
        if (address.serial()) throw CliError("listen wants a port of TCP or UDP, as udp://0.0.0.0:4059");
        PushListener listener(io_, address,
                              {[this](const PushArrival& arrival) { return take(arrival); },
                               [this](const std::string& from, const std::string& what) { complain(from, what); }});
        fmt::print(stderr, "listening on {}; Ctrl-C ends it\n", address.text());
        boost::asio::signal_set signals(io_, SIGINT, SIGTERM);
        signals.async_wait([this](const boost::system::error_code&, int) { io_.stop(); });
        boost::asio::steady_timer timer(io_);
        if (options_.timeout_s > 0) {
            timer.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                std::chrono::duration<double>(options_.timeout_s)));
            timer.async_wait([this](const boost::system::error_code&) { io_.stop(); });
        }
        io_.run();
        if (received_ < options_.count) {
            throw CliError(fmt::format("{} of {} pushes came", received_, options_.count));
        }
        return 0;
    }

private:
    Octets take(const PushArrival& arrival) {
        if (options_.count != 0 && received_ >= options_.count) return {};
        const Push push = reader_.read(arrival.apdu);
        fmt::print("{}", options_.json ? push_json(push, arrival.from) : push_text(push, arrival.from));
        std::fflush(stdout);
        Octets answer;
        if (options_.confirm && push.wants_confirmation()) answer = confirmation(push, arrival.destination);
        // The answer goes out before the end.
        if (++received_ == options_.count) end_soon();
        return answer;
    }

    void end_soon() {
        end_.emplace(io_, std::chrono::milliseconds(20));
        end_->async_wait([this](const boost::system::error_code&) { io_.stop(); });
    }

    void complain(const std::string& from, const std::string& what) const {
        if (options_.json) {
            fmt::print("{}\n", nlohmann::ordered_json{{"from", from}, {"error", what}}.dump());
        } else {
            fmt::print("damaged, from {}: {}\n", from, what);
        }
        std::fflush(stdout);
    }

    /// data-notification-confirm, protected as the push was, under the keys of the client that it is for.
    Octets confirmation(const Push& push, std::uint16_t client_sap) {
        Octets buffer(dlms::kMaxCipherHead + 64);
        ByteWriter out(ByteSpan(buffer).subspan(dlms::kMaxCipherHead));
        dlms::encode(out, dlms::DataNotificationConfirm{{*push.invoke}, {}});
        if (!push.security) {
            return {buffer.begin() + dlms::kMaxCipherHead,
                    buffer.begin() + static_cast<std::ptrdiff_t>(dlms::kMaxCipherHead + out.size())};
        }
        if (!keys_ || !keys_->system_title || push.client != client_sap) return {};
        const ClientSecrets& secrets = keys_->client(client_sap);
        dlms::ProtectParameters how;
        how.envelope = dlms::Envelope::general_global;
        how.protection = push.security->protection;
        how.suite = push.security->suite;
        how.invocation_counter = counters_->reserve(client_sap, 0, 1);
        how.keys = {*keys_->system_title, secrets.unicast_key, secrets.authentication_key};
        const auto apdu = dlms::protect(*crypto_, how, buffer, dlms::kMaxCipherHead, out.size());
        return apdu ? Octets(apdu->begin(), apdu->end()) : Octets{};
    }

    ListenOptions options_;
    std::unique_ptr<Crypto> crypto_;
    std::optional<KeyFile> keys_;
    PushReader reader_;
    std::optional<CountersFile> counters_{};
    boost::asio::io_context io_{1};
    std::optional<boost::asio::steady_timer> end_{};
    std::uint64_t received_{0};
};

}  // namespace

void add_listen(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("listen", "Receive what meters push, decipher it and show its values");
    const auto options = std::make_shared<ListenOptions>();
    verb->add_option("address", options->address,
                     "Where to listen: udp://HOST:PORT, tcp://HOST:PORT, hdlc+tcp://HOST:PORT or hdlc+udp://HOST:PORT; "
                     "the host is an address of this machine, 0.0.0.0 all of them")
        ->required()
        ->type_name("ADDRESS");
    verb->add_option("-k,--keys", options->keys,
                     "File with keys, mode 0600: tables [client.N], or [meter.TITLE] for single meters by system title")
        ->type_name("FILE");
    verb->add_option("--count", options->count, "End after so many pushes")
        ->check(whole_number(1, 1'000'000'000))
        ->type_name("N");
    verb->add_option("--timeout", options->timeout_s, "End after so many seconds; with --count a failure")
        ->check(number(0.1, 1'000'000'000))
        ->type_name("S");
    verb->add_flag("--confirm", options->confirm, "Confirm the pushes that ask for it");
    verb->add_flag("--json", options->json, "One JSON object a line for each push");
    verb->footer(
        "Example:\n"
        "  ferraris listen tcp://127.0.0.1:4061 --keys my-meter/keys.toml");
    verb->callback([options, &exit_status] { exit_status = Listening(*options).run(); });
}

}  // namespace ferraris::cli
