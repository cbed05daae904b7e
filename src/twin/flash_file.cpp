#include "twin/flash_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ferraris::twin {
namespace {

/// Reads or writes all of it, whatever signals say.
template <class Call>
bool transfer_all(std::size_t size, Call&& call) {
    for (std::size_t done = 0; done < size;) {
        const ssize_t count = call(done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        done += static_cast<std::size_t>(count);
    }
    return true;
}

void invert(ByteSpan octets) {
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(~octet);
}

}  // namespace

Result<FlashFile, std::string> FlashFile::open(const std::filesystem::path& directory, std::uint32_t sector_count,
                                               std::uint32_t sector_size) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) {
        return Error(fmt::format("{}: cannot be made ({}); name a directory that you may write to", directory.string(),
                                 error.message()));
    }
    const std::filesystem::path path = directory / "flash";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return Error(fmt::format("{}: cannot be opened for writing ({}); name a directory that you may write to",
                                 path.string(), std::strerror(errno)));
    }
    FlashFile flash(descriptor, sector_count, sector_size);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        return Error(
            fmt::format("{}: in use by another meter; stop it, or name another directory", directory.string()));
    }
    struct stat status {};
    const bool known = ::fstat(descriptor, &status) == 0;
    // What lies behind the flash of an earlier program is erased.
    const bool shorter = known && status.st_size < static_cast<off_t>(flash.size()) &&
                         status.st_size % static_cast<off_t>(sector_size) == 0;
    if (shorter && ::ftruncate(descriptor, static_cast<off_t>(flash.size())) != 0) {
        return Error(fmt::format("{}: cannot be made {} octets long ({}); free some room", path.string(), flash.size(),
                                 std::strerror(errno)));
    }
    if (!known || (!shorter && status.st_size != static_cast<off_t>(flash.size()))) {
        return Error(fmt::format("{}: is not the flash of such a meter; name another directory, or remove the file",
                                 path.string()));
    }
    return flash;
}

FlashFile::FlashFile(FlashFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      sector_count_(other.sector_count_),
      sector_size_(other.sector_size_) {}

FlashFile& FlashFile::operator=(FlashFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(sector_count_, other.sector_count_);
    std::swap(sector_size_, other.sector_size_);
    return *this;
}

FlashFile::~FlashFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool FlashFile::read(std::uint32_t address, ByteSpan out) const {
    if (out.size() > size() || address > size() - out.size()) return false;
    const bool complete = transfer_all(out.size(), [&](std::size_t done) {
        return ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(address + done));
    });
    invert(out);
    return complete;
}

bool FlashFile::program(std::uint32_t address, ByteView data) {
    // Programming only clears bits: what is there is read first. A piece at a time, so that nothing is allocated.
    std::array<std::uint8_t, 512> piece{};
    for (std::size_t start = 0; start < data.size();) {
        const std::size_t count = std::min(piece.size(), data.size() - start);
        const ByteSpan octets = ByteSpan(piece).first(count);
        const auto at = static_cast<std::uint32_t>(address + start);
        if (!read(at, octets)) return false;
        for (std::size_t i = 0; i < count; ++i) octets[i] = static_cast<std::uint8_t>(octets[i] & data[start + i]);
        invert(octets);
        const bool complete = transfer_all(count, [&](std::size_t done) {
            return ::pwrite(descriptor_, octets.data() + done, count - done, static_cast<off_t>(at + done));
        });
        if (!complete) return false;
        start += count;
    }
    return true;
}

bool FlashFile::erase(std::uint32_t sector) {
    if (sector >= sector_count_) return false;
    const auto begin = static_cast<off_t>(sector) * sector_size_;
    if (::fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, begin, sector_size_) == 0) return true;
    // Not every file system makes holes; zeros do as well.
    const std::array<std::uint8_t, 512> zeros{};
    return transfer_all(sector_size_, [&](std::size_t done) {
        const std::size_t count = std::min<std::size_t>(zeros.size(), sector_size_ - done);
        return ::pwrite(descriptor_, zeros.data(), count, begin + static_cast<off_t>(done));
    });
}

}  // namespace ferraris::twin
