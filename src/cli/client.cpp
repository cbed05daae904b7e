#include "cli/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/hex.hpp"
#include "cli/counters_file.hpp"
#include "cli/error.hpp"
#include "cli/failure.hpp"
#include "cli/gateway_link.hpp"
#include "cli/key_file.hpp"
#include "cli/link.hpp"
#include "cli/obis.hpp"
#include "cli/terminal.hpp"
#include "cli/value.hpp"
#include "crypto/openssl.hpp"
#include "dlms/client/session.hpp"

namespace ferraris::cli {
namespace {

using dlms::AuthenticationMechanism;
using dlms::ClientError;
using std::chrono::milliseconds;

constexpr std::uint16_t kPublicClient = 16;
constexpr std::size_t kSendBuffer = 66'000;
/// Attributes in one GET with list: a long request may not fit the meter's buffer.
constexpr std::size_t kListLength = 10;
/// Silences in a row, in an exchange of general blocks, before the meter is taken to be gone.
constexpr int kRetries = 8;
/// A value that does not end is no value.
constexpr std::size_t kLongestValue = 64U << 20U;

struct MechanismName {
    std::string_view option;
    AuthenticationMechanism mechanism;
    std::string_view name;
};
constexpr MechanismName kMechanisms[] = {
    {"none", AuthenticationMechanism::none, "no authentication"},
    {"low", AuthenticationMechanism::low, "password"},
    {"md5", AuthenticationMechanism::high_md5, "HLS MD5"},
    {"sha1", AuthenticationMechanism::high_sha1, "HLS SHA-1"},
    {"gmac", AuthenticationMechanism::high_gmac, "HLS GMAC"},
    {"sha256", AuthenticationMechanism::high_sha256, "HLS SHA-256"},
    {"ecdsa", AuthenticationMechanism::high_ecdsa, "HLS ECDSA"},
};

/// Everything about who associates, with secrets in memory that is wiped.
struct Identity {
    AuthenticationMechanism mechanism{AuthenticationMechanism::none};
    bool ciphered{false};
    SystemTitle system_title{0x46, 0x45, 0x52, 0x00, 0x00, 0x00, 0x00, 0x01};
    ClientSecrets secrets{};
};

bool needs_secret(AuthenticationMechanism mechanism) {
    return mechanism != AuthenticationMechanism::none && mechanism != AuthenticationMechanism::high_gmac &&
           mechanism != AuthenticationMechanism::high_ecdsa;
}

Octets ask_key(const std::string& what) {
    std::string text = ask(what + " (hex)", true);
    auto octets = from_hex(text);
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!octets || (octets->size() != 16 && octets->size() != 32)) {
        throw CliError(fmt::format("the {} is no key; write 32 hexadecimal digits (64 in suite 2)", what));
    }
    return std::move(*octets);
}

void ask_secrets(Identity& identity) {
    if (needs_secret(identity.mechanism)) {
        const std::string answer = ask("Password", true);
        identity.secrets.secret.assign(answer.begin(), answer.end());
    }
    if (identity.mechanism != AuthenticationMechanism::high_gmac) return;
    identity.secrets.unicast_key = ask_key("Encryption key");
    identity.secrets.authentication_key = ask_key("Authentication key");
    const std::string title =
        ask(fmt::format("System title of this client (hex; nothing for {})", to_hex(identity.system_title)), false);
    if (title.empty()) return;
    const auto octets = from_hex(title);
    if (!octets || octets->size() != identity.system_title.size()) {
        throw CliError("a system title has 8 octets; write 16 hexadecimal digits");
    }
    std::ranges::copy(*octets, identity.system_title.begin());
}

AuthenticationMechanism mechanism_of(const ConnectOptions& options, const ClientSecrets* secrets) {
    if (!options.authentication.empty()) {
        return std::ranges::find(kMechanisms, options.authentication, &MechanismName::option)->mechanism;
    }
    if (secrets != nullptr && !secrets->unicast_key.empty()) return AuthenticationMechanism::high_gmac;
    if (secrets != nullptr && !secrets->secret.empty()) return AuthenticationMechanism::low;
    if (options.client_sap == kPublicClient || secrets != nullptr) return AuthenticationMechanism::none;
    throw CliError(
        fmt::format("client {} needs a secret; give a key file with --keys FILE, or --auth low or gmac to be asked",
                    options.client_sap));
}

Identity identity_of(const ConnectOptions& options) {
    Identity identity;
    if (options.key_file.empty()) {
        identity.mechanism = mechanism_of(options, nullptr);
        ask_secrets(identity);
    } else {
        const KeyFile keys = read_key_file(options.key_file);
        // The public client has no secrets, so it needs no entry.
        const bool nothing = options.client_sap == kPublicClient && !keys.clients.contains(kPublicClient);
        if (!nothing) identity.secrets = keys.client(options.client_sap);
        if (keys.system_title) identity.system_title = *keys.system_title;
        identity.mechanism = mechanism_of(options, &identity.secrets);
    }
    const bool gmac = identity.mechanism == AuthenticationMechanism::high_gmac;
    if (gmac && identity.secrets.unicast_key.empty()) {
        throw CliError(fmt::format("GMAC needs unicast_key and authentication_key of [client.{}] in {}",
                                   options.client_sap, options.key_file));
    }
    const bool ecdsa = identity.mechanism == AuthenticationMechanism::high_ecdsa;
    if (ecdsa && (identity.secrets.signing_key.empty() || identity.secrets.meter_signing_key.empty())) {
        throw CliError(
            fmt::format("--auth ecdsa needs signing_key, meter_signing_key and suite of [client.{}] in a key "
                        "file; give it with --keys FILE",
                        options.client_sap));
    }
    if (needs_secret(identity.mechanism) && identity.secrets.secret.empty()) {
        throw CliError(fmt::format("--auth {} needs a secret of [client.{}] in {}", options.authentication,
                                   options.client_sap, options.key_file));
    }
    identity.ciphered = !identity.secrets.unicast_key.empty() && options.protection != "none";
    return identity;
}

/// Bridges the session's need of counters to the file.
class Counters : public dlms::InvocationCounters {
public:
    std::optional<std::uint32_t> reserve() override {
        if (!source_) return std::nullopt;
        return source_->take();
    }
    void start(CountersFile* file, std::uint16_t client_sap, std::uint32_t at_least) {
        source_.reset();
        source_.emplace(file, client_sap, at_least);
    }

private:
    std::optional<CounterSource> source_{};
};

class VectorSink : public dlms::ResponseSink {
public:
    explicit VectorSink(std::vector<std::uint8_t>& octets) : octets_(octets) {}
    bool append(ByteView octets) override {
        if (octets.size() > kLongestValue - octets_.size()) return false;
        octets_.insert(octets_.end(), octets.begin(), octets.end());
        return true;
    }

private:
    std::vector<std::uint8_t>& octets_;
};

class FunctionSink : public dlms::ResponseSink {
public:
    explicit FunctionSink(const std::function<bool(ByteView)>& take) : take_(take) {}
    bool append(ByteView octets) override { return take_(octets); }

private:
    const std::function<bool(ByteView)>& take_;
};

milliseconds timeout_of(const ConnectOptions& options) {
    return milliseconds(static_cast<std::int64_t>(std::llround(options.timeout_s * 1000)));
}

dlms::Protection protection_of(const std::string& name) {
    return {name == "authenticate" || name == "both", name == "encrypt" || name == "both"};
}

}  // namespace

class Client::Implementation {
public:
    explicit Implementation(const ConnectOptions& options)
        : options_(options),
          address_(parse_address(options.address)),
          identity_(identity_of(options)),
          crypto_(make_openssl_crypto()),
          send_buffer_(kSendBuffer) {
        if (!options_.key_file.empty() && uses_counters()) file_.emplace(options_.key_file);
        if (uses_counters()) counters_.start(file_ ? &*file_ : nullptr, options_.client_sap, meter_counter() + 1);
        configure();
        associate();
    }

    ~Implementation() {
        if (link_ == nullptr) return;
        try {
            if (session_ && session_->association().open) (void)drive(session_->release());
        } catch (const CliError&) {
            // The meter ends an association by itself when its link goes.
            session_->link_lost();
        }
        link_->close();
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    GetAnswer get(const dlms::AttributeRequest& attribute) {
        GetAnswer answer;
        VectorSink sink(answer.value);
        const dlms::Progress done = request([&] {
            answer.value.clear();
            return session_->get(attribute, sink);
        });
        answer.result = done.access_result;
        if (answer.result != dlms::DataAccessResult::success) answer.value.clear();
        return answer;
    }

    dlms::DataAccessResult get_streamed(const dlms::AttributeRequest& attribute,
                                        const std::function<bool(ByteView)>& take) {
        FunctionSink sink(take);
        return request([&] { return session_->get(attribute, sink); }).access_result;
    }

    /// The answers, or nothing when this meter cannot do it as a list after all.
    std::optional<std::vector<GetAnswer>> get_list(std::span<const dlms::AttributeDescriptor> attributes) {
        std::vector<dlms::AttributeRequest> requests;
        for (const dlms::AttributeDescriptor& attribute : attributes) requests.push_back({attribute, std::nullopt});
        std::vector<std::uint8_t> octets;
        VectorSink sink(octets);
        const dlms::Progress done = drive(session_->get_list(requests, sink));
        if (done.step == dlms::Step::failed || done.access_result != dlms::DataAccessResult::success)
            return std::nullopt;
        const auto results = dlms::decode_get_results(octets);
        if (!results || results->count != attributes.size()) return std::nullopt;
        std::vector<GetAnswer> answers;
        for (const dlms::GetDataResult& result : *results) {
            answers.push_back({result.result, {result.data.begin(), result.data.end()}});
        }
        return answers;
    }

    dlms::DataAccessResult set(const dlms::AttributeDescriptor& attribute, ByteView value) {
        return request([&] { return session_->set({attribute, std::nullopt}, value); }).access_result;
    }

    CallAnswer call(const dlms::MethodDescriptor& method, ByteView parameters) {
        CallAnswer answer;
        VectorSink sink(answer.returned);
        answer.result = request([&] { return session_->action(method, parameters, sink); }).action_result;
        return answer;
    }

    [[nodiscard]] dlms::Conformance conformance() const { return session_->association().conformance; }

    [[nodiscard]] std::string description() const {
        const auto* const mechanism = std::ranges::find(kMechanisms, identity_.mechanism, &MechanismName::mechanism);
        std::string text = fmt::format("client {}, {}", options_.client_sap, mechanism->name);
        if (!identity_.ciphered) return text;
        const dlms::Protection protection = protection_of(options_.protection);
        if (protection.authenticated) text += ", authenticated";
        if (protection.encrypted) text += protection.authenticated ? " and encrypted" : ", encrypted";
        if (identity_.secrets.dedicated) text += ", dedicated key";
        return text;
    }

private:
    [[nodiscard]] bool uses_counters() const {
        return identity_.ciphered || identity_.mechanism == AuthenticationMechanism::high_gmac;
    }

    void open() {
        link_ = open_link(address_, options_.client_sap, timeout_of(options_));
        if (!options_.gateway.empty()) link_ = through_gateway(std::move(link_), options_.gateway);
    }

    void configure() {
        configuration_.mechanism = identity_.mechanism;
        configuration_.user = options_.user;
        configuration_.secret = identity_.secrets.secret;
        configuration_.context = identity_.ciphered ? dlms::ApplicationContext::logical_names_ciphered
                                                    : dlms::ApplicationContext::logical_names;
        // Who asks for a broken digest by its name gets it; by default it is never taken.
        configuration_.allow_legacy_digests = dlms::is_legacy(identity_.mechanism);
        const bool datagrams = address_.transport == Transport::udp_wrapper;
        if (datagrams || options_.general_blocks) {
            block_memory_.resize(kMaxApdu);
            configuration_.block_memory = block_memory_;
            configuration_.blocks_always = datagrams;
            // HDLC has one APDU on the way at a time.
            if (address_.hdlc()) configuration_.block_window = 1;
        }
        configuration_.system_title = identity_.system_title;
        configuration_.suite = identity_.secrets.suite_or_default();
        configuration_.signing_private_key = identity_.secrets.signing_key;
        configuration_.agreement_private_key = identity_.secrets.agreement_key;
        configuration_.server_signing_key = identity_.secrets.meter_signing_key;
        configuration_.server_agreement_key = identity_.secrets.meter_agreement_key;
        configuration_.master_key = identity_.secrets.master_key;
        if (!uses_counters()) return;
        configuration_.encryption_key = identity_.secrets.unicast_key;
        configuration_.authentication_key = identity_.secrets.authentication_key;
        configuration_.request_protection = protection_of(options_.protection);
        configuration_.answer_protection = protection_of(options_.protection);
        configuration_.use_dedicated_key = identity_.ciphered && identity_.secrets.dedicated;
    }

    /// The meter's counter for this client, read as the public client; 0 when it cannot be had.
    std::uint32_t meter_counter() {
        std::vector<dlms::LogicalName> names;
        if (options_.counter_object.empty()) {
            names.push_back(dlms::obis(0, 0, 43, 1, static_cast<std::uint8_t>(options_.client_sap)));
            names.push_back(dlms::obis(0, 0, 43, 1, 0));
        } else {
            const auto name = parse_obis(options_.counter_object);
            if (!name) {
                throw CliError(fmt::format("--counter-object \"{}\" is no OBIS code; write 0.0.43.1.0.255",
                                           options_.counter_object));
            }
            names.push_back(*name);
        }
        ConnectOptions as_public;
        as_public.address = options_.address;
        as_public.gateway = options_.gateway;
        as_public.timeout_s = options_.timeout_s;
        Implementation reader(as_public, PublicClient{});
        if (!reader.session_) return 0;
        for (const dlms::LogicalName& name : names) {
            const GetAnswer answer = reader.get({{1, name, 2}, std::nullopt});
            if (answer.result != dlms::DataAccessResult::success) continue;
            const auto value = decode_value(answer.value);
            const auto counter = value ? value->integer() : std::nullopt;
            if (counter && *counter >= 0 && *counter < 0xFFFFFFFF) return static_cast<std::uint32_t>(*counter);
        }
        if (!options_.counter_object.empty()) {
            throw CliError(fmt::format("the meter shows the public client no counter at {}; check --counter-object",
                                       options_.counter_object));
        }
        return 0;
    }

    struct PublicClient {};
    /// The public client, which may well be refused: then there is no session.
    Implementation(const ConnectOptions& options, PublicClient /*unused*/)
        : options_(options),
          address_(parse_address(options.address)),
          crypto_(make_openssl_crypto()),
          send_buffer_(1024) {
        open();
        session_.emplace(configuration_, *crypto_, counters_, send_buffer_);
        if (drive(session_->associate()).step == dlms::Step::failed) session_.reset();
    }

    void associate() {
        for (bool again = false;; again = true) {
            open();
            session_.emplace(configuration_, *crypto_, counters_, send_buffer_);
            const dlms::Progress progress = drive(session_->associate());
            if (progress.step == dlms::Step::done) return;
            const auto expected = expected_counter(progress.failure);
            if (again || !expected) {
                session_.reset();
                throw CliError(explain(progress.failure));
            }
            recover(*expected);
            session_.reset();
            link_->close();
        }
    }

    [[nodiscard]] static std::optional<std::uint32_t> expected_counter(const dlms::ClientFailure& failure) {
        if (failure.error != ClientError::refused || !failure.exception) return std::nullopt;
        return failure.exception->expected_invocation_counter;
    }

    void recover(std::uint32_t expected) {
        recovered_ = true;
        if (options_.note) {
            options_.note(
                fmt::format("the meter expects invocation counter {} or more; going on from there", expected));
        }
        counters_.start(file_ ? &*file_ : nullptr, options_.client_sap, expected);
    }

    /// Starts a request and carries it to its end; once with a greater counter when the meter asks for it.
    template <class Start>
    dlms::Progress request(Start&& start) {
        dlms::Progress progress = drive(start());
        if (progress.step != dlms::Step::failed) return progress;
        const auto expected = expected_counter(progress.failure);
        // A repeated request of which only the answer was lost is refused as a replay, and asked for anew.
        if (expected && link_->repeated()) {
            counters_.start(file_ ? &*file_ : nullptr, options_.client_sap, *expected);
            progress = drive(start());
            if (progress.step != dlms::Step::failed) return progress;
        } else if (expected && !recovered_) {
            recover(*expected);
            progress = drive(start());
            if (progress.step != dlms::Step::failed) return progress;
        }
        throw CliError(explain(progress.failure));
    }

    /// Sends what is due and waits for an APDU; empty when datagrams may be lost and none came in its share of the
    /// time.
    ByteView round(const dlms::Progress& progress) {
        const bool ask = progress.step == dlms::Step::send;
        if (address_.hdlc() || !session_->repeatable()) return ask ? link_->exchange(progress.apdu) : link_->receive();
        if (ask) {
            link_->send(progress.apdu);
            for (ByteView more = session_->next(); !more.empty(); more = session_->next()) link_->send(more);
        }
        return link_->receive_within(std::max(milliseconds(50), timeout_of(options_) / kRetries));
    }

    /// Sends and receives until the session has what it wants.
    dlms::Progress drive(dlms::Progress progress) {
        std::vector<std::uint8_t> answer;
        int silences = 0;
        while (progress.step != dlms::Step::done && progress.step != dlms::Step::failed) {
            const ByteView received = round(progress);
            if (received.empty()) {
                const dlms::Progress again = session_->retry();
                if (++silences > kRetries || again.step == dlms::Step::failed) {
                    throw CliError(fmt::format("{} does not answer any more; try again, or allow more with --timeout",
                                               address_.text()));
                }
                progress = again;
                continue;
            }
            silences = 0;
            answer.assign(received.begin(), received.end());
            progress = session_->receive(answer);
        }
        return progress;
    }

    ConnectOptions options_;
    Address address_;
    Identity identity_{};
    std::unique_ptr<Crypto> crypto_;
    std::vector<std::uint8_t> send_buffer_;
    std::vector<std::uint8_t> block_memory_{};
    std::optional<CountersFile> file_{};
    Counters counters_{};
    dlms::ClientConfiguration configuration_{};
    std::unique_ptr<Link> link_{};
    std::optional<dlms::ClientSession> session_{};
    bool recovered_{false};
    bool lists_work_{true};

    friend class Client;
};

Client::Client(const ConnectOptions& options) : implementation_(std::make_unique<Implementation>(options)) {}
Client::~Client() = default;

namespace {
dlms::AttributeRequest with_selection(const dlms::AttributeDescriptor& attribute, const OwnedSelection* selection) {
    dlms::AttributeRequest request{attribute, std::nullopt};
    if (selection != nullptr) request.selection = dlms::Selection{selection->selector, selection->parameters};
    return request;
}
}  // namespace

GetAnswer Client::get(const dlms::AttributeDescriptor& attribute, const OwnedSelection* selection) {
    return implementation_->get(with_selection(attribute, selection));
}

dlms::DataAccessResult Client::get_streamed(const dlms::AttributeDescriptor& attribute, const OwnedSelection* selection,
                                            const std::function<bool(ByteView)>& take) {
    return implementation_->get_streamed(with_selection(attribute, selection), take);
}

std::vector<GetAnswer> Client::get_all(std::span<const dlms::AttributeDescriptor> attributes,
                                       const std::function<void(std::size_t)>& progress) {
    std::vector<GetAnswer> answers;
    while (answers.size() < attributes.size()) {
        const auto rest = attributes.subspan(answers.size());
        const bool lists = implementation_->lists_work_ && rest.size() > 1 &&
                           dlms::has(conformance(), dlms::Conformance::multiple_references);
        if (lists) {
            if (auto some = implementation_->get_list(rest.first(std::min(rest.size(), kListLength)))) {
                std::ranges::move(*some, std::back_inserter(answers));
                if (progress) progress(answers.size());
                continue;
            }
            implementation_->lists_work_ = false;
        }
        answers.push_back(get(rest.front()));
        if (progress) progress(answers.size());
    }
    return answers;
}

dlms::DataAccessResult Client::set(const dlms::AttributeDescriptor& attribute, ByteView value) {
    return implementation_->set(attribute, value);
}

CallAnswer Client::call(const dlms::MethodDescriptor& method, ByteView parameters) {
    return implementation_->call(method, parameters);
}

dlms::Conformance Client::conformance() const { return implementation_->conformance(); }
std::string Client::description() const { return implementation_->description(); }

}  // namespace ferraris::cli
