#include "cli/attribute_shapes.hpp"

#include <algorithm>
#include <iterator>

namespace ferraris::cli {
namespace {

struct Row {
    std::uint16_t class_id;
    std::int8_t attribute;
    std::uint8_t from_version;  ///< and later ones, up to the next row
    std::string_view shape;
};

// Sorted by class, attribute and version.
constexpr Row kRows[] = {
    // clang-format off
    {3, 3, 0, ":scaler_unit"},
    {4, 3, 0, ":scaler_unit"},
    {5, 4, 0, ":scaler_unit"},
    {6, 2, 0, "[{class_id:class, logical_name}]"},
    {6, 3, 0, "[{mask_name, index_list}]"},
    {7, 3, 0, "[{class_id:class, logical_name, attribute_index, data_index}]"},
    {7, 5, 0, ":sort_method"},
    {7, 6, 0, "{class_id:class, logical_name, attribute_index, data_index}"},
    {8, 4, 0, ":clock_status"},
    {8, 9, 0, ":clock_base"},
    {9, 2, 0,
     "[{script_identifier, actions[{service_id:script_service, class_id:class, logical_name, index, parameter}]}]"},
    {10, 2, 0,
     "[{index, enable, script_logical_name, script_selector, switch_time:time, validity_window, exec_weekdays, "
     "exec_specdays, begin_date:date, end_date:date}]"},
    {11, 2, 0, "[{index, specialday_date:date, day_id}]"},
    {15, 2, 0,
     "[{class_id:class, version, logical_name, access_rights{attribute_access[{attribute_id, access_mode, "
     "access_selectors}], method_access[{method_id, access_mode}]}}]"},
    {15, 3, 0, "{client_SAP, server_SAP}"},
    {15, 4, 0, ":object_identifier"},
    {15, 5, 0,
     "{conformance, max_receive_pdu_size, max_send_pdu_size, dlms_version_number, quality_of_service, cyphering_info}"},
    {15, 6, 0, ":object_identifier"},
    {15, 8, 0, ":association_status"},
    {15, 10, 0, "[{user_id, user_name}]"},
    {15, 11, 0, "{user_id, user_name}"},
    {17, 2, 0, "[{SAP, logical_device_name}]"},
    {18, 6, 0, ":image_transfer_status"},
    {18, 7, 0, "[{image_to_activate_size, image_to_activate_identification, image_to_activate_signature}]"},
    {19, 2, 0, ":local_port_mode"},
    {19, 3, 0, ":baud"},
    {19, 4, 0, ":baud"},
    {20, 3, 0, "[{season_profile_name, season_start, week_name}]"},
    {20, 4, 0, "[{week_profile_name, monday, tuesday, wednesday, thursday, friday, saturday, sunday}]"},
    {20, 5, 0, "[{day_id, day_schedule[{start_time:time, script_logical_name, script_selector}]}]"},
    {20, 7, 0, "[{season_profile_name, season_start, week_name}]"},
    {20, 8, 0, "[{week_profile_name, monday, tuesday, wednesday, thursday, friday, saturday, sunday}]"},
    {20, 9, 0, "[{day_id, day_schedule[{start_time:time, script_logical_name, script_selector}]}]"},
    {21, 3, 0, "{class_id:class, logical_name, attribute_index}"},
    {21, 4, 0,
     "[{action_up{script_logical_name, script_selector}, action_down{script_logical_name, script_selector}}]"},
    {22, 2, 0, "{script_logical_name, script_selector}"},
    {22, 3, 0, ":schedule_type"},
    {22, 4, 0, "[{time:time, date:date}]"},
    {23, 2, 0, ":baud"},
    {27, 2, 0, ":baud"},
    {27, 3, 0, "[{request, response, delay_after_response}]"},
    {28, 3, 0, "[{start_time, end_time}]"},
    {29, 5, 0, "[{start_time, end_time}]"},
    {40, 2, 0, "[{class_id:class, logical_name, attribute_index, data_index, restriction, columns}]"},
    {40, 3, 0, "{transport_service:transport_service, destination, message:message_type}"},
    {40, 4, 0, "[{start_time, end_time}]"},
    {40, 7, 2, "{repetition_delay_min, repetition_delay_exponent, repetition_delay_max}"},
    {42, 5, 0, "[{IP_option_type, IP_option_length, IP_option_data}]"},
    {45, 4, 0,
     "{default{precedence, delay, reliability, peak_throughput, mean_throughput}, "
     "requested{precedence, delay, reliability, peak_throughput, mean_throughput}}"},
    {62, 3, 0, "[{class_id:class, logical_name, attribute_index, data_index, restriction, columns}]"},
    {62, 6, 0, ":capture_method"},
    {64, 2, 0, ":security_policy_0"},
    {64, 2, 1, ":security_policy"},
    {64, 3, 0, ":security_suite"},
    {64, 6, 1,
     "[{certificate_entity:certificate_entity, certificate_type:certificate_type, serial_number, issuer, subject, "
     "subject_alt_name}]"},
    {65, 2, 0, "{class_id:class, logical_name, attribute_index, attribute_value}"},
    {65, 4, 0, "[{class_id:class, logical_name, attribute_index}]"},
    {67, 8, 0, ":scaler_unit"},
    {68, 2, 0, "[{script_logical_name, script_selector}]"},
    {70, 3, 0, ":control_state"},
    {70, 4, 0, ":control_mode"},
    {71, 2, 0, "{class_id:class, logical_name, attribute_index}"},
    {71, 8, 0, "{emergency_profile_id, emergency_activation_time, emergency_duration}"},
    {71, 11, 0,
     "{action_over_threshold{script_logical_name, script_selector}, "
     "action_under_threshold{script_logical_name, script_selector}}"},
    {72, 3, 0, "[{data_information_block, value_information_block}]"},
    {122, 2, 0, "[{function_name, function_status}]"},
    {122, 3, 0, "[{function_name, function_specification[{class_id:class, logical_name}]}]"},
    {124, 2, 0, ":protection_mode"},
    {124, 8, 0, ":protection_status"},
    // clang-format on
};

}  // namespace

Shape Shape::element() const { return is_array() ? Shape(text_.substr(1, text_.size() - 2)) : Shape{}; }

std::string_view Shape::field(std::size_t index) const {
    if (!is_structure()) return {};
    const std::string_view fields = text_.substr(1, text_.size() - 2);
    std::size_t begin = 0;
    std::size_t depth = 0;
    for (std::size_t i = 0; i <= fields.size(); ++i) {
        const char letter = i == fields.size() ? ',' : fields[i];
        if (letter == '{' || letter == '[') ++depth;
        if (letter == '}' || letter == ']') --depth;
        if (letter != ',' || depth != 0) continue;
        if (index-- == 0) return fields.substr(begin, i - begin);
        begin = i + 2;
    }
    return {};
}

std::string_view Shape::name_of(std::size_t index) const {
    const std::string_view text = field(index);
    return text.substr(0, text.find_first_of(":{["));
}

Shape Shape::shape_of(std::size_t index) const {
    const std::string_view text = field(index);
    const std::size_t end = text.find_first_of(":{[");
    return end == std::string_view::npos ? Shape{} : Shape(text.substr(end));
}

std::size_t Shape::size() const {
    std::size_t count = 0;
    while (!field(count).empty()) ++count;
    return count;
}

Shape attribute_shape(std::uint16_t class_id, std::int8_t attribute, std::uint8_t version) {
    Shape found;
    for (const Row& row : kRows) {
        if (row.class_id == class_id && row.attribute == attribute && row.from_version <= version)
            found = Shape(row.shape);
    }
    return found;
}

}  // namespace ferraris::cli
