/// What a meter pushed, understood as far as it can be: deciphered, taken apart, values with their names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/format.hpp"
#include "cli/key_file.hpp"
#include "cli/value.hpp"
#include "crypto/crypto.hpp"
#include "dlms/apdu/apdu.hpp"
#include "dlms/block_transfer.hpp"
#include "dlms/date_time.hpp"
#include "dlms/security/ciphering.hpp"

namespace ferraris::cli {

struct PushedValue {
    std::optional<dlms::LogicalName> name{};
    std::uint16_t class_id{0};  ///< 0: the push does not tell
    std::int8_t attribute{0};
    Value value{};
    std::optional<ScalerUnit> scaler_unit{};
};

struct Push {
    std::string kind{};     ///< "data-notification", "event-notification"; empty when it is neither, or not readable
    std::string problem{};  ///< why `values` may be empty
    std::optional<dlms::CipheredHeader> security{};  ///< its views are not to be used
    std::string system_title{};                      ///< in hex; of the sender, where the APDU has it
    std::optional<std::uint16_t> client{};           ///< whose keys in the key file fit
    std::optional<std::uint32_t> invoke{};           ///< long-invoke-id-and-priority
    std::optional<dlms::DateTime> time{};
    std::vector<PushedValue> values{};
    Octets apdu{};  ///< as it came

    [[nodiscard]] bool wants_confirmation() const { return invoke && (*invoke & 0x40000000U) != 0; }
};

class PushReader {
public:
    /// `keys` may be null; both outlive this.
    PushReader(const KeyFile* keys, Crypto& crypto) : keys_(keys), crypto_(crypto) {}

    [[nodiscard]] Push read(ByteView apdu) const;

private:
    [[nodiscard]] bool decipher(ByteView apdu, Push& push, Octets& plain) const;
    /// general-ciphering and general-signing, in any order.
    [[nodiscard]] bool open_layers(ByteView apdu, Push& push, Octets& plain) const;
    [[nodiscard]] Result<Octets, dlms::SecurityError> open_with(const ClientSecrets& secrets, ByteView apdu,
                                                                Push& push) const;

    const KeyFile* keys_;
    Crypto& crypto_;
};

/// The values of a notification-body. A push_object_list in the body that has as many elements as the body names them
/// all; else a logical name in front of a value names it, and scaler and unit behind it belong to it.
[[nodiscard]] std::vector<PushedValue> pushed_values(const Value& body);

/// Puts the blocks of one sender together (general block transfer of pushes, which nobody acknowledges).
class PushAssembler {
public:
    /// The whole APDU: `apdu` itself, or what its block completes. Empty: more blocks are needed, or it was damaged.
    [[nodiscard]] ByteView take(ByteView apdu);
    /// Blocks were lost or make no sense since the last call.
    [[nodiscard]] bool damaged();

private:
    Octets memory_ = Octets(65536);
    dlms::BlockTransfer blocks_{};
    bool damaged_{false};
};

/// One line for people, and one below it for each value.
[[nodiscard]] std::string push_text(const Push& push, const std::string& from);
/// One JSON object on one line, with a line end.
[[nodiscard]] std::string push_json(const Push& push, const std::string& from);

}  // namespace ferraris::cli
