#include "twin/logging_device.hpp"

#include <fmt/format.h>

#include <array>

namespace ferraris::twin {
namespace {

/// In the order of `dlms::SecurityEvent`.
constexpr std::array<const char*, dlms::kSecurityEventCount> kEvents{
    "association established",
    "association released",
    "association refused: authentication failed",
    "request refused: it cannot be deciphered; it may be of other keys or of another suite",
    "request refused: its invocation counter is not above the last one",
    "request refused: it is malformed",
    "request refused: it is less protected than the policy asks",
    "association refused: locked after too many failed logins",
    "request refused: there is no association for it",
    "association refused: its context or its proposal cannot be had",
    "request refused: there is no such service",
    "request refused: its service was not negotiated",
    "request refused: its block is not the one that is due",
    "request refused: it or its answer is too long",
    "answer withheld: it cannot be protected",
    "association refused: another mechanism of authentication than this client's",
    "password given at a local port",
    "release granted: there was no association",
};

std::string client_text(std::uint16_t client_sap) { return fmt::format("client {}", client_sap); }

std::string access_text(const dlms::LogicalName& instance, int number) {
    const auto& g = instance.groups;
    return fmt::format("{}-{}:{}.{}.{}*{}:{}", g[0], g[1], g[2], g[3], g[4], g[5], number);
}

}  // namespace

void LoggingDevice::refused(const dlms::Caller& caller, const char* kind, const dlms::LogicalName& instance, int number,
                            int result) {
    log_.add(kind, client_text(caller.association.client_sap), 1,
             fmt::format("{}, result {}", access_text(instance, number), result));
}

void LoggingDevice::tell(std::string_view verb, const dlms::LogicalName& instance, int number, int result,
                         ByteView value) const {
    if (!heard_) return;
    const std::string outcome = result == 0 ? "success" : fmt::format("result {}", result);
    heard_({Heard::What::access, {}, value, fmt::format("{} {}, {}", verb, access_text(instance, number), outcome)});
}

dlms::ReadOutcome LoggingDevice::read(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                                      const dlms::Selection* selection, dlms::ReadCursor& cursor, ByteWriter& out) {
    const bool begins = cursor.at_start();
    const std::size_t before = out.size();
    const dlms::ReadOutcome outcome = device_.read(caller, attribute, selection, cursor, out);
    // A long answer is read window by window.
    if (begins) {
        const ByteView value = outcome.complete && !out.overflowed() ? out.written().subspan(before) : ByteView{};
        tell("GET", attribute.instance, attribute.attribute, static_cast<int>(outcome.result), value);
    }
    if (outcome.result != dlms::DataAccessResult::success) {
        refused(caller, "GET refused", attribute.instance, attribute.attribute, static_cast<int>(outcome.result));
    }
    return outcome;
}

dlms::DataAccessResult LoggingDevice::write(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                                            const dlms::Selection* selection, ByteView value) {
    const dlms::DataAccessResult result = device_.write(caller, attribute, selection, value);
    tell("SET", attribute.instance, attribute.attribute, static_cast<int>(result), {});
    if (result != dlms::DataAccessResult::success) {
        refused(caller, "SET refused", attribute.instance, attribute.attribute, static_cast<int>(result));
    }
    return result;
}

dlms::ActionResult LoggingDevice::invoke(const dlms::Caller& caller, const dlms::MethodDescriptor& method,
                                         ByteView parameters, ByteWriter& out) {
    const dlms::ActionResult result = device_.invoke(caller, method, parameters, out);
    tell("ACTION", method.instance, method.method, static_cast<int>(result), {});
    if (result != dlms::ActionResult::success) {
        refused(caller, "ACTION refused", method.instance, method.method, static_cast<int>(result));
    }
    return result;
}

void LoggingDevice::security_event(std::uint16_t client_sap, dlms::SecurityEvent event) {
    device_.security_event(client_sap, event);
    if (heard_) heard_({Heard::What::access, {}, {}, kEvents[static_cast<std::size_t>(event)]});
    // Associations that come and go are nothing to worry about; refusals are.
    if (event == dlms::SecurityEvent::association_established || event == dlms::SecurityEvent::association_released) {
        return;
    }
    log_.add(kEvents[static_cast<std::size_t>(event)], client_text(client_sap));
}

}  // namespace ferraris::twin
