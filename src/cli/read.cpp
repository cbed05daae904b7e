#include "cli/read.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
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
#include "cli/readout.hpp"
#include "cli/results.hpp"
#include "cli/terminal.hpp"
#include "cli/value.hpp"
#include "cli/value_json.hpp"
#include "decode/names.hpp"

namespace ferraris::cli {
namespace {

using decode::object_name;
using decode::unit_symbol;
using dlms::DataAccessResult;

constexpr std::uint16_t kProfileClass = 7;
constexpr std::uint16_t kAssociationSn = 12;
constexpr std::uint16_t kAssociationLn = 15;
constexpr std::uint16_t kCompactDataClass = 62;
constexpr int kReadNameColumn = 16;
/// Values begin where the longest name ends, within bounds.
constexpr std::size_t kLeastValueColumn = 40;
constexpr std::size_t kMostValueColumn = 66;

struct ReadOptions {
    ConnectOptions connect;
    std::vector<std::string> objects;
    bool all{false};
    bool json{false};
};

/// One attribute to read, and what came back.
struct Item {
    dlms::AttributeDescriptor attribute{};
    bool wanted{true};  ///< false: read for the sake of another one
    GetAnswer answer{};
    std::optional<Value> value{};
};

/// One object of the report.
struct Entry {
    std::uint16_t class_id{0};
    ClassVersion version{};  ///< where the object list was read
    dlms::LogicalName name{};
    std::vector<Item> items{};
};

/// The attribute that holds scaler and unit of `attribute`; 0 when it has none.
std::int8_t scaler_attribute(std::uint16_t class_id, std::int8_t attribute) {
    if ((class_id == 3 || class_id == 4) && attribute == 2) return 3;
    if (class_id == 5 && (attribute == 2 || attribute == 3)) return 4;
    return 0;
}

/// The attribute that explains `attribute`: the template of a compact buffer; 0 when it has none.
std::int8_t template_attribute(std::uint16_t class_id, std::int8_t attribute) {
    return class_id == kCompactDataClass && attribute == 2 ? 5 : 0;
}

/// What takes long and has a verb of its own, or was read already.
bool is_bulky(std::uint16_t class_id, std::int8_t attribute) {
    return attribute == 2 && (class_id == kProfileClass || class_id == kAssociationLn || class_id == kAssociationSn);
}

void add_item(Entry& entry, std::int8_t attribute, bool wanted) {
    const auto found =
        std::ranges::find_if(entry.items, [&](const Item& item) { return item.attribute.attribute == attribute; });
    if (found != entry.items.end()) {
        found->wanted = found->wanted || wanted;
        return;
    }
    entry.items.push_back({{entry.class_id, entry.name, attribute}, wanted, {}, {}});
}

Entry whole_object(const ListedObject& object, bool all) {
    Entry entry{object.class_id, object.version, object.name, {}};
    for (const AttributeRight& right : object.attributes) {
        const bool wanted =
            right.readable && right.attribute != 1 && (all || !is_bulky(object.class_id, right.attribute));
        if (wanted) add_item(entry, right.attribute, true);
    }
    return entry;
}

/// What the user named; the object list is read when something leaves open what to read.
std::vector<Entry> plan(Client& client, const ReadOptions& options, const std::vector<ObjectReference>& references) {
    const bool needs_list = references.empty() || std::ranges::any_of(references, [](const ObjectReference& reference) {
                                return !reference.class_id || !reference.index;
                            });
    const std::vector<ListedObject> list = needs_list ? read_object_list(client) : std::vector<ListedObject>{};

    std::vector<Entry> entries;
    for (const ListedObject& object : list) {
        if (references.empty()) entries.push_back(whole_object(object, options.all));
    }
    for (const ObjectReference& reference : references) {
        const ListedObject* const object = find_object(list, reference.name, reference.class_id);
        if (object == nullptr && (!reference.class_id || !reference.index)) {
            throw CliError(
                fmt::format("the meter has no object {} for this client; `ferraris read ADDRESS` lists what it has",
                            obis_text(reference.name)));
        }
        if (!reference.index) {
            entries.push_back(whole_object(*object, true));
            continue;
        }
        const std::uint16_t class_id = reference.class_id ? *reference.class_id : object->class_id;
        const ClassVersion version = object == nullptr ? ClassVersion{} : object->version;
        Entry entry{class_id, version, reference.name, {}};
        add_item(entry, *reference.index, true);
        const std::int8_t scaler = scaler_attribute(class_id, *reference.index);
        if (scaler != 0) add_item(entry, scaler, false);
        const std::int8_t description = template_attribute(class_id, *reference.index);
        if (description != 0) add_item(entry, description, false);
        entries.push_back(std::move(entry));
    }
    return entries;
}

void read_items(Client& client, std::vector<Entry>& entries) {
    std::vector<Item*> items;
    std::vector<dlms::AttributeDescriptor> attributes;
    for (Entry& entry : entries) {
        for (Item& item : entry.items) {
            items.push_back(&item);
            attributes.push_back(item.attribute);
        }
    }
    Progress progress("Reading");
    std::vector<GetAnswer> answers =
        client.get_all(attributes, [&](std::size_t done) { progress.show(done, attributes.size(), "attributes"); });
    for (std::size_t i = 0; i < items.size(); ++i) {
        items[i]->answer = std::move(answers[i]);
        if (items[i]->answer.result == DataAccessResult::success)
            items[i]->value = decode_value(items[i]->answer.value);
    }
}

/// Compact buffers become the values that they hold; those that their template does not explain stay as they are.
void open_compact_buffers(std::vector<Entry>& entries) {
    for (Entry& entry : entries) {
        for (Item& item : entry.items) {
            const std::int8_t description = template_attribute(entry.class_id, item.attribute.attribute);
            if (description == 0 || !item.value || item.value->octets.empty()) continue;
            for (const Item& other : entry.items) {
                if (other.attribute.attribute != description || !other.value) continue;
                if (auto values = decode_compact_buffer(other.value->octets, item.value->octets)) {
                    item.value = std::move(values);
                }
            }
        }
    }
}

std::optional<ScalerUnit> scaler_unit_for(const Entry& entry, const Item& item) {
    const std::int8_t attribute = scaler_attribute(entry.class_id, item.attribute.attribute);
    if (attribute == 0) return std::nullopt;
    for (const Item& other : entry.items) {
        if (other.attribute.attribute == attribute && other.value) return scaler_unit_of(*other.value);
    }
    return std::nullopt;
}

Shape shape_of(const Entry& entry, const Item& item) {
    return attribute_shape(entry.class_id, item.attribute.attribute, entry.version.value_or(255));
}

std::string item_text(const Entry& entry, const Item& item) {
    if (item.answer.result != DataAccessResult::success) return fmt::format("({})", result_name(item.answer.result));
    if (!item.value) return fmt::format("(not understood) {}", to_hex(item.answer.value));
    if (const auto scaler_unit = scaler_unit_for(entry, item)) return quantity_text(*item.value, *scaler_unit);
    return value_text(*item.value, shape_of(entry, item));
}

/// The scaler goes without saying where the value beside it has it applied.
bool is_folded(const Entry& entry, const Item& item) {
    return std::ranges::any_of(entry.items, [&](const Item& other) {
        return other.wanted && other.value &&
               scaler_attribute(entry.class_id, other.attribute.attribute) == item.attribute.attribute;
    });
}

/// Long arrays and structures one element a line, the rest on one line.
void print_value(const std::string& head, const Entry& entry, const Item& item, int indent) {
    const bool spread = item.value && item.value->tag == dlms::DataTag::array && item.value->items.size() > 1;
    if (!spread) {
        fmt::print("{}{}\n", head, item_text(entry, item));
        return;
    }
    fmt::print("{}{} elements\n", head, item.value->items.size());
    for (const Value& element : item.value->items) {
        fmt::print("{:{}}{}\n", "", indent, value_text(element, shape_of(entry, item).element()));
    }
}

std::string heading(const Entry& entry) {
    std::string name = object_name(entry.name);
    if (name.empty()) name = fmt::format("({})", class_name(entry.class_id));
    return fmt::format("{:<{}}{}", obis_text(entry.name), kReadNameColumn, name);
}

void print_entry(const Entry& entry, std::size_t value_column) {
    std::vector<const Item*> shown;
    for (const Item& item : entry.items) {
        if (item.wanted && !is_folded(entry, item)) shown.push_back(&item);
    }
    const std::string head = heading(entry);
    const bool plain = shown.size() == 1 && shown.front()->attribute.attribute == 2 && entry.class_id <= 5;
    if (plain) {
        print_value(fmt::format("{:<{}}  ", head, value_column), entry, *shown.front(), kReadNameColumn + 2);
        return;
    }
    fmt::print("{}\n", head);
    for (const Item* const item : shown) {
        const std::string label = fmt::format("{:<{}}{}", "", kReadNameColumn + 2,
                                              attribute_name(entry.class_id, item->attribute.attribute, entry.version));
        print_value(fmt::format("{:<{}}  ", label, value_column), entry, *item, kReadNameColumn + 4);
    }
}

void print_entries(const std::vector<Entry>& entries) {
    std::size_t value_column = kLeastValueColumn;
    for (const Entry& entry : entries)
        value_column = std::max(value_column, std::min(heading(entry).size(), kMostValueColumn));
    for (const Entry& entry : entries) print_entry(entry, value_column);
}

nlohmann::ordered_json entry_json(const Entry& entry) {
    using Json = nlohmann::ordered_json;
    Json object{{"obis", obis_text(entry.name)},
                {"logical_name", dotted(entry.name)},
                {"class_id", entry.class_id},
                {"class", class_name(entry.class_id)}};
    if (entry.version) object["version"] = *entry.version;
    const std::string name = object_name(entry.name);
    if (!name.empty()) object["name"] = name;
    object["attributes"] = Json::array();
    for (const Item& item : entry.items) {
        if (!item.wanted) continue;
        Json attribute{{"attribute", item.attribute.attribute},
                       {"name", attribute_name(entry.class_id, item.attribute.attribute, entry.version)}};
        if (item.answer.result != DataAccessResult::success) {
            attribute["error"] = result_name(item.answer.result);
        } else {
            if (item.value) {
                const auto scaler_unit = scaler_unit_for(entry, item);
                attribute["type"] = type_name(item.value->tag);
                attribute["value"] =
                    scaler_unit ? scaled_json(*item.value, scaler_unit->scaler) : value_json(*item.value);
                if (scaler_unit && scaler_unit->unit != 255) attribute["unit"] = unit_symbol(scaler_unit->unit);
            }
            attribute["text"] = item_text(entry, item);
            attribute["axdr"] = to_hex(item.answer.value);
        }
        object["attributes"].push_back(std::move(attribute));
    }
    return object;
}

int run(const ReadOptions& options) {
    const Address address = parse_address(options.connect.address);
    if (address.transport == Transport::serial_iec) {
        return run_readout(address, options.connect.timeout_s, options.objects,
                           options.json ? ReadoutForm::json : ReadoutForm::text);
    }
    // A wrong code is found before anything goes to the meter.
    std::vector<ObjectReference> references;
    for (const std::string& text : options.objects) references.push_back(parse_object(text));
    Client client(options.connect);
    std::vector<Entry> entries = plan(client, options, references);
    read_items(client, entries);
    open_compact_buffers(entries);
    if (options.json) {
        nlohmann::ordered_json report{{"address", options.connect.address},
                                      {"client", options.connect.client_sap},
                                      {"objects", nlohmann::ordered_json::array()}};
        for (const Entry& entry : entries) report["objects"].push_back(entry_json(entry));
        fmt::print("{}\n", report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
        print_entries(entries);
    }
    if (options.objects.empty()) return 0;
    // What was asked for by name and is not there is a failure.
    for (const Entry& entry : entries) {
        for (const Item& item : entry.items) {
            if (!item.wanted || item.answer.result == DataAccessResult::success) continue;
            throw CliError(fmt::format("{}:{} could not be read: {}", obis_text(entry.name), item.attribute.attribute,
                                       explain(item.answer.result)));
        }
    }
    return 0;
}

}  // namespace

void add_read(CLI::App& app, int& exit_status) {
    CLI::App* const verb =
        app.add_subcommand("read", "Read values from a meter, ours or any other that speaks DLMS/COSEM");
    const auto options = std::make_shared<ReadOptions>();
    add_connect_options(*verb, options->connect);
    verb->add_option(
            "objects", options->objects,
            "What to read: OBIS codes as 1-0:1.8.0 or 1.0.1.8.0.255, :2 behind for one attribute, 3/ in front for "
            "the class, which saves reading the object list; nothing: all that the client may read")
        ->type_name("OBIS[:ATTRIBUTE]");
    verb->add_flag("-a,--all", options->all, "With no OBIS: also the buffers of profiles, which can take long");
    verb->add_flag("--json", options->json, "Report as JSON");
    verb->footer(
        "Examples:\n"
        "  ferraris read tcp://127.0.0.1:4059\n"
        "  ferraris read tcp://127.0.0.1:4059 --client 1 --keys keys.toml 1-0:1.8.0 1-0:32.7.0\n"
        "  ferraris read 'hdlc+serial:///dev/ttyUSB0?baud=9600&physical=17' 8/0-0:1.0.0:2\n"
        "  ferraris read 'optical:///dev/ttyUSB0?physical=17' --client 1 --keys keys.toml 1-0:1.8.0\n"
        "  ferraris read iec+serial:///dev/ttyUSB0");
    verb->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace ferraris::cli
