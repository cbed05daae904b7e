#include "cli/enumerations.hpp"

#include <algorithm>
#include <iterator>

namespace ferraris::cli {
namespace {

struct Enumerator {
    std::string_view enumeration;
    std::uint8_t value;
    std::string_view name;
};

constexpr Enumerator kEnumerators[] = {
    {"sort_method", 1, "unsorted, first in first out"},
    {"sort_method", 2, "unsorted, last in first out"},
    {"sort_method", 3, "largest first"},
    {"sort_method", 4, "smallest first"},
    {"sort_method", 5, "nearest to zero first"},
    {"sort_method", 6, "farthest from zero first"},
    {"clock_base", 0, "not defined"},
    {"clock_base", 1, "internal crystal"},
    {"clock_base", 2, "mains frequency 50 Hz"},
    {"clock_base", 3, "mains frequency 60 Hz"},
    {"clock_base", 4, "GPS"},
    {"clock_base", 5, "radio controlled"},
    {"association_status", 0, "not associated"},
    {"association_status", 1, "association pending"},
    {"association_status", 2, "associated"},
    {"image_transfer_status", 0, "not initiated"},
    {"image_transfer_status", 1, "initiated"},
    {"image_transfer_status", 2, "verification initiated"},
    {"image_transfer_status", 3, "verification successful"},
    {"image_transfer_status", 4, "verification failed"},
    {"image_transfer_status", 5, "activation initiated"},
    {"image_transfer_status", 6, "activation successful"},
    {"image_transfer_status", 7, "activation failed"},
    {"baud", 0, "300 baud"},
    {"baud", 1, "600 baud"},
    {"baud", 2, "1200 baud"},
    {"baud", 3, "2400 baud"},
    {"baud", 4, "4800 baud"},
    {"baud", 5, "9600 baud"},
    {"baud", 6, "19200 baud"},
    {"baud", 7, "38400 baud"},
    {"baud", 8, "57600 baud"},
    {"baud", 9, "115200 baud"},
    {"security_suite", 0, "AES-GCM-128"},
    {"security_suite", 1, "ECDH-ECDSA-AES-GCM-128-SHA-256"},
    {"security_suite", 2, "ECDH-ECDSA-AES-GCM-256-SHA-384"},
    {"control_state", 0, "disconnected"},
    {"control_state", 1, "connected"},
    {"control_state", 2, "ready for reconnection"},
    {"security_policy_0", 0, "nothing"},
    {"security_policy_0", 1, "all messages authenticated"},
    {"security_policy_0", 2, "all messages encrypted"},
    {"security_policy_0", 3, "all messages authenticated and encrypted"},
    {"control_mode", 0, "always connected"},
    {"control_mode", 1, "disconnects remotely, manually, locally; reconnects remotely to ready, then manually"},
    {"control_mode", 2, "disconnects remotely, manually, locally; reconnects remotely, manually"},
    {"control_mode", 3, "disconnects remotely, locally; reconnects remotely to ready, then manually"},
    {"control_mode", 4, "disconnects remotely, locally; reconnects remotely, manually"},
    {"control_mode", 5,
     "disconnects remotely, manually, locally; reconnects remotely to ready, then manually or locally"},
    {"control_mode", 6, "disconnects remotely, locally; reconnects remotely to ready, then manually or locally"},
    {"control_mode", 7, "disconnects remotely, locally; reconnects remotely, manually, locally"},
    {"transport_service", 0, "TCP"},
    {"transport_service", 1, "UDP"},
    {"transport_service", 2, "FTP"},
    {"transport_service", 3, "SMTP"},
    {"transport_service", 4, "SMS"},
    {"transport_service", 5, "HDLC"},
    {"transport_service", 6, "M-Bus"},
    {"transport_service", 7, "ZigBee"},
    {"message_type", 0, "A-XDR"},
    {"message_type", 1, "XML"},
    {"script_service", 1, "write"},
    {"script_service", 2, "execute"},
    {"schedule_type", 1, "one time, wildcards in the date"},
    {"schedule_type", 2, "several dates at the same time"},
    {"schedule_type", 3, "several dates with wildcards at the same time"},
    {"schedule_type", 4, "several dates at times of their own"},
    {"schedule_type", 5, "several dates with wildcards at times of their own"},
    {"capture_method", 0, "when invoked"},
    {"capture_method", 1, "when read"},
    {"certificate_entity", 0, "server"},
    {"certificate_entity", 1, "client"},
    {"certificate_entity", 2, "certification authority"},
    {"certificate_entity", 3, "other"},
    {"certificate_type", 0, "digital signature"},
    {"certificate_type", 1, "key agreement"},
    {"certificate_type", 2, "TLS"},
    {"certificate_type", 3, "other"},
    {"protection_mode", 0, "locked"},
    {"protection_mode", 1, "locked on failed attempts"},
    {"protection_mode", 2, "unlocked"},
    {"protection_status", 0, "unlocked"},
    {"protection_status", 1, "temporarily locked"},
    {"protection_status", 2, "locked"},
    {"local_port_mode", 0, "IEC 62056-21, modes A to E"},
    {"local_port_mode", 1, "HDLC"},
    {"local_port_mode", 2, "not specified"},
};

}  // namespace

std::string_view enumerator_name(std::string_view enumeration, std::uint64_t value) {
    const auto* const found = std::ranges::find_if(
        kEnumerators, [&](const Enumerator& row) { return row.enumeration == enumeration && row.value == value; });
    return found == std::end(kEnumerators) ? std::string_view{} : found->name;
}

}  // namespace ferraris::cli
