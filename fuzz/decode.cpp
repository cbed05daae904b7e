/// The explainer of frames and messages: any octets, as a user may give them. Nothing may break, every node has to lie
/// within its buffer, and explainer and codecs have to agree (tests/decode/agreement.hpp).
#include "../tests/decode/agreement.hpp"

#include <cstdio>
#include <cstdlib>

#include "crypto/openssl.hpp"
#include "decode/input.hpp"
#include "decode/render.hpp"

namespace {

using namespace ferraris;

void check(const decode::Item& item, const decode::Node& node) {
    if (node.buffer >= item.buffers.size()) std::abort();
    if (node.offset + node.length > item.buffers[node.buffer].octets.size()) std::abort();
    for (const decode::Node& child : node.children) check(item, child);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto crypto = make_openssl_crypto();
    static const decode::KeyRing keys = [] {
        decode::KeyRing ring;
        decode::KeyRow row;
        for (std::uint8_t i = 0; i < 16; ++i) {
            row.unicast.push_back(i);
            row.authentication.push_back(static_cast<std::uint8_t>(0xD0 + i));
        }
        ring.rows.push_back(row);
        constexpr std::uint8_t kTitle[] = {0x4D, 0x4D, 0x4D, 0, 0, 0xBC, 0x61, 0x4E};
        ring.add_title(kTitle);
        return ring;
    }();
    const ByteView octets(data, size);
    const decode::Sink sink = [](decode::Item&& item) {
        check(item, item.node);
        (void)decode::unexplained(item);
        if (decode::render_text(item).empty() || decode::render_json(item).empty() ||
            decode::render_xml(item).empty()) {
            std::abort();
        }
    };
    (void)decode::explain_input({keys, crypto.get()}, octets, sink, {});
    if (const auto found = decode::testing::disagreement(octets)) {
        std::fputs(found->c_str(), stderr);
        std::abort();
    }
    return 0;
}
