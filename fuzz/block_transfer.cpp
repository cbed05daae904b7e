/// General block transfer: both sides of it over a line that loses, doubles and swaps blocks as the input says, and one
/// side against blocks that are the input's own. What is complete is what was sent, and nothing goes on for ever.
///
///     input := { role(1) window(1) block size(1) message length(2) } { decision(1) }      first octet even
///     input := { role(1) window(1) … } { length(1) octets(length) }                       odd: the blocks themselves
#include <deque>
#include <vector>

#include "dlms/block_transfer.hpp"
#include "require.hpp"

namespace {

using namespace ferraris;
using dlms::BlockTransfer;
using Octets = std::vector<std::uint8_t>;

using fuzz::require;

constexpr std::size_t kMemory = 4096;

struct Side {
    BlockTransfer blocks{};
    Octets memory = Octets(kMemory);
    bool complete{false};
    bool failed{false};

    void take(ByteView apdu) {
        const auto block = dlms::decode_general_block(apdu);
        if (!block || failed) return;
        const auto event = blocks.take(*block);
        complete = complete || event == BlockTransfer::Event::complete;
        failed = event == BlockTransfer::Event::failed;
    }
    /// What is due, at most a window and an acknowledgement.
    void pull(std::deque<Octets>& line) {
        for (int i = 0; i < 80 && !failed; ++i) {
            Octets apdu(kMemory + dlms::kGeneralBlockOverhead);
            ByteWriter out(apdu);
            if (!blocks.pull(out)) return;
            require(!out.overflowed());
            apdu.resize(out.size());
            require(dlms::decode_general_block(apdu).has_value());
            line.push_back(std::move(apdu));
        }
        require(failed);
    }
};

/// Delivers what is on the line, but for what `in` decides to spoil.
void deliver(std::deque<Octets>& line, Side& to, ByteReader& in) {
    while (!line.empty()) {
        const std::uint8_t decision = in.u8();
        if (decision % 8 == 1 && line.size() > 1) std::swap(line[0], line[1]);
        const Octets apdu = line.front();
        line.pop_front();
        if (decision % 8 == 2) continue;
        to.take(apdu);
        if (decision % 8 == 3) to.take(apdu);
    }
}

void over_a_bad_line(ByteReader in) {
    const std::uint8_t window = in.u8() % 63 + 1;
    const std::size_t block_size = in.u8() % 128 + 1;
    Octets request(in.u16() % 600U + 1);
    for (std::size_t i = 0; i < request.size(); ++i) request[i] = static_cast<std::uint8_t>(i * 7);
    const Octets answer(request.rbegin(), request.rend());
    Side client;
    Side server;
    client.blocks.start(dlms::BlockRole::requester, client.memory, window);
    server.blocks.start(dlms::BlockRole::responder, server.memory, window);
    require(client.blocks.send(request, block_size));
    std::deque<Octets> to_server;
    std::deque<Octets> to_client;
    bool answered = false;
    // The line is good when the decisions are used up: then all has to come to its end.
    for (int round = 0; round < 20'000 && !client.complete; ++round) {
        client.pull(to_server);
        deliver(to_server, server, in);
        require(!client.failed && !server.failed);
        if (server.complete && !answered) {
            require(equal(server.blocks.received(), request));
            require(server.blocks.send(answer, block_size));
            answered = true;
        }
        server.pull(to_client);
        if (to_client.empty()) client.blocks.retry();
        deliver(to_client, client, in);
    }
    require(client.complete && equal(client.blocks.received(), answer));
}

void hostile_blocks(ByteReader in, bool responder) {
    const std::uint8_t window = in.u8() % 63 + 1;
    Side side;
    side.memory.resize(256);
    side.blocks.start(responder ? dlms::BlockRole::responder : dlms::BlockRole::requester, side.memory, window);
    const Octets message(300, 0x5A);
    if (!responder) require(side.blocks.send(message, 20));
    std::deque<Octets> line;
    while (!in.at_end() && !side.failed) {
        const std::size_t length = in.u8();
        const ByteView octets = in.take(std::min<std::size_t>(length, in.remaining()));
        side.take(octets);
        require(side.blocks.received().size() <= side.memory.size());
        if (side.complete && responder && !side.blocks.sending() && !side.failed) (void)side.blocks.send(message, 20);
        side.pull(line);
        line.clear();
        if (!responder && length % 4 == 0) side.blocks.retry();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 6) return 0;
    ByteReader in(ByteView(data, size));
    const std::uint8_t kind = in.u8();
    if (kind % 2 == 0) {
        over_a_bad_line(in);
    } else {
        hostile_blocks(in, kind % 4 == 1);
    }
    return 0;
}
