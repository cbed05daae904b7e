/// General block transfer on the server's side: what comes in blocks is put together and served like any other
/// request, and what is longer than the client takes leaves in blocks. The blocks are the outermost layer: what they
/// carry is ciphered as a whole (IEC 62056-5-3, 7.3.13).
#include "base/crc.hpp"
#include "dlms/server/session.hpp"

namespace ferraris::dlms {

Conformance ServerSession::supported() const {
    const auto all = static_cast<Conformance>(kConformanceMask);
    if (!memory_.blocks.empty()) return all;
    return static_cast<Conformance>(kConformanceMask ^ static_cast<std::uint32_t>(Conformance::general_block_transfer));
}

bool ServerSession::uses_blocks() const {
    return !memory_.blocks.empty() && has(association_.conformance, Conformance::general_block_transfer);
}

/// The longest APDU that may go out on this association.
std::size_t ServerSession::apdu_limit() const {
    const std::size_t room = memory_.answer.size() - kAnswerHeadroom - kMaxCipherTail;
    const std::uint16_t client = association_.max_receive_pdu_size;
    return client != 0 && client < room ? client : room;
}

ByteSpan ServerSession::where_to_decipher(ByteView apdu) const {
    // What came in blocks is in memory of our own already.
    if (!apdu.empty() && !memory_.blocks.empty() && apdu.data() == memory_.blocks.data()) {
        return memory_.blocks.first(apdu.size());
    }
    std::copy(apdu.begin(), apdu.end(), memory_.deciphering.begin());
    return memory_.deciphering.first(apdu.size());
}

ByteView ServerSession::next() {
    ByteWriter out(memory_.answer);
    return blocks_.pull(out) ? out.written() : ByteView{};
}

ByteView ServerSession::exchange_plain(ByteView apdu) {
    blocks_.reset();
    return answer_in_blocks(apdu, false);
}

/// A client that did not hear from us begins its request again; a client that has any of the answer does not.
bool ServerSession::repeats_first_block(const GeneralBlock& block) const {
    return blocks_.active() && !blocks_.any_acknowledged() && first_block_check_ == crc32(block.data);
}

ByteView ServerSession::exchange_block(ByteView apdu) {
    Answer answer(memory_.answer, apdu_limit());
    const auto block = decode_general_block(apdu);
    if (!block) {
        blocks_.reset();
        refuse(SecurityEvent::request_malformed, {StateError::service_not_allowed, ServiceError::other_reason, {}},
               answer);
        return answer.view();
    }
    if (block->number == 1 && !block->data.empty() && !repeats_first_block(*block)) {
        // Half of the memory is for the answer.
        blocks_.start(BlockRole::responder, memory_.blocks.first(memory_.blocks.size() / 2), kMaxBlockWindow);
        first_block_check_ = crc32(block->data);
    }
    if (!blocks_.active()) {
        // What still streams in of a request that was refused is not refused once more.
        if (blocks_.error() != BlockTransferError::none) return {};
        refuse(SecurityEvent::block_out_of_sequence, {}, answer);
        return answer.view();
    }
    switch (blocks_.take(*block)) {
        case BlockTransfer::Event::none:
            return next();
        case BlockTransfer::Event::complete:
            return answer_in_blocks(blocks_.received(), true);
        case BlockTransfer::Event::failed:
            break;
    }
    const bool too_long = blocks_.error() == BlockTransferError::too_long;
    refuse(too_long ? SecurityEvent::too_long : SecurityEvent::request_malformed,
           {StateError::service_not_allowed, too_long ? ServiceError::pdu_too_long : ServiceError::other_reason, {}},
           answer);
    return answer.view();
}

ByteView ServerSession::answer_in_blocks(ByteView request, bool request_in_blocks) {
    const ByteSpan room = memory_.blocks.subspan(request_in_blocks ? request.size() : 0);
    Answer answer(room, room.size() - kAnswerHeadroom - kMaxCipherTail);
    exchange(request, request_in_blocks, answer);
    const ByteView whole = answer.view();
    if (whole.empty()) {
        blocks_.reset();
        return {};
    }
    if (!request_in_blocks) {
        if (whole.size() <= apdu_limit()) return whole;
        blocks_.start(BlockRole::responder, {}, 1);
        first_block_check_ = 0;
    }
    if (!blocks_.send(whole, apdu_limit() - kGeneralBlockOverhead)) {
        blocks_.reset();
        Answer refusal(memory_.answer, apdu_limit());
        refuse(SecurityEvent::too_long, {StateError::service_not_allowed, ServiceError::pdu_too_long, {}}, refusal);
        return refusal.view();
    }
    return next();
}

}  // namespace ferraris::dlms
