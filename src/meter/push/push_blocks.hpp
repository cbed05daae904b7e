/// A push that is longer than one APDU may be: it goes out in general blocks, as one stream that nobody acknowledges
/// (IEC 62056-5-3, 7.3.13). A short one goes out as it is.
///
///     PushBlocks blocks(message.apdu, max_apdu);
///     while (blocks.pull(out)) …                 // one APDU a call
#pragma once

#include "dlms/block_transfer.hpp"

namespace ferraris::meter {

class PushBlocks {
public:
    /// `apdu` stays valid; `max_apdu` octets, more than kGeneralBlockOverhead, are the longest that goes out.
    PushBlocks(ByteView apdu, std::size_t max_apdu) : whole_(apdu) {
        if (apdu.size() <= max_apdu) return;
        blocks_.start(dlms::BlockRole::requester, {}, 1);
        in_blocks_ = true;
        whole_ = {};
        sent_ = blocks_.send(apdu, max_apdu - dlms::kGeneralBlockOverhead, false);
    }

    /// Writes the next APDU; false when none is left.
    bool pull(ByteWriter& out) {
        if (in_blocks_) return sent_ && blocks_.pull(out);
        if (whole_.empty()) return false;
        out.put(whole_);
        whole_ = {};
        return true;
    }

private:
    ByteView whole_;
    dlms::BlockTransfer blocks_{};
    bool in_blocks_{false};
    bool sent_{false};
};

}  // namespace ferraris::meter
