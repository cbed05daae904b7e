#include "dlms/interface_classes.hpp"

namespace ferraris::dlms {
namespace {

constexpr InterfaceClass row(std::uint16_t class_id, std::uint8_t version, std::string_view name,
                             std::string_view attributes, std::string_view methods = {}) {
    return {class_id, version, name, NameList(attributes), NameList(methods)};
}

constexpr InterfaceClass kClasses[] = {
    // clang-format off
    row(1, 0, "Data", "value"),
    row(3, 0, "Register", "value|scaler_unit", "reset"),
    row(4, 0, "Extended register", "value|scaler_unit|status|capture_time", "reset"),
    row(5, 0, "Demand register",
        "current_average_value|last_average_value|scaler_unit|status|capture_time|start_time_current|period|"
        "number_of_periods",
        "reset|next_period"),
    row(6, 0, "Register activation", "register_assignment|mask_list|active_mask", "add_register|add_mask|delete_mask"),
    row(7, 1, "Profile generic",
        "buffer|capture_objects|capture_period|sort_method|sort_object|entries_in_use|profile_entries",
        "reset|capture"),
    row(8, 0, "Clock",
        "time|time_zone|status|daylight_savings_begin|daylight_savings_end|daylight_savings_deviation|"
        "daylight_savings_enabled|clock_base",
        "adjust_to_quarter|adjust_to_measuring_period|adjust_to_minute|adjust_to_preset_time|preset_adjusting_time|"
        "shift_time"),
    row(9, 0, "Script table", "scripts", "execute"),
    row(10, 0, "Schedule", "entries", "enable/disable|insert|delete"),
    row(11, 0, "Special days table", "entries", "insert|delete"),
    row(12, 1, "Association SN",
        "object_list",
        "||read_by_logicalname|get_attributes_and_methods|change_LLS_secret|change_HLS_secret||"
        "reply_to_HLS_authentication"),
    row(12, 2, "Association SN",
        "object_list|access_rights_list|security_setup_reference",
        "||read_by_logicalname||change_secret|||reply_to_HLS_authentication"),
    row(15, 0, "Association LN",
        "object_list|associated_partners_id|application_context_name|xDLMS_context_info|"
        "authentication_mechanism_name|LLS_secret|association_status",
        "reply_to_HLS_authentication|change_HLS_secret|add_object|remove_object"),
    row(15, 1, "Association LN",
        "object_list|associated_partners_id|application_context_name|xDLMS_context_info|"
        "authentication_mechanism_name|secret|association_status|security_setup_reference",
        "reply_to_HLS_authentication|change_HLS_secret|add_object|remove_object"),
    row(15, 2, "Association LN",
        "object_list|associated_partners_id|application_context_name|xDLMS_context_info|"
        "authentication_mechanism_name|secret|association_status|security_setup_reference|user_list|current_user",
        "reply_to_HLS_authentication|change_HLS_secret|add_object|remove_object|add_user|remove_user"),
    row(17, 0, "SAP assignment", "SAP_assignment_list", "connect_logical_device"),
    row(18, 0, "Image transfer",
        "image_block_size|image_transferred_blocks_status|image_first_not_transferred_block_number|"
        "image_transfer_enabled|image_transfer_status|image_to_activate_info",
        "image_transfer_initiate|image_block_transfer|image_verify|image_activate"),
    row(19, 1, "IEC local port setup",
        "default_mode|default_baud|prop_baud|response_time|device_addr|pass_p1|pass_p2|pass_w5"),
    row(20, 0, "Activity calendar",
        "calendar_name_active|season_profile_active|week_profile_table_active|day_profile_table_active|"
        "calendar_name_passive|season_profile_passive|week_profile_table_passive|day_profile_table_passive|"
        "activate_passive_calendar_time",
        "activate_passive_calendar"),
    row(21, 0, "Register monitor", "thresholds|monitored_value|actions"),
    row(22, 0, "Single action schedule", "executed_script|type|execution_time"),
    row(23, 1, "IEC HDLC setup",
        "comm_speed|window_size_transmit|window_size_receive|max_info_field_length_transmit|"
        "max_info_field_length_receive|inter_octet_time_out|inactivity_time_out|device_address"),
    row(25, 0, "M-Bus slave port setup", "default_baud|avail_baud|addr_state|bus_address"),
    row(26, 0, "Utility tables", "table_ID|length|buffer"),
    row(27, 0, "Modem configuration", "comm_speed|initialization_string|modem_profile"),
    row(28, 0, "Auto answer", "mode|listening_window|status|number_of_calls|number_of_rings"),
    row(28, 2, "Auto answer", "mode|listening_window|status|number_of_calls|number_of_rings|list_of_allowed_callers"),
    row(29, 1, "Auto connect", "mode|repetitions|repetition_delay|calling_window|destination_list"),
    row(29, 2, "Auto connect", "mode|repetitions|repetition_delay|calling_window|destination_list", "connect"),
    row(30, 0, "Data protection",
        "protection_buffer|protection_object_list|protection_parameters_get|protection_parameters_set|"
        "required_protection",
        "get_protected_attributes|set_protected_attributes|invoke_protected_method"),
    row(40, 0, "Push setup",
        "push_object_list|send_destination_and_method|communication_window|randomisation_start_interval|"
        "number_of_retries|repetition_delay",
        "push"),
    row(40, 1, "Push setup",
        "push_object_list|send_destination_and_method|communication_window|randomisation_start_interval|"
        "number_of_retries|repetition_delay|port_reference|push_client_SAP|push_protection_parameters",
        "push"),
    row(40, 2, "Push setup",
        "push_object_list|send_destination_and_method|communication_window|randomisation_start_interval|"
        "number_of_retries|repetition_delay|port_reference|push_client_SAP|push_protection_parameters|"
        "push_operation_method|confirmation_parameters|last_confirmation_date_time",
        "push|reset"),
    row(41, 0, "TCP-UDP setup", "TCP-UDP_port|IP_reference|MSS|nb_of_sim_conn|inactivity_time_out"),
    row(42, 0, "IPv4 setup",
        "DL_reference|IP_address|multicast_IP_address|IP_options|subnet_mask|gateway_IP_address|use_DHCP_flag|"
        "primary_DNS_address|secondary_DNS_address",
        "add_mc_IP_address|delete_mc_IP_address|get_nbof_mc_IP_addresses"),
    row(43, 0, "Ethernet setup", "MAC_address"),
    row(44, 0, "PPP setup", "PHY_reference|LCP_options|IPCP_options|PPP_authentication"),
    row(45, 0, "GPRS modem setup", "APN|PIN_code|quality_of_service"),
    row(47, 0, "GSM diagnostic",
        "operator|status|cs_attachment|ps_status|cell_info|adjacent_cells|capture_time"),
    row(48, 0, "IPv6 setup",
        "DL_reference|address_config_mode|unicast_IPv6_addresses|multicast_IPv6_addresses|gateway_IPv6_addresses|"
        "primary_DNS|secondary_DNS|traffic_class|neighbour_discovery_setup",
        "add_IPv6_address|remove_IPv6_address"),
    row(62, 1, "Compact data",
        "compact_buffer|capture_objects|template_id|template_description|capture_method",
        "reset|capture"),
    row(63, 0, "Status mapping", "status_word|mapping_table"),
    row(64, 0, "Security setup",
        "security_policy|security_suite|client_system_title|server_system_title",
        "security_activate|global_key_transfer"),
    row(64, 1, "Security setup",
        "security_policy|security_suite|client_system_title|server_system_title|certificates",
        "security_activate|key_transfer|key_agreement|generate_key_pair|generate_certificate_request|"
        "import_certificate|export_certificate|remove_certificate"),
    row(65, 0, "Parameter monitor",
        "changed_parameter|capture_time|parameter_list",
        "add_parameter|delete_parameter"),
    row(65, 1, "Parameter monitor",
        "changed_parameter|capture_time|parameter_list|parameter_list_name|hash_algorithm_id|"
        "parameter_value_digest|parameter_values",
        "add_parameter|delete_parameter"),
    row(67, 0, "Sensor manager",
        "serial_number|metrological_identification|output_type|adjustment_method|sealing_method|raw_value|"
        "scaler_unit|status|capture_time|raw_value_thresholds|raw_value_actions|processed_value|"
        "processed_value_thresholds|processed_value_actions",
        "reset"),
    row(68, 0, "Arbitrator",
        "actions|permissions_table|weightings_table|most_recent_requests_table|last_outcome",
        "request_action|reset"),
    row(70, 0, "Disconnect control",
        "output_state|control_state|control_mode",
        "remote_disconnect|remote_reconnect"),
    row(71, 0, "Limiter",
        "monitored_value|threshold_active|threshold_normal|threshold_emergency|min_over_threshold_duration|"
        "min_under_threshold_duration|emergency_profile|emergency_profile_group_id_list|emergency_profile_active|"
        "actions"),
    row(72, 0, "M-Bus client",
        "mbus_port_reference|capture_definition|capture_period|primary_address|identification_number|"
        "manufacturer_id|version|device_type|access_number|status|alarm",
        "slave_install|slave_deinstall|capture|reset_alarm|synchronize_clock|data_send|set_encryption_key|"
        "transfer_key"),
    row(72, 1, "M-Bus client",
        "mbus_port_reference|capture_definition|capture_period|primary_address|identification_number|"
        "manufacturer_id|version|device_type|access_number|status|alarm|configuration|encryption_key_status",
        "slave_install|slave_deinstall|capture|reset_alarm|synchronize_clock|data_send|set_encryption_key|"
        "transfer_key"),
    row(74, 0, "M-Bus master port setup", "comm_speed"),
    row(100, 0, "NTP setup",
        "activated|server_address|server_port|authentication_method|authentication_keys|client_key",
        "synchronize|add_authentication_key|delete_authentication_key"),
    row(111, 0, "Account",
        "account_mode_and_status|current_credit_in_use|current_credit_status|available_credit|amount_to_clear|"
        "clearance_threshold|aggregated_debt|credit_reference_list|charge_reference_list|"
        "credit_charge_configuration|token_gateway_configuration|account_activation_time|account_closure_time|"
        "currency|low_credit_threshold|next_credit_available_threshold|max_provision|max_provision_period",
        "activate_account|close_account|reset_account"),
    row(112, 0, "Credit",
        "current_credit_amount|credit_type|priority|warning_threshold|limit|credit_configuration|credit_status|"
        "preset_credit_amount|credit_available_threshold|period",
        "update_amount|set_amount_to_value|invoke_credit"),
    row(113, 0, "Charge",
        "total_amount_paid|charge_type|priority|unit_charge_active|unit_charge_passive|unit_charge_activation_time|"
        "period|charge_configuration|last_collection_time|last_collection_amount|total_amount_remaining|proportion",
        "update_unit_charge|activate_passive_unit_charge|collect|update_total_amount_remaining|"
        "set_total_amount_remaining"),
    row(115, 0, "Token gateway", "token|token_time|token_description|token_delivery_method|token_status", "enter"),
    row(122, 0, "Function control",
        "activation_status|function_list",
        "set_function_status|add_function|remove_function"),
    row(124, 0, "Communication port protection",
        "protection_mode|allowed_failed_attempts|initial_lockout_time|steepness_factor|max_lockout_time|"
        "port_reference|protection_status|failed_attempts|cumulative_failed_attempts",
        "reset"),
    // clang-format on
};

}  // namespace

std::size_t NameList::size() const {
    if (joined_.empty()) return 0;
    std::size_t count = 1;
    for (const char letter : joined_) count += letter == '|' ? 1U : 0U;
    return count;
}

std::string_view NameList::operator[](std::size_t index) const {
    std::string_view rest = joined_;
    for (; index > 0; --index) {
        const std::size_t bar = rest.find('|');
        if (bar == std::string_view::npos) return {};
        rest.remove_prefix(bar + 1);
    }
    return rest.substr(0, rest.find('|'));
}

std::string_view InterfaceClass::attribute_name(std::int8_t attribute) const {
    if (attribute < 1) return {};
    return attribute == 1 ? "logical_name" : attributes[static_cast<std::size_t>(attribute - 2)];
}

std::string_view InterfaceClass::method_name(std::int8_t method) const {
    return method < 1 ? std::string_view{} : methods[static_cast<std::size_t>(method - 1)];
}

std::span<const InterfaceClass> interface_classes() { return kClasses; }

const InterfaceClass* interface_class(std::uint16_t class_id, std::uint8_t version) {
    const InterfaceClass* found = nullptr;
    for (const InterfaceClass& candidate : kClasses) {
        if (candidate.class_id != class_id) continue;
        if (found == nullptr || candidate.version <= version) found = &candidate;
    }
    return found;
}

const InterfaceClass* newest_interface_class(std::uint16_t class_id) { return interface_class(class_id, 0xFF); }

}  // namespace ferraris::dlms
