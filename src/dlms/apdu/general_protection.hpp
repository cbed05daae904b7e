/// The APDUs general-ciphering and general-signing (IEC 62056-5-3, 5.3.7 and annex A). What is inside, and which key
/// fits, is the business of dlms/security.
///
///     DD | transaction id | originator | recipient | date-time | other information | key info | content
///     DF | transaction id | originator | recipient | date-time | other information | content  | signature
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

/// The longest transaction id that is answered; common ones have 8 octets.
inline constexpr std::size_t kMaxTransactionId = 32;

/// Who sends to whom; octet strings that may all be empty.
struct GeneralHeader {
    ByteView transaction_id{};
    ByteView originator_system_title{};
    ByteView recipient_system_title{};
    ByteView date_time{};
    ByteView other_information{};
};

/// How the receiver finds the key.
struct KeyInfo {
    enum class Kind : std::uint8_t { none, identified, wrapped, agreed };
    Kind kind{Kind::none};
    std::uint8_t id{0};            ///< identified: 0 global unicast, 1 global broadcast; wrapped: 0 master key
    ByteView parameters{};         ///< agreed: 01 for C(1e,1s), 02 for C(0e,2s)
    ByteView key_ciphered_data{};  ///< wrapped: the key; agreed: ephemeral public key and its signature, or nothing
};

struct GeneralCiphering {
    GeneralHeader header{};
    KeyInfo key_info{};
    ByteView content{};  ///< security control, invocation counter, text, authentication tag
    /// The header as it was encoded, which is authenticated with the text. Set by decoding.
    ByteView encoded_header{};
};

struct GeneralSigning {
    GeneralHeader header{};
    ByteView content{};  ///< an APDU, plain or ciphered
    ByteView signature{};
    /// From transaction id to content, as encoded: what is signed. Set by decoding.
    ByteView signed_octets{};
};

[[nodiscard]] Result<GeneralCiphering, ApduError> decode_general_ciphering(ByteView apdu);
[[nodiscard]] Result<GeneralSigning, ApduError> decode_general_signing(ByteView apdu);

void put(ByteWriter& out, const GeneralHeader& header);
/// Tag, header and key info: what stands before the content of `content_length` octets, with its length.
void put_general_ciphering_head(ByteWriter& out, const GeneralHeader& header, const KeyInfo& key_info,
                                std::size_t content_length);
/// Tag and header: what stands before the content of `content_length` octets, with its length.
void put_general_signing_head(ByteWriter& out, const GeneralHeader& header, std::size_t content_length);

}  // namespace ferraris::dlms
