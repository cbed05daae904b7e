#include "cli/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "cli/association_counters.hpp"
#include "cli/data_protection.hpp"
#include "cli/dialogue.hpp"
#include "cli/envelope.hpp"
#include "cli/error.hpp"
#include "cli/failure.hpp"
#include "cli/identity.hpp"
#include "cli/mechanisms.hpp"
#include "cli/meter_counter.hpp"
#include "cli/sinks.hpp"
#include "cli/value.hpp"
#include "crypto/openssl.hpp"
#include "dlms/client/recovery.hpp"

namespace ferraris::cli {
namespace {

using dlms::ClientError;
using std::chrono::milliseconds;

/// Attributes in one GET with list: a long request may not fit the meter's buffer.
constexpr std::size_t kListLength = 10;
dlms::Protection protection_of(const std::string& name) {
    return {name == "authenticate" || name == "both", name == "encrypt" || name == "both"};
}

/// How a meter with short names alone refuses logical ones.
bool wants_another_context(const dlms::ClientFailure& failure) {
    return failure.error == ClientError::rejected &&
           failure.diagnostic ==
               dlms::AssociateDiagnostic::of(dlms::AcseUserDiagnostic::application_context_name_not_supported);
}

/// As long as `recovery` wants it before the next try.
void pause(const dlms::CounterRecovery& recovery, Crypto& crypto) {
    std::uint8_t chance = 0;
    (void)crypto.random(ByteSpan(&chance, 1));
    std::this_thread::sleep_for(milliseconds(recovery.pause_ms(chance)));
}

}  // namespace

milliseconds timeout_of(const ConnectOptions& options) {
    return milliseconds(static_cast<std::int64_t>(std::llround(options.timeout_s * 1000)));
}

Address address_of(const ConnectOptions& options) {
    Address address = parse_address(options.address);
    apply(options.quirks, address);
    return address;
}

class Client::Implementation {
public:
    explicit Implementation(const ConnectOptions& options)
        : options_(options),
          address_(address_of(options)),
          identity_(identity_of(options)),
          crypto_(make_openssl_crypto()) {
        if (!options_.key_file.empty() && identity_.uses_counters()) file_.emplace(options_.key_file);
        if (identity_.uses_counters()) {
            const std::uint32_t least = std::max(options_.quirks.counter_at_least, 1U) - 1;
            go_on_behind(std::max(read_meter_counter(options_).value_or(0), least));
        }
        configure();
        associate();
        if (by_short_names()) read_short_names();
    }

    ~Implementation() { hang_up(); }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    GetAnswer get(const dlms::AttributeRequest& attribute) {
        GetAnswer answer;
        VectorSink sink(answer.value);
        const dlms::Progress done = request([&] {
            answer.value.clear();
            return start_get(attribute, sink);
        });
        answer.result = done.access_result;
        if (answer.result != dlms::DataAccessResult::success) answer.value.clear();
        return answer;
    }

    dlms::DataAccessResult get_streamed(const dlms::AttributeRequest& attribute,
                                        const std::function<bool(ByteView)>& take) {
        FunctionSink sink(take);
        return request([&] { return start_get(attribute, sink); }, [&] { return !sink.touched(); }).access_result;
    }

    /// The answers, or nothing when this meter cannot do it as a list after all.
    std::optional<std::vector<GetAnswer>> get_list(std::span<const dlms::AttributeDescriptor> attributes) {
        std::vector<dlms::AttributeRequest> requests;
        for (const dlms::AttributeDescriptor& attribute : attributes) requests.push_back({attribute, std::nullopt});
        std::vector<std::uint8_t> octets;
        VectorSink sink(octets);
        std::vector<dlms::VariableAccess> variables;
        if (names_) {
            for (const dlms::AttributeDescriptor& attribute : attributes) {
                const auto name = names_->of(attribute);
                if (!name) return std::nullopt;
                variables.push_back(dlms::VariableAccess::of(*name));
            }
        }
        const dlms::Progress done = carry(
            [&] {
                octets.clear();
                return names_ ? session().read(variables, sink) : session().get_list(requests, sink);
            },
            [] { return true; });
        if (done.step == dlms::Step::failed || done.access_result != dlms::DataAccessResult::success)
            return std::nullopt;
        if (names_) return read_answers(octets, attributes.size());
        const auto results = dlms::decode_get_results(octets);
        if (!results || results->count != attributes.size()) return std::nullopt;
        std::vector<GetAnswer> answers;
        for (const dlms::GetDataResult& result : *results) {
            answers.push_back({result.result, {result.data.begin(), result.data.end()}});
        }
        return answers;
    }

    dlms::DataAccessResult set(const dlms::AttributeDescriptor& attribute, ByteView value) {
        if (!names_) return request([&] { return session().set({attribute, std::nullopt}, value); }).access_result;
        return write(names_->of(attribute), value);
    }

    CallAnswer call(const dlms::MethodDescriptor& method, ByteView parameters) {
        CallAnswer answer;
        // A method is a variable that its parameters are written to; the results have the same numbers.
        if (names_) {
            answer.result = static_cast<dlms::ActionResult>(write(names_->of(method), parameters));
            return answer;
        }
        VectorSink sink(answer.returned);
        const dlms::Progress progress = request([&] { return session().action(method, parameters, sink); });
        answer.result = progress.action_result;
        answer.withheld = progress.returned;
        return answer;
    }

    /// Through class 30, but for what is needed to get there: the object list, and that object itself.
    [[nodiscard]] bool protects_data(std::uint16_t class_id) const {
        constexpr std::uint16_t kAssociationId = 15;
        return !options_.data_protection.empty() && class_id != kAssociationId && class_id != kDataProtectionId;
    }

    GetAnswer get_protected(const dlms::AttributeDescriptor& attribute) {
        const auto keys = data_keys();
        const DataProtection protection(*crypto_, options_.data_protection, data_layers(), configuration_.suite, keys);
        const CallAnswer answer =
            call({kDataProtectionId, kDataProtectionObject, 1}, protection.get_request(attribute));
        if (answer.result != dlms::ActionResult::success) {
            return {static_cast<dlms::DataAccessResult>(answer.result), {}};
        }
        return {dlms::DataAccessResult::success, protection.open_value(answer.returned)};
    }

    dlms::DataAccessResult set_protected(const dlms::AttributeDescriptor& attribute, ByteView value) {
        const auto keys = data_keys();
        const DataProtection protection(*crypto_, options_.data_protection, data_layers(), configuration_.suite, keys);
        const CallAnswer answer = call({kDataProtectionId, kDataProtectionObject, 2},
                                       protection.set_request(attribute, value, data_counter()));
        return static_cast<dlms::DataAccessResult>(answer.result);
    }

    CallAnswer call_protected(const dlms::MethodDescriptor& method, ByteView parameters) {
        const auto keys = data_keys();
        const DataProtection protection(*crypto_, options_.data_protection, data_layers(), configuration_.suite, keys);
        CallAnswer answer = call({kDataProtectionId, kDataProtectionObject, 3},
                                 protection.call_request(method, parameters, data_counter()));
        if (!answer.returned.empty()) answer.returned = protection.open_answer(answer.returned);
        return answer;
    }

    [[nodiscard]] bool can(dlms::Conformance service) const {
        return dlms::has(dialogue_->session().association().conformance, service);
    }
    [[nodiscard]] const std::optional<ShortNames>& names() const { return names_; }

    [[nodiscard]] std::string description() const {
        std::string text = fmt::format("client {}, {}", options_.client_sap, mechanism_name(identity_.mechanism));
        const std::uint8_t suite = identity_.secrets.suite_or_default();
        if (suite != 0) text += fmt::format(", suite {}", suite);
        if (!identity_.ciphered) return text;
        const dlms::Protection protection = protection_of(options_.protection);
        if (protection.authenticated) text += ", authenticated";
        if (protection.encrypted) text += protection.authenticated ? " and encrypted" : ", encrypted";
        if (identity_.secrets.dedicated) text += ", dedicated key";
        return text + envelope_text(options_);
    }

private:
    [[nodiscard]] dlms::ClientSession& session() { return dialogue_->session(); }
    [[nodiscard]] bool by_short_names() const {
        return configuration_.context == dlms::ApplicationContext::short_names ||
               configuration_.context == dlms::ApplicationContext::short_names_ciphered;
    }

    [[nodiscard]] dlms::GeneralKeys data_keys() const {
        const dlms::ClientConfiguration& c = configuration_;
        if (c.encryption_key.empty()) {
            throw CliError("--data-protection needs the keys of a ciphered association; give them with --keys FILE");
        }
        dlms::GeneralKeys keys;
        keys.own_system_title = c.system_title;
        keys.peer_system_title = dialogue_->session().association().server_system_title.view();
        keys.unicast_encryption = c.encryption_key;
        keys.authentication = c.authentication_key;
        keys.master = c.master_key;
        keys.own_signing_private = c.signing_private_key;
        keys.own_agreement_private = c.agreement_private_key;
        keys.peer_signing_public = c.server_signing_key;
        keys.peer_agreement_public = c.server_agreement_key;
        return keys;
    }
    [[nodiscard]] dlms::Protection data_layers() const {
        dlms::Protection layers = protection_of(options_.protection);
        layers.digitally_signed = options_.sign;
        return layers;
    }
    /// In the sequence of all that is sent under this key.
    [[nodiscard]] std::uint32_t data_counter() {
        const auto counter = counters_.reserve();
        if (!counter) throw CliError("the counters of this client's keys are used up; give it new keys");
        return *counter;
    }

    dlms::Progress start_get(const dlms::AttributeRequest& attribute, dlms::ResponseSink& sink) {
        if (!names_) return session().get(attribute, sink);
        dlms::Progress unknown;
        unknown.access_result = dlms::DataAccessResult::object_undefined;
        const auto name = names_->of(attribute.attribute);
        if (!name) return unknown;
        const dlms::VariableAccess variable = attribute.selection
                                                  ? dlms::VariableAccess::of(*name, *attribute.selection)
                                                  : dlms::VariableAccess::of(*name);
        return session().read(std::span(&variable, 1), sink);
    }

    static std::optional<std::vector<GetAnswer>> read_answers(ByteView octets, std::size_t count) {
        const auto results = dlms::decode_read_results(octets);
        if (!results || results->count != count) return std::nullopt;
        std::vector<GetAnswer> answers;
        for (const dlms::ReadResult& result : *results) {
            if (result.choice == dlms::ReadResultChoice::data) {
                answers.push_back({dlms::DataAccessResult::success, {result.data.begin(), result.data.end()}});
            } else if (result.choice == dlms::ReadResultChoice::data_access_error) {
                answers.push_back({result.result, {}});
            } else {
                return std::nullopt;
            }
        }
        return answers;
    }

    dlms::DataAccessResult write(std::optional<std::uint16_t> name, ByteView value) {
        if (!name) return dlms::DataAccessResult::object_undefined;
        const dlms::VariableAccess variable = dlms::VariableAccess::of(*name);
        const dlms::EncodedData data{value};
        return request([&] { return session().write(std::span(&variable, 1), std::span(&data, 1)); }).access_result;
    }

    /// The association's own list; everything else is found by it.
    void read_short_names() {
        constexpr dlms::LogicalName kAssociation = dlms::obis(0, 0, 40, 0, 0);
        names_.emplace(std::vector<ShortNameObject>{{dlms::kAssociationShortName, 12, 0, kAssociation}});
        const GetAnswer answer = get({{12, kAssociation, 2}, std::nullopt});
        const auto list = answer.result == dlms::DataAccessResult::success ? decode_value(answer.value) : std::nullopt;
        auto names = list ? ShortNames::parse(*list) : std::nullopt;
        if (!names) throw CliError("the meter does not give its list of short names; try another --client");
        names_ = std::move(names);
    }

    void use_short_names() {
        configuration_.context =
            identity_.ciphered ? dlms::ApplicationContext::short_names_ciphered : dlms::ApplicationContext::short_names;
        configuration_.conformance = dlms::kShortNameClientConformance;
        apply(options_.quirks, configuration_);
    }

    void configure() {
        configuration_.mechanism = identity_.mechanism;
        configuration_.user = options_.user;
        // `profile` adds up differences; who does not know the bit leaves it out.
        configuration_.conformance = configuration_.conformance | dlms::Conformance::delta_value_encoding;
        configuration_.secret = identity_.secrets.secret;
        configuration_.context = identity_.ciphered ? dlms::ApplicationContext::logical_names_ciphered
                                                    : dlms::ApplicationContext::logical_names;
        // Who asks for a broken digest by its name gets it; by default it is never taken.
        configuration_.allow_legacy_digests = dlms::is_legacy(identity_.mechanism);
        apply(options_.quirks, configuration_);
        if (options_.short_names) use_short_names();
        const bool datagrams = address_.transport == Transport::udp_wrapper;
        if (datagrams || options_.general_blocks || options_.quirks.general_blocks) {
            block_memory_.resize(kMaxApdu);
            configuration_.block_memory = block_memory_;
            configuration_.blocks_always = true;
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
        if (!identity_.uses_counters()) return choose_envelope(options_, identity_, configuration_);
        configuration_.encryption_key = identity_.secrets.unicast_key;
        configuration_.authentication_key = identity_.secrets.authentication_key;
        configuration_.request_protection = protection_of(options_.protection);
        configuration_.answer_protection = protection_of(options_.protection);
        configuration_.use_dedicated_key = identity_.ciphered && identity_.secrets.dedicated;
        choose_envelope(options_, identity_, configuration_);
    }

    void associate() {
        dlms::CounterRecovery recovery;
        for (;;) {
            const std::optional<Refusal> refusal = try_to_associate();
            if (!refusal) return;
            const std::uint32_t last_sent = counters_.last_sent();
            // One line carries one dialogue: the public client's needs this one's end.
            hang_up();
            if (refusal->failure && wants_another_context(*refusal->failure) && !by_short_names()) {
                use_short_names();
                continue;
            }
            if (next_step(recovery, *refusal, last_sent) != dlms::RecoveryStep::try_again)
                throw CliError(refusal->explanation);
            if (recovery.first()) say_out_of_step(recovery.taken());
            pause(recovery, *crypto_);
            go_on_behind(recovery.taken());
        }
    }

    /// Why there is no association.
    struct Refusal {
        std::string explanation;
        std::optional<dlms::ClientFailure> failure{};  ///< nothing: the meter hung up
    };

    std::optional<Refusal> try_to_associate() {
        dialogue_.emplace(options_, options_.client_sap, configuration_, *crypto_, counters_);
        try {
            const dlms::Progress progress = dialogue_->carry(session().associate());
            if (progress.step == dlms::Step::done) return std::nullopt;
            return Refusal{explanation_of(progress.failure), progress.failure};
        } catch (const CliError& error) {
            return Refusal{error.what()};
        }
    }

    dlms::RecoveryStep next_step(dlms::CounterRecovery& recovery, const Refusal& refusal, std::uint32_t last_sent) {
        if (!identity_.uses_counters()) return dlms::RecoveryStep::give_up;
        const dlms::RecoveryStep step =
            refusal.failure ? recovery.association_failed(*refusal.failure, last_sent) : recovery.hung_up(last_sent);
        return step == dlms::RecoveryStep::read_counter ? recovery.counter_read(read_meter_counter(options_)) : step;
    }

    void go_on_behind(std::uint32_t taken) {
        counters_.start(file_ ? &*file_ : nullptr, options_.client_sap, taken + 1);
    }

    void say_out_of_step(std::uint32_t taken) const {
        if (!options_.note) return;
        options_.note(
            fmt::format("the meter's invocation counter is at {} already (does another program use these keys?); "
                        "going on behind it",
                        taken));
    }

    /// Starts a request and carries it to its end; again with greater counters while the meter asks for them and
    /// `may_repeat` allows it.
    template <class Start, class MayRepeat>
    dlms::Progress carry(Start&& start, MayRepeat&& may_repeat) {
        dlms::CounterRecovery recovery;
        for (;;) {
            const dlms::Progress progress = dialogue_->carry(start());
            if (progress.step != dlms::Step::failed) return progress;
            const auto step = recovery.request_failed(progress.failure, counters_.last_sent());
            if (step != dlms::RecoveryStep::try_again || !may_repeat()) return progress;
            // A repeated request of which only the answer was lost is refused as a replay, and asked for anew.
            if (recovery.first() && !dialogue_->repeated()) say_out_of_step(recovery.taken());
            pause(recovery, *crypto_);
            go_on_behind(recovery.taken());
        }
    }

    /// As `carry`, and throws CliError when it fails.
    template <class Start, class MayRepeat>
    dlms::Progress request(Start&& start, MayRepeat&& may_repeat) {
        const dlms::Progress progress = carry(start, may_repeat);
        if (progress.step == dlms::Step::failed) throw CliError(explanation_of(progress.failure));
        return progress;
    }
    template <class Start>
    dlms::Progress request(Start&& start) {
        return request(start, [] { return true; });
    }

    [[nodiscard]] std::string explanation_of(const dlms::ClientFailure& failure) const {
        const dlms::Protection protection = protection_of(options_.protection);
        FailureContext context;
        context.asks_for_less_than_all =
            identity_.uses_counters() && !(protection.authenticated && protection.encrypted);
        if (file_ && failure.error == ClientError::answer_repeats_counter)
            context.counters_file = file_->path().string();
        return explain(failure, context);
    }

    void hang_up() {
        if (!dialogue_) return;
        try {
            const auto heard = session().server_counter();
            const auto title = session().association().server_system_title;
            dialogue_.reset();
            if (heard) counters_.keep_heard(title.view(), *heard);
        } catch (const CliError&) {
            // The counters file is gone: what was read is good all the same.
            dialogue_.reset();
        }
    }

    ConnectOptions options_;
    Address address_;
    Identity identity_;
    std::unique_ptr<Crypto> crypto_;
    std::vector<std::uint8_t> block_memory_{};
    std::optional<CountersFile> file_{};
    AssociationCounters counters_{};
    dlms::ClientConfiguration configuration_{};
    std::optional<Dialogue> dialogue_{};
    std::optional<ShortNames> names_{};  ///< of a meter that has them
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
    if (implementation_->protects_data(attribute.class_id)) {
        if (selection != nullptr) throw CliError("a part of an attribute cannot be read with --data-protection");
        return implementation_->get_protected(attribute);
    }
    return implementation_->get(with_selection(attribute, selection));
}

dlms::DataAccessResult Client::get_streamed(const dlms::AttributeDescriptor& attribute, const OwnedSelection* selection,
                                            const std::function<bool(ByteView)>& take) {
    if (implementation_->protects_data(attribute.class_id)) {
        throw CliError("profiles are read without --data-protection; --envelope and --sign protect them");
    }
    return implementation_->get_streamed(with_selection(attribute, selection), take);
}

std::vector<GetAnswer> Client::get_all(std::span<const dlms::AttributeDescriptor> attributes,
                                       const std::function<void(std::size_t)>& progress) {
    std::vector<GetAnswer> answers;
    while (answers.size() < attributes.size()) {
        const auto rest = attributes.subspan(answers.size());
        const bool lists = implementation_->lists_work_ && rest.size() > 1 &&
                           implementation_->options_.data_protection.empty() &&
                           implementation_->can(dlms::Conformance::multiple_references);
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
    if (implementation_->protects_data(attribute.class_id)) return implementation_->set_protected(attribute, value);
    return implementation_->set(attribute, value);
}

CallAnswer Client::call(const dlms::MethodDescriptor& method, ByteView parameters) {
    if (implementation_->protects_data(method.class_id)) return implementation_->call_protected(method, parameters);
    return implementation_->call(method, parameters);
}

bool Client::selects() const {
    return implementation_->can(implementation_->names() ? dlms::Conformance::parameterized_access
                                                         : dlms::Conformance::selective_access);
}

const std::vector<ShortNameObject>* Client::short_name_objects() const {
    return implementation_->names() ? &implementation_->names()->objects() : nullptr;
}

std::string Client::description() const { return implementation_->description(); }

}  // namespace ferraris::cli
