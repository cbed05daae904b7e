/// A blocking client of one association with one meter, ours or foreign.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "cli/quirks.hpp"
#include "cli/short_names.hpp"
#include "dlms/apdu/apdu.hpp"
#include "dlms/enumerations.hpp"
#include "dlms/logical_name.hpp"

namespace ferraris::cli {

/// How to reach a meter and as whom; the options that all verbs with an ADDRESS share.
struct ConnectOptions {
    std::string address{};
    std::uint16_t client_sap{16};
    std::string authentication{};        ///< none, low, md5, sha1, gmac, sha256, ecdsa; empty: by client and key file
    std::string protection{"both"};      ///< of ciphered associations: none, authenticate, encrypt, both
    std::string envelope{"service"};     ///< of ciphered messages: one of envelope_options()
    bool sign{false};                    ///< requests, and answers too
    std::optional<std::uint8_t> user{};  ///< client user, where the association asks for one
    std::string key_file{};              ///< empty: secrets are asked for
    std::string counter_object{};        ///< OBIS code of the meter's invocation counter; empty: 0.0.43.1.e
    double timeout_s{10};                ///< for each answer
    std::string gateway{};               ///< NETWORK:ADDRESS of a device behind the meter; empty: the meter itself
    bool general_blocks{false};          ///< propose general block transfer on any link; on UDP it always is
    Quirks quirks{};                     ///< of the meter's model
    std::string data_protection{};       ///< read, write and call through class 30, with that key; empty: directly
    bool short_names{false};             ///< the meter has short names; without it that is found out
    std::function<void(const std::string&)> note{};  ///< gets what the user should know and is no error
};

/// Where the meter is; as its model wants to be addressed, where the user leaves that open.
[[nodiscard]] Address address_of(const ConnectOptions& options);

/// Of each answer.
[[nodiscard]] std::chrono::milliseconds timeout_of(const ConnectOptions& options);

struct GetAnswer {
    dlms::DataAccessResult result{dlms::DataAccessResult::success};
    std::vector<std::uint8_t> value{};  ///< one A-XDR element on success
};

struct CallAnswer {
    dlms::ActionResult result{dlms::ActionResult::success};
    std::vector<std::uint8_t> returned{};  ///< may be empty
    /// Why nothing is there although the method, which was done, returned something.
    dlms::DataAccessResult withheld{dlms::DataAccessResult::success};
};

/// Selective access that owns its parameters.
struct OwnedSelection {
    std::uint8_t selector{0};
    std::vector<std::uint8_t> parameters{};
};

/// Everything throws CliError when the dialogue itself fails; what the meter answers about one attribute is a result.
class Client {
public:
    /// Connects and associates. For ciphered associations it first reads the meter's counter as the public client; when
    /// the meter has moved on all the same, because others use the same keys, it tries again behind it, and says so.
    /// A meter that does not take logical names is asked with short ones: its object list is read then, and names
    /// everything below as ever.
    explicit Client(const ConnectOptions& options);
    /// Releases the association and closes the link.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] GetAnswer get(const dlms::AttributeDescriptor& attribute, const OwnedSelection* selection = nullptr);
    /// The value in pieces as they come; `take` returns false to stop the transfer.
    [[nodiscard]] dlms::DataAccessResult get_streamed(const dlms::AttributeDescriptor& attribute,
                                                      const OwnedSelection* selection,
                                                      const std::function<bool(ByteView)>& take);
    /// One answer for each attribute: with lists where the meter can, else one after the other. `progress` may be null.
    [[nodiscard]] std::vector<GetAnswer> get_all(std::span<const dlms::AttributeDescriptor> attributes,
                                                 const std::function<void(std::size_t done)>& progress);
    [[nodiscard]] dlms::DataAccessResult set(const dlms::AttributeDescriptor& attribute, ByteView value);
    [[nodiscard]] CallAnswer call(const dlms::MethodDescriptor& method, ByteView parameters);

    /// The meter can give a part of an attribute.
    [[nodiscard]] bool selects() const;
    /// The objects of a meter with short names; nothing for one with logical names.
    [[nodiscard]] const std::vector<ShortNameObject>* short_name_objects() const;
    /// "client 1, HLS GMAC, authenticated and encrypted, dedicated key"
    [[nodiscard]] std::string description() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ferraris::cli
