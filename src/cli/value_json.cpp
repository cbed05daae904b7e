#include "cli/value_json.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace ferraris::cli {

using dlms::DataTag;
using Json = nlohmann::ordered_json;

Json value_json(const Value& value) {
    switch (value.tag) {
        case DataTag::null_data:
            return nullptr;
        case DataTag::array:
        case DataTag::structure: {
            Json items = Json::array();
            for (const Value& item : value.items) items.push_back(value_json(item));
            return items;
        }
        case DataTag::boolean:
            return value.magnitude != 0;
        case DataTag::float32:
        case DataTag::float64:
            return value.real;
        case DataTag::octet_string:
        case DataTag::visible_string:
            if (value.octets.empty()) return "";
            if (const auto text = printable(value.octets)) return *text;
            return value_text(value);
        case DataTag::utf8_string:
            return std::string(value.octets.begin(), value.octets.end());
        default:
            break;
    }
    if (!value.is_integer()) return value_text(value);
    if (const auto number = value.integer()) return *number;
    return value.negative ? Json(static_cast<double>(value.magnitude) * -1.0) : Json(value.magnitude);
}

Json scaled_json(const Value& value, int scaler) {
    const bool real = value.tag == DataTag::float32 || value.tag == DataTag::float64;
    if (!value.is_integer() && !real) return value_json(value);
    if (scaler == 0) return value_json(value);
    return std::strtod(number_text(value, scaler).c_str(), nullptr);
}

}  // namespace ferraris::cli
