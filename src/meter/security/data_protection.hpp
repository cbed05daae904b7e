/// What the Data protection object (class 30, IEC 62056-6-2) is set to, and which protected messages it has taken.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// Attributes 3 to 6 have a value in the store, as encoded `Data`; 2 is made when it is asked for.
enum class ProtectionSetting : std::uint8_t {
    object_list = 3,
    parameters_get = 4,
    parameters_set = 5,
    required_protection = 6,
};

/// The most octets that an attribute may have.
inline constexpr std::size_t kMaxProtectionSetting = 768;
using ProtectionSettingMemory = std::array<std::uint8_t, kMaxProtectionSetting>;

/// The attribute, its default where none was written: the logical device name, authenticated and encrypted with the
/// global unicast key, and requests and answers that have to be both. A view into `memory`.
[[nodiscard]] ByteView read_protection_setting(const ParameterStore& store, ProtectionSetting setting,
                                               ProtectionSettingMemory& memory);
enum class ProtectionValue : std::uint8_t { good, wrong_type, impossible };
/// Type and range. Whether the objects of the list exist is for the object table to say. A key that is fresh with each
/// message cannot be in parameters_get, which would have to say it beforehand.
[[nodiscard]] ProtectionValue check_protection_setting(ProtectionSetting setting, ByteView value);
/// Durable when true. The value must be one that `check_protection_setting` likes.
[[nodiscard]] bool write_protection_setting(ParameterStore& store, ProtectionSetting setting, ByteView value);
/// Bits as in a security policy.
[[nodiscard]] std::uint8_t required_protection(const ParameterStore& store);

/// Parties whose counters are kept; those that come when all places are taken are refused.
inline constexpr std::size_t kMaxProtectingParties = 8;
enum class CounterVerdict : std::uint8_t { accepted, replayed, not_durable, no_place };
/// A protected message with that counter came in from `originator` under the keys of `client`. Its counter must be
/// above that of the last one, whatever the APDUs around it count, since who protects need not be who associates.
/// `remember`: the message has a tag, so that nobody else can have made it up.
[[nodiscard]] CounterVerdict accept_data_counter(ParameterStore& store, std::uint8_t client, ByteView originator,
                                                 std::uint32_t counter, bool remember);

}  // namespace ferraris::meter
