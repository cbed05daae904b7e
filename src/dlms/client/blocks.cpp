/// General block transfer on the client's side: long requests leave in blocks, long answers arrive in them, around
/// whatever the services and their protection made (IEC 62056-5-3, 7.3.13).
#include <algorithm>

#include "dlms/client/session.hpp"

namespace ferraris::dlms {

Conformance ClientSession::proposed_conformance() const {
    if (configuration_.block_memory.empty()) return configuration_.conformance;
    return configuration_.conformance | Conformance::general_block_transfer;
}

bool ClientSession::uses_blocks() const {
    return !configuration_.block_memory.empty() && has(association_.conformance, Conformance::general_block_transfer);
}

/// A block has to fit both the meter and the part of the send buffer that is kept for it.
std::size_t ClientSession::block_apdu_size() const {
    const std::size_t takes = association_.server_max_receive_pdu_size;
    const std::size_t share = send_buffer_.size() / 4;
    return takes == 0 || takes == 0xFFFF ? share : std::min(share, takes);
}

Progress ClientSession::send_apdu(ByteView apdu) {
    Progress progress;
    progress.step = Step::send;
    progress.apdu = apdu;
    if (!uses_blocks()) return progress;
    blocks_.start(BlockRole::requester, configuration_.block_memory, configuration_.block_window);
    const std::size_t takes = association_.server_max_receive_pdu_size;
    const bool fits = takes == 0 || apdu.size() <= takes;
    if (fits && !configuration_.blocks_always) return progress;
    sent_end_ = static_cast<std::size_t>(apdu.data() - send_buffer_.data()) + apdu.size();
    const std::size_t room = std::min(block_apdu_size(), send_buffer_.size() - sent_end_);
    if (room <= kGeneralBlockOverhead || !blocks_.send(apdu, room - kGeneralBlockOverhead))
        return fail(ClientError::request_too_long);
    return next_block();
}

ByteView ClientSession::next() {
    ByteWriter out(blocks_.sending() ? send_buffer_.subspan(sent_end_) : ByteSpan(acknowledgement_));
    return blocks_.pull(out) ? out.written() : ByteView{};
}

Progress ClientSession::next_block() {
    Progress progress;
    progress.apdu = next();
    progress.step = progress.apdu.empty() ? Step::receive : Step::send;
    return progress;
}

Progress ClientSession::retry() {
    if (!repeatable()) return refuse(ClientError::not_repeatable);
    blocks_.retry();
    return next_block();
}

Progress ClientSession::take_block(ByteSpan apdu) {
    const auto block = decode_general_block(apdu);
    if (!block) return operation_ == Operation::none ? unsolicited(apdu) : fail_malformed(block.error());
    if (operation_ == Operation::none) {
        // A push in blocks: each begins with number 1.
        if (configuration_.block_memory.empty()) return unsolicited(apdu);
        if (block->number == 1 && !block->data.empty())
            blocks_.start(BlockRole::responder, configuration_.block_memory, configuration_.block_window);
    } else if (!blocks_.active()) {
        return fail(ClientError::unexpected_answer);
    }
    ClientFailure failure;
    switch (blocks_.take(*block)) {
        case BlockTransfer::Event::none:
            return next_block();
        case BlockTransfer::Event::failed:
            failure.error = ClientError::block_transfer;
            failure.block_error = blocks_.error();
            return fail(failure);
        case BlockTransfer::Event::complete:
            break;
    }
    const ByteSpan whole = blocks_.received();
    blocks_.reset();
    // Blocks are the outermost layer.
    if (apdu_tag(whole) == ApduTag::general_block_transfer) return fail(ClientError::unexpected_answer);
    return receive(whole);
}

}  // namespace ferraris::dlms
