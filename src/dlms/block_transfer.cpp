#include "dlms/block_transfer.hpp"

#include <algorithm>
#include <cstring>

namespace ferraris::dlms {

void BlockTransfer::start(BlockRole role, ByteSpan memory, std::uint8_t window) {
    reset();
    role_ = role;
    memory_ = memory;
    window_ = std::clamp<std::uint8_t>(window, 1, kMaxBlockWindow);
    active_ = true;
}

void BlockTransfer::reset() {
    const std::uint8_t limit = sending_limit_;
    *this = BlockTransfer{};
    sending_limit_ = limit;
}

BlockTransfer::Event BlockTransfer::fail(BlockTransferError error) {
    error_ = error;
    active_ = false;
    message_ = {};
    acknowledgement_due_ = false;
    burst_end_ = 0;
    return Event::failed;
}

bool BlockTransfer::send(ByteView message, std::size_t block_size, bool confirmed) {
    const std::size_t blocks = (message.size() + block_size - 1) / block_size;
    if (message.empty() || blocks > std::size_t{0xFFFF} - own_number_ - kMaxBlockWindow) return false;
    message_ = message;
    block_size_ = block_size;
    confirmed_ = confirmed;
    first_number_ = static_cast<std::uint16_t>(own_number_ + 1);
    last_number_ = static_cast<std::uint16_t>(own_number_ + blocks);
    own_number_ = last_number_;
    acknowledged_ = static_cast<std::uint16_t>(first_number_ - 1);
    sent_ = acknowledged_;
    acknowledgement_due_ = false;
    start_burst();
    return true;
}

void BlockTransfer::start_burst() {
    next_ = static_cast<std::uint16_t>(acknowledged_ + 1);
    const std::uint16_t window = std::max<std::uint16_t>(1, std::min(peer_window_, sending_limit_));
    const std::size_t end = confirmed_ ? std::size_t{acknowledged_} + window : last_number_;
    burst_end_ = static_cast<std::uint16_t>(std::min<std::size_t>(end, last_number_));
}

ByteView BlockTransfer::data_of(std::uint16_t number) const {
    if (message_.empty() || number < first_number_) return {};
    const std::size_t start = std::size_t{static_cast<std::uint16_t>(number - first_number_)} * block_size_;
    return message_.subspan(start, std::min(block_size_, message_.size() - start));
}

bool BlockTransfer::pull(ByteWriter& out) {
    if (!active_) return false;
    GeneralBlock block;
    block.window = wanted();
    block.acknowledged = static_cast<std::uint16_t>(expected_ - 1);
    if (sending() && next_ <= burst_end_) {
        block.number = next_++;
        block.data = data_of(block.number);
        block.last = block.number == last_number_;
        block.streaming = block.number != burst_end_;
        sent_ = std::max(sent_, block.number);
        acknowledgement_due_ = false;
    } else if (acknowledgement_due_) {
        acknowledgement_due_ = false;
        block.number = acknowledgement_number_;
        // The responder's answer is still to come.
        block.last = role_ == BlockRole::requester;
    } else {
        return false;
    }
    encode(out, block);
    return true;
}

/// The next gap, or the whole window when there is none: what is asked for is what will come.
std::uint8_t BlockTransfer::wanted() const {
    if (pending_.empty()) return window_;
    return static_cast<std::uint8_t>(std::min<std::uint16_t>(window_, pending_[0].number - expected_));
}

void BlockTransfer::acknowledge(bool again) {
    acknowledgement_due_ = true;
    unacknowledged_ = false;
    if (again && acknowledgement_number_ != 0 && acknowledgement_number_ == own_number_) return;
    acknowledgement_number_ = ++own_number_;
}

void BlockTransfer::retry() {
    if (!active_) return;
    if (sending()) return start_burst();
    acknowledge(true);
}

BlockTransfer::Event BlockTransfer::take(const GeneralBlock& block) {
    if (!active_) return Event::none;
    bool sent_news = false;
    // A line may still hold blocks of an earlier exchange, which acknowledge more than this one has sent.
    if (role_ == BlockRole::requester && block.acknowledged > std::max(sent_, acknowledgement_number_)) {
        return Event::none;
    }
    if (!take_acknowledgement(block, sent_news)) return fail(BlockTransferError::wrong_acknowledgement);
    const Event event = take_data(block);
    if (event != Event::none) return event;
    // In the middle of the other side's window there is nothing to say.
    if (block.streaming) return Event::none;
    const bool responds = role_ == BlockRole::responder;
    if (sending()) {
        if (sent_news || responds) start_burst();
        return Event::none;
    }
    if (complete_) return Event::none;
    if (unacknowledged_ || responds) acknowledge(!unacknowledged_);
    return Event::none;
}

/// False: it acknowledges what was never sent. `news`: it was not read before, so it is worth an answer.
bool BlockTransfer::take_acknowledgement(const GeneralBlock& block, bool& news) {
    if (message_.empty() || !confirmed_) {
        peer_window_ = block.window;
        return true;
    }
    if (block.acknowledged > sent_) return false;
    news = block.number > acknowledgements_from_;
    acknowledgements_from_ = std::max(acknowledgements_from_, block.number);
    if (block.acknowledged < acknowledged_) {
        // What comes too late tells of a state that is over; but mere acknowledgements that were lost before the
        // message began are blocks too, and are sent again without data.
        if (acknowledged_ >= first_number_) {
            news = false;
            return true;
        }
        news = true;
    }
    if (block.acknowledged > acknowledged_) news = true;
    acknowledged_ = block.acknowledged;
    peer_window_ = block.window;
    return true;
}

BlockTransfer::Event BlockTransfer::take_data(const GeneralBlock& block) {
    if (complete_) return Event::none;
    if (block.data.empty() && contiguous_ == 0 && pending_.empty()) {
        // A mere acknowledgement has a number too.
        if (block.number >= expected_ && block.number - expected_ < kMaxBlockWindow) {
            expected_ = static_cast<std::uint16_t>(block.number + 1);
        }
        return Event::none;
    }
    if (end_ != 0 && block.number > end_) return fail(BlockTransferError::wrong_number);
    if (block.number < expected_ || block.number - expected_ >= kMaxBlockWindow) return Event::none;
    if (block.last && end_ != 0 && block.number != end_) return fail(BlockTransferError::wrong_number);
    if (block.data.empty() && !block.last && contiguous_ != 0) return fail(BlockTransferError::empty_block);
    const auto known =
        std::find_if(pending_.begin(), pending_.end(), [&](const Pending& p) { return p.number >= block.number; });
    if (known != pending_.end() && known->number == block.number) {
        // The end of a window may come twice: what is missing is still missing.
        return Event::none;
    }
    if (block.last && !pending_.empty() && pending_.back().number > block.number) {
        return fail(BlockTransferError::wrong_number);
    }
    if (!store(block)) return fail(BlockTransferError::too_long);
    unacknowledged_ = true;
    if (block.last) end_ = block.number;
    if (expected_ == 0) return fail(BlockTransferError::too_long);
    if (end_ == 0 || expected_ <= end_) return Event::none;
    complete_ = true;
    acknowledgement_due_ = false;
    return Event::complete;
}

/// Puts the data where it belongs among what is there; false when there is no room.
bool BlockTransfer::store(const GeneralBlock& block) {
    if (block.data.size() > memory_.size() - contiguous_ - pending_octets_) return false;
    std::size_t offset = contiguous_;
    std::size_t index = 0;
    while (index < pending_.size() && pending_[index].number < block.number) offset += pending_[index++].size;
    const std::size_t behind = contiguous_ + pending_octets_ - offset;
    if (behind != 0) std::memmove(&memory_[offset + block.data.size()], &memory_[offset], behind);
    std::copy(block.data.begin(), block.data.end(), memory_.begin() + static_cast<std::ptrdiff_t>(offset));
    pending_octets_ += block.data.size();
    if (!pending_.push_back({})) return false;
    for (std::size_t i = pending_.size() - 1; i > index; --i) pending_[i] = pending_[i - 1];
    pending_[index] = {block.number, static_cast<std::uint16_t>(block.data.size())};
    // What has no gap before it any more is in its place.
    std::size_t done = 0;
    while (done < pending_.size() && pending_[done].number == expected_) {
        contiguous_ += pending_[done].size;
        pending_octets_ -= pending_[done].size;
        ++expected_;
        ++done;
    }
    for (; done > 0; --done) pending_.erase(0);
    return true;
}

}  // namespace ferraris::dlms
