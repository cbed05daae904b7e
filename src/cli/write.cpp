#include "cli/write.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "cli/class_names.hpp"
#include "cli/client.hpp"
#include "cli/connect_options.hpp"
#include "cli/error.hpp"
#include "cli/format.hpp"
#include "cli/obis.hpp"
#include "cli/object_list.hpp"
#include "cli/results.hpp"
#include "cli/typed_value.hpp"
#include "cli/value.hpp"
#include "cli/value_json.hpp"

namespace ferraris::cli {
namespace {

struct WriteOptions {
    ConnectOptions connect;
    std::string object;
    std::string value;
    bool json{false};
};

/// A reference with attribute or method.
ObjectReference parse_reference(const std::string& text, std::string_view what) {
    const ObjectReference reference = parse_object(text);
    if (!reference.index || *reference.index < 1) {
        throw CliError(fmt::format("\"{}\" lacks the {}; write it behind a colon, as in 0-0:1.0.0:2", text, what));
    }
    return reference;
}

/// The same with the class: from the object list where the user gave none.
ObjectReference with_class(Client& client, ObjectReference reference) {
    if (reference.class_id) return reference;
    const std::vector<ListedObject> list = read_object_list(client);
    const ListedObject* const object = find_object(list, reference.name, std::nullopt);
    if (object == nullptr) {
        throw CliError(
            fmt::format("the meter has no object {} for this client; `ferraris read ADDRESS` lists what it has",
                        obis_text(reference.name)));
    }
    reference.class_id = object->class_id;
    return reference;
}

/// TYPE:VALUE as it stands; else the type is that of what the object holds now.
std::vector<std::uint8_t> encoded_value(Client& client, const dlms::AttributeDescriptor& attribute,
                                        const std::string& text, const TimeForm& form) {
    if (has_type(text)) return encode_typed(text, std::nullopt, form);
    const GetAnswer now = client.get(attribute);
    const auto value = now.result == dlms::DataAccessResult::success ? decode_value(now.value) : std::nullopt;
    return encode_typed(text, value ? std::optional(value->tag) : std::nullopt, form);
}

int run_write(const WriteOptions& options) {
    // What is wrong with code and value is found before anything goes to the meter.
    const ObjectReference wanted = parse_reference(options.object, "attribute");
    if (has_type(options.value)) (void)encode_typed(options.value, std::nullopt);
    Client client(options.connect);
    const ObjectReference reference = with_class(client, wanted);
    const dlms::AttributeDescriptor attribute{*reference.class_id, reference.name, *reference.index};
    const std::vector<std::uint8_t> value =
        encoded_value(client, attribute, options.value, options.connect.quirks.time);
    const dlms::DataAccessResult result = client.set(attribute, value);
    if (result != dlms::DataAccessResult::success) {
        throw CliError(
            fmt::format("{}:{} was not written: {}", obis_text(reference.name), *reference.index, explain(result)));
    }
    const std::string name = attribute_name(*reference.class_id, *reference.index);
    const auto decoded = decode_value(value);
    if (options.json) {
        const nlohmann::ordered_json report{
            {"obis", obis_text(reference.name)}, {"attribute", *reference.index}, {"name", name},
            {"value", value_json(*decoded)},     {"axdr", to_hex(value)},         {"result", "success"}};
        fmt::print("{}\n", report.dump(2));
    } else {
        fmt::print("{}:{} ({}) is now {}\n", obis_text(reference.name), *reference.index, name,
                   value_text(*decoded, *reference.class_id, *reference.index));
    }
    return 0;
}

int run_call(const WriteOptions& options) {
    const ObjectReference wanted = parse_reference(options.object, "method");
    // Most methods take integer 0 for "no parameter".
    const std::vector<std::uint8_t> parameter =
        encode_typed(options.value.empty() ? "i8:0" : options.value, std::nullopt, options.connect.quirks.time);
    Client client(options.connect);
    const ObjectReference reference = with_class(client, wanted);
    const CallAnswer answer = client.call({*reference.class_id, reference.name, *reference.index}, parameter);
    const std::string name = method_name(*reference.class_id, *reference.index);
    if (answer.result != dlms::ActionResult::success) {
        throw CliError(fmt::format("{}:{} ({}) was not done: {}", obis_text(reference.name), *reference.index, name,
                                   explain(answer.result)));
    }
    const auto returned = decode_value(answer.returned);
    const bool withheld = answer.withheld != dlms::DataAccessResult::success;
    if (options.json) {
        nlohmann::ordered_json report{
            {"obis", obis_text(reference.name)}, {"method", *reference.index}, {"name", name}, {"result", "success"}};
        if (returned) report["returned"] = value_json(*returned);
        if (withheld) report["returned_error"] = explain(answer.withheld);
        fmt::print("{}\n", report.dump(2));
    } else {
        std::string outcome;
        if (withheld) {
            outcome = fmt::format("; the meter keeps what it returned: {}", explain(answer.withheld));
        } else if (returned && !returned->is_null()) {
            outcome = fmt::format("; returned {}", value_text(*returned));
        }
        fmt::print("{}:{} ({}) is done{}\n", obis_text(reference.name), *reference.index, name, outcome);
    }
    return 0;
}

}  // namespace

void add_write(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("write", "Write a value to an object of a meter");
    const auto options = std::make_shared<WriteOptions>();
    add_connect_options(*verb, options->connect);
    verb->add_option("object", options->object, "OBIS code and attribute, as 0-0:1.0.0:2; 8/ in front for the class")
        ->required()
        ->type_name("OBIS:ATTRIBUTE");
    verb->add_option("value", options->value,
                     "TYPE:VALUE, or a value in the type that the object holds; types: " + typed_value_help())
        ->required()
        ->type_name("VALUE");
    verb->add_flag("--json", options->json, "Report as JSON");
    verb->footer(
        "Examples:\n"
        "  ferraris write tcp://127.0.0.1:4059 --client 1 --keys keys.toml 0-0:1.0.0:2 time:now\n"
        "  ferraris write tcp://127.0.0.1:4059 --client 1 --keys keys.toml 1-0:99.1.0:4 u32:900");
    verb->callback([options, &exit_status] { exit_status = run_write(*options); });
}

void add_call(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("call", "Call a method of an object of a meter");
    const auto options = std::make_shared<WriteOptions>();
    add_connect_options(*verb, options->connect);
    verb->add_option("object", options->object, "OBIS code and method, as 0-0:96.3.10:1; 70/ in front for the class")
        ->required()
        ->type_name("OBIS:METHOD");
    verb->add_option("value", options->value,
                     "Parameter as TYPE:VALUE; without one i8:0, which most methods take; types: " + typed_value_help())
        ->type_name("VALUE");
    verb->add_flag("--json", options->json, "Report as JSON");
    verb->footer(
        "Example, sets the clock a minute ahead:\n"
        "  ferraris call tcp://127.0.0.1:4059 --client 1 --keys keys.toml 0-0:1.0.0:6 i16:60");
    verb->callback([options, &exit_status] { exit_status = run_call(*options); });
}

}  // namespace ferraris::cli
