#include "cli/connect_options.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>

#include "cli/data_protection.hpp"
#include "cli/envelope.hpp"
#include "cli/number_option.hpp"
#include "cli/quirks_file.hpp"

namespace ferraris::cli {

namespace {

/// The help says it in words.
CLI::Validator quiet(CLI::Validator check) { return check.description(""); }

}  // namespace

void add_connect_options(CLI::App& verb, ConnectOptions& options) {
    verb.add_option("address", options.address,
                    "The meter: tcp://HOST:PORT, udp://HOST:PORT, hdlc+tcp://HOST:PORT?physical=17, hdlc+udp:// or "
                    "hdlc+serial:///dev/ttyUSB0?baud=9600, optical:///dev/ttyUSB0?physical=17; server=N for another "
                    "logical device than 1")
        ->required()
        ->type_name("ADDRESS");
    const char* const group = "Association";
    verb.add_option("-c,--client", options.client_sap, "Client number (SAP); 16, the public client, needs no key")
        ->capture_default_str()
        ->check(whole_number(1, 65535))
        ->type_name("N")
        ->group(group);
    verb.add_option("-k,--keys", options.key_file,
                    "File with the client's keys, mode 0600; without it --auth says what is asked for")
        ->type_name("FILE")
        ->group(group);
    verb.add_option("--auth", options.authentication,
                    "none, low (password), md5, sha1, gmac, sha256 or ecdsa; default: what the key file has, none for "
                    "client 16")
        ->check(quiet(CLI::IsMember({"none", "low", "md5", "sha1", "gmac", "sha256", "ecdsa"})))
        ->type_name("HOW")
        ->group(group);
    verb.add_option("--protect", options.protection, "Of ciphered messages: both, authenticate, encrypt or none")
        ->capture_default_str()
        ->check(quiet(CLI::IsMember({"none", "authenticate", "encrypt", "both"})))
        ->type_name("HOW")
        ->group(group);
    verb.add_option(
            "--envelope", options.envelope,
            "Of ciphered messages: service, general, or general-ciphering with a key that is known, identified, "
            "wrapped, or agreed upon (one-pass, static; suites 1 and 2)")
        ->capture_default_str()
        ->check(quiet(CLI::IsMember(envelope_options())))
        ->type_name("HOW")
        ->group(group);
    verb.add_flag("--sign", options.sign, "Sign requests, and want answers signed; suites 1 and 2")->group(group);
    verb.add_option("--data-protection", options.data_protection,
                    "Read, write and call through the meter's Data protection object (class 30), with data protected "
                    "as --protect and --sign say, and a key that is identified, wrapped, or agreed upon (one-pass, "
                    "static)")
        ->check(quiet(CLI::IsMember(data_protection_options())))
        ->type_name("HOW")
        ->group(group);
    verb.add_option("--user", options.user, "Client user, where the meter's association asks for one")
        ->check(whole_number(0, 255))
        ->type_name("N")
        ->group(group);
    verb.add_flag("--short-names", options.short_names,
                  "The meter has short names (SN referencing); without it they are tried when it refuses logical names")
        ->group(group);
    verb.add_option("--counter-object", options.counter_object,
                    "Where the meter keeps its invocation counter; default: 0.0.43.1.N, then 0.0.43.1.0")
        ->type_name("OBIS")
        ->group(group);
    verb.add_option_function<std::string>(
            "--quirks", [&options](const std::string& text) { options.quirks = find_quirks(text); },
            "Where the meter departs from the standard: the name of its model, or a file")
        ->type_name("MODEL|FILE")
        ->group(group);
    verb.add_option("--gateway", options.gateway,
                    "Speak to a device behind the meter; ADDRESS is text, or hexadecimal behind 0x")
        ->type_name("NETWORK:ADDRESS")
        ->group(group);
    verb.add_flag("--general-blocks", options.general_blocks,
                  "Propose general block transfer; over udp:// it always is, since it survives lost datagrams")
        ->group(group);
    verb.add_option("--timeout", options.timeout_s, "Seconds to wait for each answer")
        ->capture_default_str()
        ->check(number(0.1, 3600))
        ->type_name("S")
        ->group(group);
    options.note = [](const std::string& text) { fmt::print(stderr, "note: {}\n", text); };
}

}  // namespace ferraris::cli
