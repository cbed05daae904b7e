/// Headers of the gateway protocol, decoded, written again, and answered by a gateway.
#include <array>
#include <vector>

#include "dlms/server/gateway.hpp"
#include "require.hpp"

namespace {

using namespace ferraris;

using fuzz::require;

constexpr std::array<std::uint8_t, 4> kOwnAddress{'1', '2', '3', '4'};
constexpr std::size_t kMemory = 256;

/// Answers with what it was asked.
class Echo final : public dlms::DevicesBehind {
public:
    std::optional<ByteView> exchange(std::uint8_t network_id, ByteView address, std::uint16_t, ByteView apdu) override {
        require(!apdu.empty() && !address.empty() && address.size() <= dlms::kMaxGatewayAddress);
        if (network_id == 9) return std::nullopt;
        return apdu;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView octets(data, size);
    const auto decoded = dlms::decode_gateway(octets);
    if (decoded) {
        std::vector<std::uint8_t> memory(size);
        ByteWriter out(memory);
        encode(out, *decoded);
        require(!out.overflowed() && equal(out.written(), octets));
    }
    std::vector<std::uint8_t> memory(kMemory);
    Echo behind;
    dlms::Gateway gateway(kOwnAddress, &behind, memory);
    bool asked_itself = false;
    const ByteView answer = gateway.handle(1, octets, [&](ByteView apdu) {
        asked_itself = true;
        return apdu;
    });
    require(answer.size() <= std::max(size, kMemory));
    if (!dlms::has_gateway_header(octets)) require(asked_itself && equal(answer, octets));
    if (dlms::has_gateway_header(octets) && !answer.empty()) {
        const auto back = dlms::decode_gateway(answer);
        require(back && decoded && back->response && back->network_id == decoded->network_id &&
                equal(back->address, decoded->address));
    }
    return 0;
}
