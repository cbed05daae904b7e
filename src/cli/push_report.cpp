// A push as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "cli/date_time.hpp"
#include "cli/obis.hpp"
#include "cli/push_reader.hpp"
#include "cli/value_json.hpp"
#include "decode/names.hpp"

namespace ferraris::cli {
namespace {

using decode::object_name;
using decode::unit_symbol;

constexpr std::uint8_t kNoUnit = 255;
constexpr std::size_t kPushNameColumn = 18;
constexpr std::size_t kValueColumn = 50;

std::string value_string(const PushedValue& pushed) {
    if (pushed.scaler_unit) return quantity_text(pushed.value, *pushed.scaler_unit);
    if (pushed.value.is_string() && !pushed.value.logical_name()) {
        if (const auto text = printable(pushed.value.octets)) return *text;
    }
    return value_text(pushed.value, pushed.class_id, pushed.attribute);
}

std::string label_of(const PushedValue& pushed) {
    if (!pushed.name) return {};
    std::string code = obis_text(*pushed.name);
    if (pushed.attribute != 2 && pushed.attribute != 0) code += fmt::format(":{}", int{pushed.attribute});
    return fmt::format("{:<{}}{}", code, kPushNameColumn, object_name(*pushed.name));
}

const char* protection_text(const dlms::CipheredHeader& header) {
    if (header.protection.digitally_signed && header.protection.encrypted)
        return header.protection.authenticated ? "signed, authenticated and encrypted" : "signed and encrypted";
    if (header.protection.digitally_signed)
        return header.protection.authenticated ? "signed and authenticated" : "signed";
    if (!header.protection.encrypted) return "authenticated";
    return header.protection.authenticated ? "authenticated and encrypted" : "encrypted";
}

}  // namespace

std::string push_text(const Push& push, const std::string& from) {
    std::string text = fmt::format("{} from {}", push.kind.empty() ? "push" : push.kind, from);
    if (!push.system_title.empty()) text += fmt::format(", meter {}", push.system_title);
    if (push.security) {
        text += fmt::format(", {}, counter {}", protection_text(*push.security), push.security->invocation_counter);
    }
    if (push.time) text += fmt::format(", {}", date_time_text(*push.time));
    text += '\n';
    for (const PushedValue& value : push.values) {
        text += fmt::format("  {:<{}}  {}\n", label_of(value), kValueColumn, value_string(value));
    }
    if (!push.problem.empty()) text += fmt::format("  not understood: {}\n", push.problem);
    return text;
}

std::string push_json(const Push& push, const std::string& from) {
    using Json = nlohmann::ordered_json;
    Json object{{"from", from}};
    if (!push.kind.empty()) object["kind"] = push.kind;
    if (!push.problem.empty()) object["error"] = push.problem;
    if (!push.system_title.empty()) object["system_title"] = push.system_title;
    if (push.security) {
        object["protection"] = protection_text(*push.security);
        object["security_suite"] = push.security->suite;
        object["invocation_counter"] = push.security->invocation_counter;
    }
    if (push.client) object["client"] = *push.client;
    if (push.invoke) object["invoke_id"] = *push.invoke & 0x00FFFFFFU;
    if (push.invoke) object["confirmation_wanted"] = push.wants_confirmation();
    if (push.time) object["date_time"] = date_time_text(*push.time);
    object["values"] = Json::array();
    for (const PushedValue& pushed : push.values) {
        Json value = Json::object();
        if (pushed.name) {
            value["obis"] = obis_text(*pushed.name);
            const std::string name = object_name(*pushed.name);
            if (!name.empty()) value["name"] = name;
        }
        if (pushed.class_id != 0) value["class_id"] = pushed.class_id;
        if (pushed.class_id != 0) value["attribute"] = pushed.attribute;
        value["type"] = type_name(pushed.value.tag);
        value["value"] =
            pushed.scaler_unit ? scaled_json(pushed.value, pushed.scaler_unit->scaler) : value_json(pushed.value);
        if (pushed.scaler_unit && pushed.scaler_unit->unit != kNoUnit) {
            value["unit"] = unit_symbol(pushed.scaler_unit->unit);
        }
        value["text"] = value_string(pushed);
        object["values"].push_back(std::move(value));
    }
    object["apdu"] = to_hex(push.apdu);
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace ferraris::cli
