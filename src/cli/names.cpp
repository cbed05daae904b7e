#include "cli/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace ferraris::cli {
namespace {

/// Attributes from 2 on (1 is always the logical name) and methods from 1 on, in order, joined by bars; an empty name
/// is a number that the class does not have.
struct ClassNames {
    std::uint16_t class_id;
    std::string_view name;
    std::string_view attributes;
    std::string_view methods;
};

// IEC 62056-6-2, clauses on the interface classes; each in its latest version.
constexpr ClassNames kClasses[] = {
    // clang-format off
    {1, "Data",
     "value",
     ""},
    {3, "Register",
     "value|scaler_unit",
     "reset"},
    {4, "Extended register",
     "value|scaler_unit|status|capture_time",
     "reset"},
    {5, "Demand register",
     "current_average_value|last_average_value|scaler_unit|status|capture_time|start_time_current|period|number_of_periods",
     "reset|next_period"},
    {6, "Register activation",
     "register_assignment|mask_list|active_mask",
     "add_register|add_mask|delete_mask"},
    {7, "Profile generic",
     "buffer|capture_objects|capture_period|sort_method|sort_object|entries_in_use|profile_entries",
     "reset|capture"},
    {8, "Clock",
     "time|time_zone|status|daylight_savings_begin|daylight_savings_end|daylight_savings_deviation|daylight_savings_enabled|clock_base",
     "adjust_to_quarter|adjust_to_measuring_period|adjust_to_minute|adjust_to_preset_time|preset_adjusting_time|shift_time"},
    {9, "Script table",
     "scripts",
     "execute"},
    {10, "Schedule",
     "entries",
     "enable/disable|insert|delete"},
    {11, "Special days table",
     "entries",
     "insert|delete"},
    {12, "Association SN",
     "object_list",
     "||read_by_logicalname|get_attributes_and_methods|change_LLS_secret|change_HLS_secret||reply_to_HLS_authentication"},
    {15, "Association LN",
     "object_list|associated_partners_id|application_context_name|xDLMS_context_info|authentication_mechanism_name|secret|association_status|security_setup_reference|user_list|current_user",
     "reply_to_HLS_authentication|change_HLS_secret|add_object|remove_object|add_user|remove_user"},
    {17, "SAP assignment",
     "SAP_assignment_list",
     "connect_logical_device"},
    {18, "Image transfer",
     "image_block_size|image_transferred_blocks_status|image_first_not_transferred_block_number|image_transfer_enabled|image_transfer_status|image_to_activate_info",
     "image_transfer_initiate|image_block_transfer|image_verify|image_activate"},
    {19, "IEC local port setup",
     "default_mode|default_baud|prop_baud|response_time|device_addr|pass_p1|pass_p2|pass_w5",
     ""},
    {20, "Activity calendar",
     "calendar_name_active|season_profile_active|week_profile_table_active|day_profile_table_active|calendar_name_passive|season_profile_passive|week_profile_table_passive|day_profile_table_passive|activate_passive_calendar_time",
     "activate_passive_calendar"},
    {21, "Register monitor",
     "thresholds|monitored_value|actions",
     ""},
    {22, "Single action schedule",
     "executed_script|type|execution_time",
     ""},
    {23, "IEC HDLC setup",
     "comm_speed|window_size_transmit|window_size_receive|max_info_field_length_transmit|max_info_field_length_receive|inter_octet_time_out|inactivity_time_out|device_address",
     ""},
    {27, "Modem configuration",
     "comm_speed|initialization_string|modem_profile",
     ""},
    {28, "Auto answer",
     "mode|listening_window|status|number_of_calls|number_of_rings",
     ""},
    {29, "Auto connect",
     "mode|repetitions|repetition_delay|calling_window|destination_list",
     ""},
    {40, "Push setup",
     "push_object_list|send_destination_and_method|communication_window|randomisation_start_interval|number_of_retries|repetition_delay|port_reference|push_client_SAP|push_protection_parameters|push_operation_method|confirmation_parameters|last_confirmation_date_time",
     "push|reset"},
    {41, "TCP-UDP setup",
     "TCP-UDP_port|IP_reference|MSS|nb_of_sim_conn|inactivity_time_out",
     ""},
    {42, "IPv4 setup",
     "DL_reference|IP_address|multicast_IP_address|IP_options|subnet_mask|gateway_IP_address|use_DHCP_flag|primary_DNS_address|secondary_DNS_address",
     "add_mc_IP_address|delete_mc_IP_address|get_nbof_mc_IP_addresses"},
    {43, "Ethernet setup",
     "MAC_address",
     ""},
    {44, "PPP setup",
     "PHY_reference|LCP_options|IPCP_options|PPP_authentication",
     ""},
    {45, "GPRS modem setup",
     "APN|PIN_code|quality_of_service",
     ""},
    {48, "IPv6 setup",
     "DL_reference|address_config_mode|unicast_IPv6_addresses|multicast_IPv6_addresses|gateway_IPv6_addresses|primary_DNS|secondary_DNS|traffic_class|neighbour_discovery_setup",
     "add_IPv6_address|remove_IPv6_address"},
    {62, "Compact data",
     "compact_buffer|capture_objects|template_id|template_description|capture_method",
     "reset|capture"},
    {63, "Status mapping",
     "status_word|mapping_table",
     ""},
    {64, "Security setup",
     "security_policy|security_suite|client_system_title|server_system_title|certificates",
     "security_activate|key_transfer|key_agreement|generate_key_pair|generate_certificate_request|import_certificate|export_certificate|remove_certificate"},
    {65, "Parameter monitor",
     "changed_parameter|capture_time|parameter_list|parameter_list_name|hash_algorithm_id|parameter_value_digest|parameter_values",
     "add_parameter|delete_parameter"},
    {67, "Sensor manager",
     "serial_number|metrological_identification|output_type|adjustment_method|sealing_method|raw_value|scaler_unit|status|capture_time|raw_value_thresholds|raw_value_actions|processed_value|processed_value_thresholds|processed_value_actions",
     "reset"},
    {68, "Arbitrator",
     "actions|permissions_table|weightings_table|most_recent_requests_table|last_outcome",
     "request_action|reset"},
    {70, "Disconnect control",
     "output_state|control_state|control_mode",
     "remote_disconnect|remote_reconnect"},
    {71, "Limiter",
     "monitored_value|threshold_active|threshold_normal|threshold_emergency|min_over_threshold_duration|min_under_threshold_duration|emergency_profile|emergency_profile_group_id_list|emergency_profile_active|actions",
     ""},
    {72, "M-Bus client",
     "mbus_port_reference|capture_definition|capture_period|primary_address|identification_number|manufacturer_id|version|device_type|access_number|status|alarm|configuration|encryption_key_status",
     "slave_install|slave_deinstall|capture|reset_alarm|synchronize_clock|data_send|set_encryption_key|transfer_key"},
    {100, "NTP setup",
     "activated|server_address|server_port|authentication_method|authentication_keys|client_key",
     "synchronize|add_authentication_key|delete_authentication_key"},
    {111, "Account",
     "",
     "activate_account|close_account|reset_account"},
    {122, "Function control",
     "activation_status|function_list",
     "set_function_status|add_function|remove_function"},
    {124, "Communication port protection",
     "protection_mode|allowed_failed_attempts|initial_lockout_time|steepness_factor|max_lockout_time|port_reference|protection_status|failed_attempts|cumulative_failed_attempts",
     "reset"},
    // clang-format on
};

const ClassNames* find_class(std::uint16_t class_id) {
    const auto* const found = std::ranges::find(kClasses, class_id, &ClassNames::class_id);
    return found == std::end(kClasses) ? nullptr : found;
}

/// Item `index` of a list joined by bars; empty when there is none.
std::string_view item(std::string_view list, int index) {
    for (; index > 0; --index) {
        const std::size_t bar = list.find('|');
        if (bar == std::string_view::npos) return {};
        list.remove_prefix(bar + 1);
    }
    return list.substr(0, list.find('|'));
}

struct EnumerationName {
    std::uint16_t class_id;
    std::int8_t attribute;
    std::uint8_t value;
    std::string_view name;
};

constexpr EnumerationName kEnumerations[] = {
    {7, 5, 1, "unsorted, first in first out"},
    {7, 5, 2, "unsorted, last in first out"},
    {7, 5, 3, "largest first"},
    {7, 5, 4, "smallest first"},
    {7, 5, 5, "nearest to zero first"},
    {7, 5, 6, "farthest from zero first"},
    {8, 9, 0, "not defined"},
    {8, 9, 1, "internal crystal"},
    {8, 9, 2, "mains frequency 50 Hz"},
    {8, 9, 3, "mains frequency 60 Hz"},
    {8, 9, 4, "GPS"},
    {8, 9, 5, "radio controlled"},
    {15, 8, 0, "not associated"},
    {15, 8, 1, "association pending"},
    {15, 8, 2, "associated"},
    {18, 6, 0, "not initiated"},
    {18, 6, 1, "initiated"},
    {18, 6, 2, "verification initiated"},
    {18, 6, 3, "verification successful"},
    {18, 6, 4, "verification failed"},
    {18, 6, 5, "activation initiated"},
    {18, 6, 6, "activation successful"},
    {18, 6, 7, "activation failed"},
    {23, 2, 0, "300 baud"},
    {23, 2, 1, "600 baud"},
    {23, 2, 2, "1200 baud"},
    {23, 2, 3, "2400 baud"},
    {23, 2, 4, "4800 baud"},
    {23, 2, 5, "9600 baud"},
    {23, 2, 6, "19200 baud"},
    {23, 2, 7, "38400 baud"},
    {23, 2, 8, "57600 baud"},
    {23, 2, 9, "115200 baud"},
    {64, 3, 0, "AES-GCM-128"},
    {64, 3, 1, "ECDH-ECDSA-AES-GCM-128-SHA-256"},
    {64, 3, 2, "ECDH-ECDSA-AES-GCM-256-SHA-384"},
    {70, 3, 0, "disconnected"},
    {70, 3, 1, "connected"},
    {70, 3, 2, "ready for reconnection"},
    {64, 2, 0, "nothing"},
    {64, 2, 1, "all messages authenticated"},
    {64, 2, 2, "all messages encrypted"},
    {64, 2, 3, "all messages authenticated and encrypted"},
    {70, 4, 0, "always connected"},
};

struct ResultText {
    std::uint8_t result;
    std::string_view name;
    std::string_view text;
};

// IEC 62056-5-3, Data-Access-Result and Action-Result; they share their numbers.
constexpr ResultText kResults[] = {
    {0, "success", "done"},
    {1, "hardware-fault", "the meter reports a hardware fault"},
    {2, "temporary-failure", "the meter cannot do that just now; try again later"},
    {3, "read-write-denied", "this client may not do that; associate as another client (--client)"},
    {4, "object-undefined", "the meter has no such object; `ferraris read ADDRESS` lists what it has"},
    {9, "object-class-inconsistent", "the object is of another class, or has no such attribute"},
    {11, "object-unavailable", "the object is not available now; try again later"},
    {12, "type-unmatched", "the value is not of the type that the object needs; give it as TYPE:VALUE"},
    {13, "scope-of-access-violated", "this client may not do that; associate as another client (--client)"},
    {14, "data-block-unavailable", "the meter lost the transfer; try again"},
    {15, "long-get-aborted", "the meter broke the long transfer off; try again"},
    {16, "no-long-get-in-progress", "the meter lost the transfer; try again"},
    {17, "long-set-aborted", "the meter broke the long transfer off; try again"},
    {18, "no-long-set-in-progress", "the meter lost the transfer; try again"},
    {19, "data-block-number-invalid", "the meter lost the transfer; try again"},
    {250, "other-reason", "the meter refuses and gives no reason; the value may be out of range"},
};

const ResultText* find_result(std::uint8_t result) {
    const auto* const found = std::ranges::find(kResults, result, &ResultText::result);
    return found == std::end(kResults) ? nullptr : found;
}

std::string explain_result(std::uint8_t result) {
    const ResultText* const found = find_result(result);
    if (found == nullptr) return fmt::format("the meter answers with the unknown result {}", result);
    return fmt::format("{} ({})", found->text, found->name);
}

}  // namespace

std::string class_name(std::uint16_t class_id) {
    const ClassNames* const found = find_class(class_id);
    return found == nullptr ? fmt::format("class {}", class_id) : std::string(found->name);
}

std::int8_t attribute_count(std::uint16_t class_id) {
    const ClassNames* const found = find_class(class_id);
    if (found == nullptr || found->attributes.empty()) return 1;
    return static_cast<std::int8_t>(std::ranges::count(found->attributes, '|') + 2);
}

std::string attribute_name(std::uint16_t class_id, std::int8_t attribute) {
    if (attribute == 1) return "logical_name";
    const ClassNames* const found = find_class(class_id);
    const std::string_view name = found == nullptr || attribute < 2 ? "" : item(found->attributes, attribute - 2);
    return name.empty() ? fmt::format("attribute {}", attribute) : std::string(name);
}

std::string method_name(std::uint16_t class_id, std::int8_t method) {
    const ClassNames* const found = find_class(class_id);
    const std::string_view name = found == nullptr || method < 1 ? "" : item(found->methods, method - 1);
    return name.empty() ? fmt::format("method {}", method) : std::string(name);
}

std::string_view enumeration_name(std::uint16_t class_id, std::int8_t attribute, std::uint64_t value) {
    const auto* const found = std::ranges::find_if(kEnumerations, [&](const EnumerationName& row) {
        return row.class_id == class_id && row.attribute == attribute && row.value == value;
    });
    return found == std::end(kEnumerations) ? std::string_view{} : found->name;
}

std::string explain(dlms::DataAccessResult result) { return explain_result(static_cast<std::uint8_t>(result)); }
std::string explain(dlms::ActionResult result) { return explain_result(static_cast<std::uint8_t>(result)); }

std::string result_name(dlms::DataAccessResult result) {
    const ResultText* const found = find_result(static_cast<std::uint8_t>(result));
    return found == nullptr ? fmt::format("result-{}", static_cast<int>(result)) : std::string(found->name);
}

}  // namespace ferraris::cli
