// Protection of data: lists of parameters and protected octets, as they come from outside, and altered ones of our own.
#include "dlms/security/data_protection.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "crypto/openssl.hpp"
#include "require.hpp"

namespace {

using namespace ferraris;
using Octets = std::vector<std::uint8_t>;

const Octets kKey(16, 0x11);
const std::array<std::uint8_t, 8> kMeter{'F', 'R', 'S', 0, 0, 0, 0, 1};
const std::array<std::uint8_t, 8> kClient{'F', 'R', 'S', 0, 0, 0, 0, 9};

dlms::GeneralKeys keys_of(ByteView own, ByteView peer) {
    dlms::GeneralKeys keys;
    keys.own_system_title = own;
    keys.peer_system_title = peer;
    keys.unicast_encryption = kKey;
    keys.broadcast_encryption = kKey;
    keys.authentication = kKey;
    keys.master = kKey;
    return keys;
}

}  // namespace

/// Parameters as a Data element, then what was protected, or is to be.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto crypto = make_openssl_crypto();
    dlms::DataReader in(ByteView(data, size));
    auto elements = dlms::take_protection_parameters(in);
    if (!elements) return 0;
    const ByteView rest = in.rest();
    Octets memory(rest.size() + 1024);
    for (const std::uint8_t suite : {std::uint8_t{0}, std::uint8_t{1}}) {
        (void)dlms::open_data(*crypto, suite, *elements, keys_of(kMeter, kClient), rest, memory);
    }
    // What is protected under parameters that say no more than they may opens again, unless a curve is needed.
    std::copy(rest.begin(), rest.end(), memory.begin());
    std::array<std::uint8_t, dlms::kMaxProtectionParameters> parameter_memory{};
    ByteWriter out(parameter_memory);
    dlms::DataWriter parameters(out);
    const auto made =
        dlms::protect_data(*crypto, 0, *elements, 7, keys_of(kClient, kMeter), memory, 0, rest.size(), parameters);
    if (!made) return 0;
    fuzz::require(!out.overflowed());
    const Octets octets(made->begin(), made->end());
    dlms::DataReader list(out.written());
    const auto sent = dlms::take_protection_parameters(list);
    fuzz::require(sent && list.finished());
    const auto opened = dlms::open_data(*crypto, 0, *sent, keys_of(kMeter, kClient), octets, memory);
    fuzz::require(opened && equal(opened->text, rest));
    return 0;
}
