/// A-XDR: whatever one reader takes for an element, another takes apart in the same number of octets.
#include <cstdlib>

#include "dlms/data.hpp"

namespace {

using namespace ferraris;
using namespace ferraris::dlms;

/// Walks an element by its parts; the depth is bounded by the reader that accepted it.
void walk(const DataElement& element) {
    if (element.tag != DataTag::array && element.tag != DataTag::structure) return;
    DataReader in(element.content);
    for (std::size_t i = 0; i < element.count; ++i) {
        const auto inner = in.any();
        if (!inner) std::abort();
        walk(*inner);
    }
    if (!in.finished()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView octets(data, size);
    DataReader in(octets);
    while (in.ok() && !in.at_end()) {
        const auto element = in.any();
        if (element) walk(*element);
    }
    DataReader typed(octets);
    (void)typed.structure();
    (void)typed.logical_name();
    (void)typed.octet_string();
    (void)typed.long64_unsigned();
    (void)typed.array();
    ByteReader lengths(octets);
    (void)take_length(lengths);
    return 0;
}
