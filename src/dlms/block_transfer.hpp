/// General block transfer as a state machine, the same for both sides (IEC 62056-5-3, 7.3.13): an APDU goes out in
/// windows of numbered blocks, and one comes in, whatever the line loses, doubles or disorders. No time, no line, no
/// memory of its own.
///
///     requester                                   responder
///     │ 1 data, W 5, streaming ───────────────────▶ │
///     │ 2 data, last            ── lost             │
///     │ … silence: retry() …                        │
///     │ 1, 2 again ───────────────────────────────▶ │ complete: the answer is made, and begins with block 1
///     │ ◀──────────────────────── 1 data, streaming │
///     │            lost ── 2 data, streaming        │
///     │ ◀───────────────── 3 data, end of the window│
///     │ 3 nothing, W 1, "have all up to 1" ───────▶ │ only what is missing is sent again
///     │ ◀─────────────────────────────────── 2 data │
///     │ 4 nothing, W 5, "have all up to 3" ───────▶ │
///
/// The requester is the side with a timer: after a silence it calls `retry`. It lets go by what repeats what it knows
/// already. The responder has none: it reacts to everything, so that a retry always gets its answer. The last block is
/// never acknowledged by itself, but by the next message.
#pragma once

#include "base/fixed_vector.hpp"
#include "dlms/apdu/general_block_transfer.hpp"

namespace ferraris::dlms {

enum class BlockTransferError : std::uint8_t {
    none,
    too_long,               ///< more than the memory, or more blocks than there are numbers
    wrong_number,           ///< a block behind the last one, or two last ones
    wrong_acknowledgement,  ///< of blocks that were never sent
    empty_block,            ///< without data in the middle of a message: it could go on for ever
};

enum class BlockRole : std::uint8_t { requester, responder };

class BlockTransfer {
public:
    enum class Event : std::uint8_t {
        none,      ///< go on; `pull` may have something to send
        complete,  ///< `received()` is whole
        failed,    ///< `error()`; the exchange is over
    };

    /// A new exchange. `memory` takes what comes in, and `window` (1 to 63) is how many blocks may come in one go.
    void start(BlockRole role, ByteSpan memory, std::uint8_t window);
    /// Forgets everything but how much may be sent in one go.
    void reset();

    /// Sends `message`, which stays where it is until the exchange is over, in blocks of `block_size` octets of data.
    /// Unconfirmed: as one stream to the end, for a push that nobody acknowledges. A responder sends when its request
    /// is complete. False: the message has more blocks than numbers.
    [[nodiscard]] bool send(ByteView message, std::size_t block_size, bool confirmed = true);
    /// No more than `window` blocks in one go, whatever the other side takes: for links that cannot stream.
    void limit_sending_to(std::uint8_t window) { sending_limit_ = window; }
    /// What a block of the other side told before this exchange: how many it takes in one go.
    void expect_window(std::uint8_t window) { peer_window_ = window; }

    [[nodiscard]] Event take(const GeneralBlock& block);
    /// Writes the next block that is due; false when none is. Call until then.
    bool pull(ByteWriter& out);
    /// After a silence: what is due again. For the requester.
    void retry();

    [[nodiscard]] bool active() const { return active_; }
    /// Has any block gone out or come in? Before that there is nothing to retry.
    [[nodiscard]] bool begun() const { return !message_.empty() || expected_ > 1 || !pending_.empty(); }
    [[nodiscard]] bool sending() const { return !message_.empty() && acknowledged_ != last_number_; }
    [[nodiscard]] ByteSpan received() const { return memory_.first(contiguous_); }
    [[nodiscard]] BlockTransferError error() const { return error_; }
    /// Of the other side.
    [[nodiscard]] std::uint8_t peer_window() const { return peer_window_; }
    /// Has the other side any of the blocks with data?
    [[nodiscard]] bool any_acknowledged() const { return acknowledged_ >= first_number_ && !message_.empty(); }

private:
    struct Pending {
        std::uint16_t number{0};
        std::uint16_t size{0};
    };

    Event fail(BlockTransferError error);
    [[nodiscard]] bool take_acknowledgement(const GeneralBlock& block, bool& news);
    [[nodiscard]] Event take_data(const GeneralBlock& block);
    [[nodiscard]] bool store(const GeneralBlock& block);
    void start_burst();
    void acknowledge(bool again);
    [[nodiscard]] std::uint8_t wanted() const;
    [[nodiscard]] ByteView data_of(std::uint16_t number) const;

    BlockRole role_{BlockRole::responder};
    bool active_{false};
    bool confirmed_{true};
    BlockTransferError error_{BlockTransferError::none};

    // What goes out.
    ByteView message_{};
    std::size_t block_size_{1};
    std::uint8_t peer_window_{1};
    std::uint8_t sending_limit_{kMaxBlockWindow};
    std::uint16_t first_number_{1};  ///< of the message; numbers before it were mere acknowledgements
    std::uint16_t last_number_{0};
    std::uint16_t sent_{0};                   ///< the last one that went out at all
    std::uint16_t acknowledged_{0};           ///< the other side has all up to this
    std::uint16_t next_{1};                   ///< of the burst under way
    std::uint16_t burst_end_{0};              ///< the burst's last number; behind it when there is no burst
    std::uint16_t acknowledgements_from_{0};  ///< number of the last block that was read for its acknowledgement

    // What comes in.
    ByteSpan memory_{};
    std::uint8_t window_{1};
    std::size_t contiguous_{0};      ///< octets of the blocks before `expected_`
    std::size_t pending_octets_{0};  ///< octets of the blocks behind a gap
    std::uint16_t expected_{1};      ///< the least number that is missing
    std::uint16_t end_{0};           ///< number of the last block; 0: not known
    bool complete_{false};
    FixedVector<Pending, kMaxBlockWindow> pending_{};  ///< in order of their numbers

    // Acknowledgements.
    bool acknowledgement_due_{false};
    bool unacknowledged_{false};               ///< data came since the last acknowledgement
    std::uint16_t own_number_{0};              ///< the last number that was used
    std::uint16_t acknowledgement_number_{0};  ///< the last acknowledgement's own number; 0: none
};

}  // namespace ferraris::dlms
