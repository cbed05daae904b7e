/// What has to be remembered from one message to the next: keys, titles, requests that wait for their answer, pieces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace ferraris::decode {

using Octets = std::vector<std::uint8_t>;
using SystemTitle = std::array<std::uint8_t, 8>;

/// Keys that belong together: of one meter, or of one client. Empty where there is none.
struct KeyRow {
    std::optional<SystemTitle> title{};  ///< whose keys they are, where that is known
    Octets unicast{};                    ///< global unicast encryption key
    Octets broadcast{};                  ///< global broadcast encryption key
    Octets authentication{};             ///< empty: tags cannot be checked
    Octets dedicated{};                  ///< where it is known from elsewhere than from an AARQ
    Octets master{};                     ///< key encryption key, for wrapped keys
    Octets agreement_private{};          ///< of the recipient, for agreed keys
    Octets agreement_public{};           ///< of the originator
    Octets signing_public{};             ///< of the originator
};

/// Everything that may decipher. Which row fits is found by trying: the tag says which, or, for messages that are
/// encrypted only, the sense of what comes out.
struct KeyRing {
    std::vector<KeyRow> rows{};
    std::vector<SystemTitle> titles{};  ///< of senders that do not say theirs

    void add_title(ByteView title);
};

/// Pieces of one message that come in order.
struct Pieces {
    Octets octets{};
    std::uint32_t next{1};  ///< number of the piece that is due
    bool begun{false};
};

/// A message cannot grow beyond this.
inline constexpr std::size_t kMaxJoined = std::size_t{16} << 20U;

/// The two ends of one association, in both directions.
struct Conversation {
    std::vector<SystemTitle> titles{};
    Octets dedicated_key{};
    std::size_t last_row{0};  ///< of the key ring: the one that fitted last is tried first
    /// What was asked for, by the four bits of the invoke id: one text for each attribute or method.
    std::array<std::vector<std::string>, 16> requests{};
    std::map<std::string_view, Pieces> pieces{};  ///< by the service whose blocks they are

    void add_title(ByteView title);
};

}  // namespace ferraris::decode
