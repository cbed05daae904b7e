#include "dlms/apdu/general_block_transfer.hpp"

namespace ferraris::dlms {
namespace {

constexpr std::uint8_t kLast = 0x80;
constexpr std::uint8_t kStreaming = 0x40;

}  // namespace

Result<GeneralBlock, ApduError> decode_general_block(ByteView apdu) {
    ApduReader in(apdu);
    GeneralBlock block;
    in.tag(ApduTag::general_block_transfer);
    const std::uint8_t control = in.u8();
    block.last = (control & kLast) != 0;
    block.streaming = (control & kStreaming) != 0;
    block.window = control & kMaxBlockWindow;
    block.number = in.u16();
    block.acknowledged = in.u16();
    block.data = in.octet_string();
    if (!in.failed() && block.number == 0) in.refuse(ApduError::malformed);
    return in.result(block);
}

void encode(ByteWriter& out, const GeneralBlock& block) {
    out.u8(static_cast<std::uint8_t>(ApduTag::general_block_transfer));
    out.u8(static_cast<std::uint8_t>((block.last ? kLast : 0U) | (block.streaming ? kStreaming : 0U) |
                                     (block.window & kMaxBlockWindow)));
    out.u16(block.number);
    out.u16(block.acknowledged);
    put_length(out, block.data.size());
    out.put(block.data);
}

}  // namespace ferraris::dlms
