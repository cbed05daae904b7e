#include "twin/program_memory.hpp"

#include <link.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "base/crc.hpp"

namespace ferraris::twin {
namespace {

/// The address sanitizer lays zones between constants that nobody may read; a check sum reads all there is. A volatile
/// read never becomes a call of memcpy, which would look again.
__attribute__((no_sanitize("address"))) void copy_whatever_it_is(const volatile std::uint8_t* from, ByteSpan to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i];
}

constexpr std::size_t kPiece = 4096;

}  // namespace

const ProgramMemory& ProgramMemory::instance() {
    static const ProgramMemory memory;
    return memory;
}

ProgramMemory::ProgramMemory() {
    const auto add = [](dl_phdr_info* object, std::size_t, void* segments) {
        for (int i = 0; i < object->dlpi_phnum; ++i) {
            const ElfW(Phdr)& segment = object->dlpi_phdr[i];
            if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
            // The loader tells addresses as numbers.
            // NOLINTNEXTLINE(performance-no-int-to-ptr)
            const auto* octets = reinterpret_cast<const std::uint8_t*>(object->dlpi_addr + segment.p_vaddr);
            static_cast<std::vector<Segment>*>(segments)->push_back(
                {octets, static_cast<std::uint32_t>(segment.p_filesz), segment.p_offset});
        }
        return 1;  // the program comes first; libraries are the host's
    };
    dl_iterate_phdr(add, &segments_);
    for (const Segment& segment : segments_) size_ += segment.size;
    found_ = sum_of_memory();
    expected_ = sum_of_file(found_);
}

bool ProgramMemory::read(std::uint32_t offset, ByteSpan out) const {
    for (const Segment& segment : segments_) {
        if (out.empty()) break;
        if (offset >= segment.size) {
            offset -= segment.size;
            continue;
        }
        const ByteSpan part = out.first(std::min<std::size_t>(out.size(), segment.size - offset));
        copy_whatever_it_is(segment.octets + offset, part);
        out = out.subspan(part.size());
        offset = 0;
    }
    return out.empty();
}

std::uint32_t ProgramMemory::sum_of_memory() const {
    std::uint32_t sum = 0;
    std::array<std::uint8_t, kPiece> piece{};
    for (std::uint32_t at = 0; at < size_; at += kPiece) {
        const ByteSpan part = ByteSpan(piece).first(std::min<std::size_t>(kPiece, size_ - at));
        if (!read(at, part)) return 0;
        sum = crc32(part, sum);
    }
    return sum;
}

std::uint32_t ProgramMemory::sum_of_file(std::uint32_t otherwise) const {
    std::ifstream file("/proc/self/exe", std::ios::binary);
    std::uint32_t sum = 0;
    std::array<char, kPiece> piece{};
    for (const Segment& segment : segments_) {
        file.seekg(static_cast<std::streamoff>(segment.place));
        for (std::uint32_t at = 0; at < segment.size; at += kPiece) {
            const std::size_t count = std::min<std::size_t>(kPiece, segment.size - at);
            if (!file.read(piece.data(), static_cast<std::streamsize>(count))) return otherwise;
            sum = crc32({reinterpret_cast<const std::uint8_t*>(piece.data()), count}, sum);
        }
    }
    return sum;
}

}  // namespace ferraris::twin
