/// General-Block-Transfer: a piece of any other APDU, and an acknowledgement of the pieces that came the other way
/// (IEC 62056-5-3, annex A; tag E0). How pieces become APDUs is the business of dlms/block_transfer.hpp.
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

/// The window has six bits.
inline constexpr std::uint8_t kMaxBlockWindow = 63;
/// Octets around the data: tag, block control, two numbers, a length of three.
inline constexpr std::size_t kGeneralBlockOverhead = 9;

struct GeneralBlock {
    bool last{false};               ///< nothing comes behind it from this side
    bool streaming{false};          ///< more blocks follow without waiting for an acknowledgement
    std::uint8_t window{1};         ///< how many blocks this side takes in one go
    std::uint16_t number{1};        ///< the first of an exchange is 1
    std::uint16_t acknowledged{0};  ///< this side has all blocks up to this number
    ByteView data{};                ///< empty in a mere acknowledgement
};

/// Errors: number 0 is malformed.
[[nodiscard]] Result<GeneralBlock, ApduError> decode_general_block(ByteView apdu);
void encode(ByteWriter& out, const GeneralBlock& block);

}  // namespace ferraris::dlms
