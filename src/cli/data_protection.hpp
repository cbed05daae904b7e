/// Reading, writing and calling through the Data protection object of a meter (class 30, IEC 62056-6-2): the data are
/// protected end to end, whatever carries them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/crypto.hpp"
#include "dlms/logical_name.hpp"
#include "dlms/security/data_protection.hpp"

namespace ferraris::cli {

/// What `--data-protection` can be.
[[nodiscard]] std::vector<std::string> data_protection_options();

/// Where the object is, as IEC 62056-6-1 names it.
inline constexpr dlms::LogicalName kDataProtectionObject = dlms::obis(0, 0, 43, 2, 0);
inline constexpr std::uint16_t kDataProtectionId = 30;

/// Protects one message and opens the answer to it, which must repeat its transaction id: an old answer is none.
class DataProtection {
public:
    using Octets = std::vector<std::uint8_t>;

    /// `option` is one of `data_protection_options`. The views of `keys` and `crypto` outlive it. Throws CliError where
    /// there is no chance for a transaction id.
    DataProtection(Crypto& crypto, const std::string& option, dlms::Protection protection, std::uint8_t suite,
                   const dlms::GeneralKeys& keys);
    DataProtection(const DataProtection&) = delete;
    DataProtection& operator=(const DataProtection&) = delete;

    /// Parameters of get_protected_attributes.
    [[nodiscard]] Octets get_request(const dlms::AttributeDescriptor& attribute) const;
    /// Of set_protected_attributes and invoke_protected_method. Throws CliError when a key is missing.
    [[nodiscard]] Octets set_request(const dlms::AttributeDescriptor& attribute, ByteView value,
                                     std::uint32_t counter) const;
    [[nodiscard]] Octets call_request(const dlms::MethodDescriptor& method, ByteView parameters,
                                      std::uint32_t counter) const;
    /// What the methods returned, opened: a structure of one value, or what the method behind returned. Throws CliError
    /// when it is not as it was asked for.
    [[nodiscard]] Octets open_answer(ByteView returned) const;
    /// The same for get_protected_attributes: the value.
    [[nodiscard]] Octets open_value(ByteView returned) const;

private:
    [[nodiscard]] Octets protect(ByteView text, std::uint32_t counter, Octets& parameters) const;

    Crypto& crypto_;
    std::uint8_t suite_;
    dlms::GeneralKeys keys_;
    std::array<std::uint8_t, 8> transaction_id_{};
    dlms::ProtectionElements elements_{};
};

}  // namespace ferraris::cli
