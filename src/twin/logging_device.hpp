/// A logical device that tells a log of everything that is refused, and is otherwise the one behind it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "dlms/server/logical_device.hpp"
#include "twin/counted_log.hpp"
#include "twin/heard.hpp"

namespace ferraris::twin {

class LoggingDevice final : public dlms::LogicalDevice {
public:
    /// `log` outlives this; it never gets a secret. `heard` is told of every access, of values only those that were
    /// read.
    LoggingDevice(dlms::LogicalDevice& device, CountedLog& log, Listener heard = {})
        : device_(device), log_(log), heard_(std::move(heard)) {}

    [[nodiscard]] ByteView system_title() const override { return device_.system_title(); }
    [[nodiscard]] ByteView physical_device_address() const override { return device_.physical_device_address(); }
    [[nodiscard]] std::optional<dlms::ClientAccess> client(std::uint16_t client_sap) const override {
        return device_.client(client_sap);
    }
    [[nodiscard]] bool accept_invocation_counter(std::uint16_t client_sap, dlms::KeySet key,
                                                 std::uint32_t counter) override {
        return device_.accept_invocation_counter(client_sap, key, counter);
    }
    [[nodiscard]] std::uint32_t expected_invocation_counter(std::uint16_t client_sap, dlms::KeySet key) const override {
        return device_.expected_invocation_counter(client_sap, key);
    }
    [[nodiscard]] std::optional<std::uint32_t> next_invocation_counter(std::uint16_t client_sap,
                                                                       dlms::KeySet key) override {
        return device_.next_invocation_counter(client_sap, key);
    }
    [[nodiscard]] std::optional<dlms::PrivateKey> private_key(std::uint16_t client_sap,
                                                              dlms::KeyUse use) const override {
        return device_.private_key(client_sap, use);
    }
    [[nodiscard]] std::optional<dlms::PublicKey> public_key(std::uint16_t client_sap, ByteView system_title,
                                                            dlms::KeyUse use) const override {
        return device_.public_key(client_sap, system_title, use);
    }
    [[nodiscard]] dlms::ReadOutcome read(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                                         const dlms::Selection* selection, dlms::ReadCursor& cursor,
                                         ByteWriter& out) override;
    [[nodiscard]] dlms::DataAccessResult write(const dlms::Caller& caller, const dlms::AttributeDescriptor& attribute,
                                               const dlms::Selection* selection, ByteView value) override;
    [[nodiscard]] dlms::ActionResult invoke(const dlms::Caller& caller, const dlms::MethodDescriptor& method,
                                            ByteView parameters, ByteWriter& out) override;
    void security_event(std::uint16_t client_sap, dlms::SecurityEvent event) override;

private:
    void refused(const dlms::Caller& caller, const char* kind, const dlms::LogicalName& instance, int number,
                 int result);

    /// `result` as the standard numbers it, 0 is success.
    void tell(std::string_view verb, const dlms::LogicalName& instance, int number, int result, ByteView value) const;

    dlms::LogicalDevice& device_;
    CountedLog& log_;
    Listener heard_;
};

}  // namespace ferraris::twin
