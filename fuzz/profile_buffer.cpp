/// Buffers of profiles that arrive in pieces: what comes out is well formed, and the same whatever the pieces are.
#include <vector>

#include "dlms/profile_buffer.hpp"
#include "require.hpp"

namespace {

using namespace ferraris;
using Octets = std::vector<std::uint8_t>;

using fuzz::require;

struct Outcome {
    std::vector<Octets> rows{};
    dlms::BufferError error{};
    bool complete{false};
};

Outcome read(ByteView buffer, std::size_t piece, const dlms::RowShape& shape) {
    Octets memory(1024);
    Octets row_memory(1024);
    Octets expanded_memory(2048);
    Octets before(2048);
    dlms::BufferReader reader(memory);
    dlms::RowExpander expander(shape, before);
    Outcome outcome;
    while (!buffer.empty() && reader.error() == dlms::BufferError::none) {
        const std::size_t size = std::min(piece, buffer.size());
        const ByteView left = reader.push(buffer.first(size));
        buffer = buffer.subspan(size - left.size());
        while (const auto row = reader.next(row_memory)) {
            dlms::DataReader in(*row);
            require(in.any().has_value() && in.finished());
            const auto expanded = expander.expand(*row, expanded_memory);
            if (!expanded) continue;
            dlms::DataReader whole(*expanded);
            require(whole.any().has_value() && whole.finished());
            outcome.rows.emplace_back(expanded->begin(), expanded->end());
        }
    }
    outcome.error = reader.error();
    outcome.complete = reader.complete();
    require(!outcome.complete || outcome.error == dlms::BufferError::none);
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    dlms::RowShape shape;
    if (data[0] < 128) shape.clock_column = data[0] % 4U;
    shape.capture_period_s = data[0] % 3 == 0 ? -900 : 900;
    const ByteView buffer(data + 2, size - 2);
    const Outcome whole = read(buffer, buffer.size() + 1, shape);
    const Outcome pieces = read(buffer, data[1] % 64U + 1, shape);
    require(whole.rows == pieces.rows && whole.error == pieces.error && whole.complete == pieces.complete);
    return 0;
}
