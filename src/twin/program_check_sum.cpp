#include "twin/program_check_sum.hpp"

#include <link.h>

#include "base/bytes.hpp"
#include "base/crc.hpp"

namespace ferraris::twin {
namespace {

/// What is loaded and never written holds no addresses that differ from start to start.
int add_program(dl_phdr_info* object, std::size_t, void* check_sum) {
    auto& sum = *static_cast<std::uint32_t*>(check_sum);
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        // The loader tells addresses as numbers.
        // NOLINTNEXTLINE(performance-no-int-to-ptr)
        const auto* octets = reinterpret_cast<const std::uint8_t*>(object->dlpi_addr + segment.p_vaddr);
        sum = crc32(ByteView(octets, segment.p_filesz), sum);
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
