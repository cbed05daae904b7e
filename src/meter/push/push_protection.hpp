/// How pushes of a setup are protected: push_protection_parameters (class 40, attribute 10). One element each for what
/// ciphers and what signs, in the order in which they are applied; an empty list leaves it to the policy of the push
/// client.
#pragma once

#include <optional>

#include "dlms/data.hpp"
#include "dlms/security/layers.hpp"
#include "dlms/server/logical_device.hpp"
#include "meter/push/push_setup.hpp"

namespace ferraris::meter {

struct PushProtection {
    dlms::ProtectionLayers layers{};  ///< the outermost first
    /// System title of who is to read it, for whose key a key is agreed; empty where nobody need be named.
    FixedVector<std::uint8_t, dlms::kSystemTitleSize> recipient{};

    [[nodiscard]] bool needs_curve_keys() const;
    [[nodiscard]] dlms::Protection protection() const;
};

/// array of structure{protection_type enum, structure{transaction_id, originator_system_title, recipient_system_title,
/// other_information octet-string, key_info structure{key_info_type enum, options}}}. Keys that come with a message are
/// made by the meter, and so are transaction ids: what the list has of them is empty. A signature alone is nothing:
/// whoever saw it could play it back. Nothing: not possible, or not of these types, which `in` tells.
[[nodiscard]] std::optional<PushProtection> take_push_protection(dlms::DataReader& in);
[[nodiscard]] PushProtection read_push_protection(const ParameterStore& store, PushCause cause);
/// What the setup asks for, else a general envelope as the policy of its client wants it: nobody who listens need know
/// of an association, so what is around a message has to tell whose keys it is under.
[[nodiscard]] PushProtection protection_of_push(const ParameterStore& store, PushCause cause,
                                                const dlms::ClientAccess& access);

/// Puts the layers around the APDU of `length` octets that stands in `buffer` from `offset` on, with keys and counters
/// of `device`. The answer is a view into `buffer`. Nothing: a key is missing, or the counters are used up.
[[nodiscard]] std::optional<ByteView> protect_push(dlms::LogicalDevice& device, Crypto& crypto,
                                                   const dlms::ClientAccess& access, const PushProtection& protection,
                                                   ByteSpan buffer, std::size_t offset, std::size_t length);

}  // namespace ferraris::meter
