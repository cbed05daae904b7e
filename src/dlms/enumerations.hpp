/// The numbers of the Green Book's ASN.1 (IEC 62056-5-3, annex A) that more than one file needs.
#pragma once

#include <cstdint>

namespace ferraris::dlms {

/// Tags of the `Data` choice (IEC 62056-6-2, table of common data types).
enum class DataTag : std::uint8_t {
    null_data = 0,
    array = 1,
    structure = 2,
    boolean = 3,
    bit_string = 4,
    double_long = 5,
    double_long_unsigned = 6,
    octet_string = 9,
    visible_string = 10,
    utf8_string = 12,
    bcd = 13,
    integer = 15,
    long_ = 16,
    unsigned_ = 17,
    long_unsigned = 18,
    compact_array = 19,
    long64 = 20,
    long64_unsigned = 21,
    enum_ = 22,
    float32 = 23,
    float64 = 24,
    date_time = 25,
    date = 26,
    time = 27,
    delta_integer = 28,
    delta_long = 29,
    delta_double_long = 30,
    delta_unsigned = 31,
    delta_long_unsigned = 32,
    delta_double_long_unsigned = 33,
    dont_care = 255,
};

enum class DataAccessResult : std::uint8_t {
    success = 0,
    hardware_fault = 1,
    temporary_failure = 2,
    read_write_denied = 3,
    object_undefined = 4,
    object_class_inconsistent = 9,
    object_unavailable = 11,
    type_unmatched = 12,
    scope_of_access_violated = 13,
    data_block_unavailable = 14,
    long_get_aborted = 15,
    no_long_get_in_progress = 16,
    long_set_aborted = 17,
    no_long_set_in_progress = 18,
    data_block_number_invalid = 19,
    other_reason = 250,
};

enum class ActionResult : std::uint8_t {
    success = 0,
    hardware_fault = 1,
    temporary_failure = 2,
    read_write_denied = 3,
    object_undefined = 4,
    object_class_inconsistent = 9,
    object_unavailable = 11,
    type_unmatched = 12,
    scope_of_access_violated = 13,
    data_block_unavailable = 14,
    long_action_aborted = 15,
    no_long_action_in_progress = 16,
    other_reason = 250,
};

/// Last arc of the mechanism name 2.16.756.5.8.2.x.
enum class AuthenticationMechanism : std::uint8_t {
    none = 0,
    low = 1,
    high = 2,
    high_md5 = 3,
    high_sha1 = 4,
    high_gmac = 5,
    high_sha256 = 6,
    high_ecdsa = 7,
};

/// Last arc of the application context name 2.16.756.5.8.1.x.
enum class ApplicationContext : std::uint8_t {
    logical_names = 1,
    short_names = 2,
    logical_names_ciphered = 3,
    short_names_ciphered = 4,
};

enum class AssociationResult : std::uint8_t { accepted = 0, rejected_permanent = 1, rejected_transient = 2 };

/// acse-service-user diagnostics of the AARE.
enum class AcseUserDiagnostic : std::uint8_t {
    null = 0,
    no_reason_given = 1,
    application_context_name_not_supported = 2,
    calling_ap_title_not_recognized = 3,
    calling_ae_invocation_identifier_not_recognized = 6,
    authentication_mechanism_name_not_recognised = 11,
    authentication_mechanism_name_required = 12,
    authentication_failure = 13,
    authentication_required = 14,
};

/// acse-service-provider diagnostics of the AARE.
enum class AcseProviderDiagnostic : std::uint8_t { null = 0, no_reason_given = 1, no_common_acse_version = 2 };

/// `initiate` of the service error choice.
enum class InitiateError : std::uint8_t {
    other = 0,
    dlms_version_too_low = 1,
    incompatible_conformance = 2,
    pdu_size_too_short = 3,
    refused_by_the_vde_handler = 4,
};

enum class StateError : std::uint8_t { service_not_allowed = 1, service_unknown = 2 };

enum class ServiceError : std::uint8_t {
    operation_not_possible = 1,
    service_not_supported = 2,
    other_reason = 3,
    pdu_too_long = 4,
    deciphering_error = 5,
    invocation_counter_error = 6,
};

/// Conformance block: bit 0 of the standard is the most significant of 24.
enum class Conformance : std::uint32_t {
    none = 0,
    general_protection = 1U << 22U,
    general_block_transfer = 1U << 21U,
    read = 1U << 20U,
    write = 1U << 19U,
    unconfirmed_write = 1U << 18U,
    delta_value_encoding = 1U << 17U,
    attribute0_with_set = 1U << 15U,
    priority_management = 1U << 14U,
    attribute0_with_get = 1U << 13U,
    block_transfer_with_get = 1U << 12U,
    block_transfer_with_set = 1U << 11U,
    block_transfer_with_action = 1U << 10U,
    multiple_references = 1U << 9U,
    information_report = 1U << 8U,
    data_notification = 1U << 7U,
    access = 1U << 6U,
    parameterized_access = 1U << 5U,
    get = 1U << 4U,
    set = 1U << 3U,
    selective_access = 1U << 2U,
    event_notification = 1U << 1U,
    action = 1U << 0U,
};
[[nodiscard]] constexpr Conformance operator|(Conformance a, Conformance b) {
    return static_cast<Conformance>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
[[nodiscard]] constexpr Conformance operator&(Conformance a, Conformance b) {
    return static_cast<Conformance>(static_cast<std::uint32_t>(a) & static_cast<std::uint32_t>(b));
}
[[nodiscard]] constexpr bool has(Conformance set, Conformance bit) { return (set & bit) != Conformance::none; }

/// Physical units of `scaler_unit` (IEC 62056-6-2) that a residential meter shows.
enum class Unit : std::uint8_t {
    year = 1,
    month = 2,
    week = 3,
    day = 4,
    hour = 5,
    minute = 6,
    second = 7,
    degree = 8,
    degree_celsius = 9,
    watt = 27,
    volt_ampere = 28,
    var = 29,
    watt_hour = 30,
    volt_ampere_hour = 31,
    var_hour = 32,
    ampere = 33,
    volt = 35,
    hertz = 44,
    impulses_per_watt_hour = 45,
    impulses_per_var_hour = 46,
    percent = 56,
    ampere_hour = 57,
    other = 254,
    count = 255,
};

}  // namespace ferraris::dlms
