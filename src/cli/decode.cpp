#include "cli/decode.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "cli/key_file.hpp"
#include "cli/terminal.hpp"
#include "crypto/openssl.hpp"
#include "decode/input.hpp"
#include "decode/render.hpp"

namespace ferraris::cli {
namespace {

enum class Form : std::uint8_t { text, json, xml };

struct DecodeOptions {
    std::vector<std::string> input;
    std::string keys;
    std::vector<std::string> titles;
    bool json{false};
    bool xml{false};
};

/// The octets of a file, of standard input for `-`, or the words themselves as text.
Octets read_input(const std::vector<std::string>& words) {
    const std::string& first = words.front();
    if (words.size() == 1 && first == "-") {
        return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    }
    std::error_code ignored;
    if (words.size() == 1 && std::filesystem::exists(first, ignored)) {
        if (std::filesystem::is_directory(first, ignored)) {
            throw CliError(fmt::format("{} is a folder; give a file", first));
        }
        std::ifstream file(first, std::ios::binary | std::ios::ate);
        if (!file) throw CliError(fmt::format("{} cannot be opened; may you read it?", first));
        Octets octets;
        const auto size = file.tellg();
        if (size > 0) {
            octets.resize(static_cast<std::size_t>(size));
            file.seekg(0);
            file.read(reinterpret_cast<char*>(octets.data()), size);
        } else {
            file.clear();
            file.seekg(0);
            octets.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        }
        if (file.bad()) throw CliError(fmt::format("{} cannot be read", first));
        return octets;
    }
    const std::string text = fmt::format("{}", fmt::join(words, " "));
    if (!decode::parse_hex_text(text)) {
        throw CliError(fmt::format(
            "\"{}\" is no file, and no pairs of hexadecimal digits; give a file, or octets as in C001810003",
            text.size() > 60 ? text.substr(0, 60) + "…" : text));
    }
    return {text.begin(), text.end()};
}

decode::KeyRow key_row(const ClientSecrets& secrets) {
    decode::KeyRow row;
    row.unicast = secrets.unicast_key;
    row.broadcast = secrets.broadcast_key;
    row.authentication = secrets.authentication_key;
    row.dedicated = secrets.dedicated_key;
    row.master = secrets.master_key;
    row.agreement_private = secrets.agreement_key;
    row.agreement_public = secrets.meter_agreement_key;
    row.signing_public = secrets.meter_signing_key;
    return row;
}

decode::KeyRing key_ring(const DecodeOptions& options) {
    decode::KeyRing ring;
    for (const std::string& title : options.titles) {
        const auto octets = from_hex(title);
        if (!octets || octets->size() != std::tuple_size_v<SystemTitle>) {
            throw CliError(fmt::format("\"{}\" is no system title; write its 8 octets in hex", title));
        }
        ring.add_title(*octets);
    }
    if (options.keys.empty()) return ring;
    const KeyFile file = read_key_file(options.keys);
    if (file.system_title) ring.add_title(*file.system_title);
    for (const auto& [sap, secrets] : file.clients) ring.rows.push_back(key_row(secrets));
    for (const auto& [title, secrets] : file.meters) {
        ring.rows.push_back(key_row(secrets));
        ring.rows.back().title = title;
        ring.add_title(title);
    }
    return ring;
}

class Printer {
public:
    explicit Printer(Form form) : form_(form) {
        if (form_ == Form::json) put("[");
        if (form_ == Form::xml) put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<decoded>\n");
    }
    void item(const decode::Item& item) {
        switch (form_) {
            case Form::text:
                put((first_ ? "" : "\n") + decode::render_text(item));
                break;
            case Form::json:
                put(first_ ? "\n " : ",\n ");
                put(decode::render_json(item, 1));
                break;
            case Form::xml:
                put(decode::render_xml(item));
                break;
        }
        first_ = false;
    }
    void end() {
        if (form_ == Form::json) put("\n]\n");
        if (form_ == Form::xml) put("</decoded>\n");
    }

private:
    static void put(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

    Form form_;
    bool first_{true};
};

int run(const DecodeOptions& options) {
    const Octets input = read_input(options.input);
    if (input.empty()) throw CliError("there is nothing to explain: the input is empty");
    const decode::KeyRing keys = key_ring(options);
    const auto crypto = make_openssl_crypto();
    Printer printer(options.json ? Form::json : options.xml ? Form::xml : Form::text);
    std::uint64_t unexplained = 0;
    {
        Progress progress("Explaining");
        const bool quiet = is_terminal(Stream::output);
        const decode::Sink sink = [&](decode::Item&& item) {
            if (decode::worst(item.node) == decode::Verdict::unexplained) ++unexplained;
            printer.item(item);
        };
        const decode::ProgressReport report = [&](std::uint64_t done, std::uint64_t total) {
            if (!quiet) progress.show(done, total, "octets");
        };
        const decode::InputSummary summary = decode::explain_input({keys, crypto.get()}, input, sink, report);
        printer.end();
        progress.clear();
        std::fflush(stdout);
        if (summary.capture && summary.other_octets != 0) {
            fmt::print(stderr, "ferraris decode: {} octets of other protocols in {} packets are passed over\n",
                       summary.other_octets, summary.packets);
        }
        if (!summary.problem.empty()) throw CliError(summary.problem + "; what is before that is explained");
        if (summary.items == 0) throw CliError("there is nothing in it that is known here");
    }
    if (unexplained == 0) return 0;
    throw CliError(
        fmt::format("{} of the messages could not be explained to the end; look for [unexplained]", unexplained));
}

}  // namespace

void add_decode(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("decode", "Explain frames and messages, octet by octet");
    const auto options = std::make_shared<DecodeOptions>();
    verb->add_option("input", options->input,
                     "Octets in hex; or a file of them, of binary octets, or a capture (pcap, pcapng); - for standard "
                     "input")
        ->required()
        ->type_name("HEX|FILE");
    verb->add_option("--keys", options->keys, "Key file (mode 0600); every key in it is tried")->type_name("FILE");
    verb->add_option("--title", options->titles, "System title of a sender that does not say its own; repeatable")
        ->type_name("HEX")
        ->allow_extra_args(false);
    CLI::Option* const json = verb->add_flag("--json", options->json, "Report as JSON");
    verb->add_flag("--xml", options->xml, "Report as XML")->excludes(json);
    verb->footer(
        "Nothing has to be said about what it is: HDLC, the TCP/UDP wrapper, M-Bus frames of customer ports,\n"
        "IEC 62056-21, APDUs and bare data are recognised, segments and blocks joined, also across TCP packets.\n\n"
        "Example:\n"
        "  ferraris decode C001C1000100002B0100FF0200\n"
        "  ferraris decode push.pcap --keys meter.keys --json");
    verb->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace ferraris::cli
