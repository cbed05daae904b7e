#include "twin/program_check_sum.hpp"

#include <link.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/bytes.hpp"
#include "base/crc.hpp"

namespace ferraris::twin {
namespace {

/// The address sanitizer lays zones between constants that nobody may read; a check sum reads all there is. A volatile
/// read never becomes a call of memcpy, which would look again.
__attribute__((no_sanitize("address"))) void copy_whatever_it_is(const volatile std::uint8_t* from, ByteSpan to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i];
}

std::uint32_t check_sum_of(const std::uint8_t* octets, std::size_t count, std::uint32_t sum) {
    std::array<std::uint8_t, 4096> piece{};
    for (std::size_t at = 0; at < count; at += piece.size()) {
        const ByteSpan part = ByteSpan(piece).first(std::min(piece.size(), count - at));
        copy_whatever_it_is(octets + at, part);
        sum = crc32(part, sum);
    }
    return sum;
}

/// What is loaded and never written holds no addresses that differ from start to start.
int add_program(dl_phdr_info* object, std::size_t, void* check_sum) {
    auto& sum = *static_cast<std::uint32_t*>(check_sum);
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        // The loader tells addresses as numbers.
        // NOLINTNEXTLINE(performance-no-int-to-ptr)
        const auto* octets = reinterpret_cast<const std::uint8_t*>(object->dlpi_addr + segment.p_vaddr);
        sum = check_sum_of(octets, segment.p_filesz, sum);
    }
    return 1;  // the program comes first; libraries are the host's
}

}  // namespace

std::uint32_t program_check_sum() {
    static const std::uint32_t check_sum = [] {
        std::uint32_t sum = 0;
        dl_iterate_phdr(add_program, &sum);
        return sum;
    }();
    return check_sum;
}

}  // namespace ferraris::twin
