/// Any octets in any pieces: what the stream parser finds, the datagram form finds too, and it comes back the same.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "dlms/wrapper.hpp"

using namespace ferraris;
using namespace ferraris::dlms;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::size_t piece = 1 + data[0];
    const ByteView line(data + 1, size - 1);
    std::array<std::uint8_t, 600> buffer{};
    WrapperParser parser(buffer);
    std::size_t octets = 0;
    for (ByteView rest = line; !rest.empty();) {
        ByteView in = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(in.size());
        while (const auto pdu = parser.push(in)) {
            std::array<std::uint8_t, 608> copy{};
            ByteWriter out(copy);
            if (!write_wrapper(*pdu, out)) std::abort();
            if (!equal(out.written(), line.subspan(octets, out.size()))) std::abort();
            if (!decode_wrapper_datagram(out.written())) std::abort();
            octets += out.size();
        }
        if (!in.empty()) std::abort();
    }
    (void)decode_wrapper_datagram(line);
    return 0;
}
