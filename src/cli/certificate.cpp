#include "cli/certificate.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "cli/client.hpp"
#include "cli/connect_options.hpp"
#include "cli/error.hpp"
#include "cli/key_material.hpp"
#include "cli/obis.hpp"
#include "cli/results.hpp"
#include "cli/value.hpp"
#include "crypto/key_encoding.hpp"
#include "dlms/data.hpp"

namespace ferraris::cli {
namespace {

constexpr std::uint16_t kSecuritySetup = 64;
constexpr std::int8_t kCertificates = 6;
/// Methods of class 64 version 1 (IEC 62056-6-2).
enum Method : std::int8_t {
    generate_key_pair = 4,
    request = 5,
    import_certificate = 6,
    export_certificate = 7,
    remove = 8
};

constexpr const char* kEntities[] = {"meter", "client", "authority", "other"};
constexpr const char* kUses[] = {"signing", "agreement", "tls", "other"};

struct CertificateOptions {
    ConnectOptions connect;
    std::string action;
    std::string argument;
    std::string setup;
    std::string output;
    bool json{false};
};

/// One element of attribute 6.
struct ListedCertificate {
    std::size_t entity{3};
    std::size_t use{3};
    Octets serial_number;
    Octets issuer;
    Octets subject;
};

Octets octets_of(const Value& value) { return {value.octets.begin(), value.octets.end()}; }

/// The common name in an encoded Name, else its digits.
std::string common_name(const Octets& name) {
    constexpr std::uint8_t kCommonName[] = {0x06, 0x03, 0x55, 0x04, 0x03};
    const auto found = std::search(name.begin(), name.end(), std::begin(kCommonName), std::end(kCommonName));
    const auto left = static_cast<std::size_t>(name.end() - found);
    constexpr std::size_t kHead = std::size(kCommonName) + 2;
    if (left < kHead) return to_hex(name);
    const std::size_t size = *(found + kHead - 1);
    if (size > left - kHead) return to_hex(name);
    return {found + kHead, found + kHead + static_cast<std::ptrdiff_t>(size)};
}

template <class Write>
Octets encoded(Write&& write) {
    Octets memory(4096);
    ByteWriter out(memory);
    dlms::DataWriter data(out);
    write(data);
    if (out.overflowed()) throw CliError("that is too long for a certificate");
    memory.resize(out.size());
    return memory;
}

class CertificateVerb {
public:
    explicit CertificateVerb(const CertificateOptions& options) : options_(options), setup_(setup_of(options)) {}

    void list() {
        const auto certificates = listed();
        nlohmann::ordered_json report = nlohmann::ordered_json::array();
        std::size_t number = 0;
        for (const ListedCertificate& each : certificates) {
            ++number;
            if (options_.json) {
                report.push_back({{"number", number},
                                  {"entity", kEntities[each.entity]},
                                  {"use", kUses[each.use]},
                                  {"subject", common_name(each.subject)},
                                  {"issuer", common_name(each.issuer)},
                                  {"serial_number", to_hex(each.serial_number)}});
            } else {
                fmt::print("{:>2}  {:<9}  {:<9}  {}, issued by {}, number {}\n", number, kEntities[each.entity],
                           kUses[each.use], common_name(each.subject), common_name(each.issuer),
                           to_hex(each.serial_number));
            }
        }
        if (options_.json) fmt::print("{}\n", report.dump(2));
        if (!options_.json && certificates.empty()) fmt::print("the meter has no certificates\n");
    }

    void generate() {
        call(Method::generate_key_pair, use());
        fmt::print("the meter has a new key pair for {}; it comes into use with its certificate\n", options_.argument);
    }

    void request() { write_pem(kCertificateRequestLabel, returned(call(Method::request, use()))); }

    void import() {
        const Octets certificate = read_certificate(options_.argument);
        call(Method::import_certificate, encoded([&](dlms::DataWriter& data) { data.octet_string(certificate); }));
        fmt::print("the meter took the certificate {}\n", options_.argument);
    }

    void export_() {
        const ListedCertificate chosen = numbered();
        write_pem(kCertificateLabel, returned(call(Method::export_certificate, by_serial_number(chosen))));
    }

    void remove() {
        const ListedCertificate chosen = numbered();
        call(Method::remove, by_serial_number(chosen));
        fmt::print("the meter no longer has the certificate of {} for {}\n", common_name(chosen.subject),
                   kUses[chosen.use]);
    }

private:
    static dlms::LogicalName setup_of(const CertificateOptions& options) {
        if (options.setup.empty()) {
            return dlms::obis(0, 0, 43, 0, static_cast<std::uint8_t>(options.connect.client_sap));
        }
        const auto name = parse_obis(options.setup);
        if (!name) throw CliError(fmt::format("--setup \"{}\" is no OBIS code; write 0-0:43.0.0", options.setup));
        return *name;
    }

    Client& client() {
        if (!client_) client_ = std::make_unique<Client>(options_.connect);
        return *client_;
    }

    CallAnswer call(std::int8_t method, const Octets& parameters) {
        CallAnswer answer = client().call({kSecuritySetup, setup_, method}, parameters);
        if (answer.result == dlms::ActionResult::success) return answer;
        throw CliError(fmt::format("the meter did not {} ({}); {}", options_.action, explain(answer.result), hint()));
    }

    [[nodiscard]] const char* hint() const {
        if (options_.action == "import") {
            return "it takes what an authority that it trusts issued for now, for clients, or for a key pair of its "
                   "own";
        }
        if (options_.action == "remove") return "the last authority stays";
        return "key pairs are of suites 1 and 2 only, and a request needs a pair that was generated";
    }

    std::vector<ListedCertificate> listed() {
        const GetAnswer answer = client().get({kSecuritySetup, setup_, kCertificates});
        if (answer.result != dlms::DataAccessResult::success) {
            throw CliError(fmt::format("the meter's certificates cannot be read at {}: {}; check --setup and --client",
                                       obis_text(setup_), explain(answer.result)));
        }
        const auto value = decode_value(answer.value);
        std::vector<ListedCertificate> certificates;
        if (!value) throw CliError("the meter's list of certificates is no legal A-XDR");
        for (const Value& item : value->items) {
            if (item.items.size() < 5) throw CliError("the meter's list of certificates is not that of class 64");
            ListedCertificate listed;
            listed.entity = index(item.items[0], std::size(kEntities));
            listed.use = index(item.items[1], std::size(kUses));
            listed.serial_number = octets_of(item.items[2]);
            listed.issuer = octets_of(item.items[3]);
            listed.subject = octets_of(item.items[4]);
            certificates.push_back(std::move(listed));
        }
        return certificates;
    }

    static std::size_t index(const Value& value, std::size_t count) {
        const auto number = value.integer();
        return number && *number >= 0 && static_cast<std::size_t>(*number) < count ? static_cast<std::size_t>(*number)
                                                                                   : count - 1;
    }

    ListedCertificate numbered() {
        std::size_t number = 0;
        const std::string& text = options_.argument;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size() || number == 0) {
            throw CliError(fmt::format("\"{}\" is no number of a certificate; `certificate list` shows them", text));
        }
        const auto certificates = listed();
        if (number > certificates.size()) {
            throw CliError(
                fmt::format("the meter has {} certificates; `certificate list` shows them", certificates.size()));
        }
        return certificates[number - 1];
    }

    [[nodiscard]] Octets use() const {
        const std::string& text = options_.argument;
        if (text != "signing" && text != "agreement") {
            throw CliError(fmt::format("\"{}\" is no use of a key pair; write signing or agreement", text));
        }
        return encoded([&](dlms::DataWriter& data) { data.enum_(text == "signing" ? 0 : 1); });
    }

    /// structure{1, structure{serial number, issuer}}
    static Octets by_serial_number(const ListedCertificate& certificate) {
        return encoded([&](dlms::DataWriter& data) {
            data.structure(2);
            data.enum_(1);
            data.structure(2);
            data.octet_string(certificate.serial_number);
            data.octet_string(certificate.issuer);
        });
    }

    static Octets returned(const CallAnswer& answer) {
        dlms::DataReader in(answer.returned);
        const ByteView octets = in.octet_string();
        if (!in.finished()) throw CliError("the meter returned no octet-string");
        return {octets.begin(), octets.end()};
    }

    void write_pem(std::string_view label, const Octets& der) const {
        const std::string text = encode_pem(label, der);
        if (options_.output.empty()) {
            fmt::print("{}", text);
            return;
        }
        std::ofstream file(options_.output);
        file << text;
        file.close();
        if (!file) throw CliError(fmt::format("{} cannot be written", options_.output));
        fmt::print("{} is written\n", options_.output);
    }

    const CertificateOptions& options_;
    dlms::LogicalName setup_;
    std::unique_ptr<Client> client_{};
};

struct Action {
    const char* name;
    void (CertificateVerb::*run)();
    const char* argument;  ///< what it wants; null: nothing
};
constexpr Action kActions[] = {
    {"list", &CertificateVerb::list, nullptr},
    {"generate", &CertificateVerb::generate, "signing or agreement"},
    {"request", &CertificateVerb::request, "signing or agreement"},
    {"import", &CertificateVerb::import, "a file with a certificate, PEM or DER"},
    {"export", &CertificateVerb::export_, "the number of a certificate in the list"},
    {"remove", &CertificateVerb::remove, "the number of a certificate in the list"},
};

int run_certificate(const CertificateOptions& options) {
    const Action& action = *std::ranges::find(kActions, options.action, &Action::name);
    if ((action.argument == nullptr) != options.argument.empty()) {
        throw CliError(action.argument == nullptr
                           ? std::string("list takes nothing behind the address")
                           : fmt::format("{} wants {} behind the address", options.action, action.argument));
    }
    CertificateVerb verb(options);
    (verb.*action.run)();
    return 0;
}

}  // namespace

void add_certificate(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("certificate", "Key pairs and certificates of a meter, suites 1 and 2");
    const auto options = std::make_shared<CertificateOptions>();
    std::vector<std::string> names;
    for (const Action& action : kActions) names.emplace_back(action.name);
    verb->add_option("action", options->action, "list, generate, request, import, export or remove")
        ->required()
        ->check(CLI::IsMember(names).description(""))
        ->type_name("ACTION");
    add_connect_options(*verb, options->connect);
    verb->add_option("argument", options->argument,
                     "generate, request: signing or agreement; import: FILE; export, remove: number in the list")
        ->type_name("WHAT");
    verb->add_option("--setup", options->setup, "Security setup of the meter; default: 0-0:43.0.N of client N")
        ->type_name("OBIS");
    verb->add_option("-o,--output", options->output, "Where request and export write PEM; default: standard output")
        ->type_name("FILE");
    verb->add_flag("--json", options->json, "The list as JSON");
    verb->footer(
        "Examples:\n"
        "  ferraris certificate list tcp://127.0.0.1:4059 --client 1 --keys keys.toml\n"
        "  ferraris certificate request tcp://127.0.0.1:4059 signing --client 1 --keys keys.toml -o request.pem\n"
        "  ferraris certificate import tcp://127.0.0.1:4059 meter.pem --client 1 --keys keys.toml");
    verb->callback([options, &exit_status] { exit_status = run_certificate(*options); });
}

}  // namespace ferraris::cli
