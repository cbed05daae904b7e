/// Flash in a file of a state directory. The octets lie inverted in it, so that erased flash is a hole that takes no
/// room. What was programmed outlives the process however it ends; one process at a time owns a directory.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "board/flash.hpp"

namespace ferraris::twin {

class FlashFile final : public board::Flash {
public:
    /// Opens `directory`/flash, and makes both where they are not there. The error is one line that says what to do:
    /// another process uses the directory, it cannot be written, or the file is no such flash. That of an earlier
    /// program, which had fewer sectors, is taken over.
    [[nodiscard]] static Result<FlashFile, std::string> open(const std::filesystem::path& directory,
                                                             std::uint32_t sector_count, std::uint32_t sector_size);

    FlashFile(FlashFile&& other) noexcept;
    FlashFile& operator=(FlashFile&& other) noexcept;
    ~FlashFile() override;

    [[nodiscard]] std::uint32_t size() const override { return sector_count_ * sector_size_; }
    [[nodiscard]] std::uint32_t sector_size() const override { return sector_size_; }
    [[nodiscard]] bool read(std::uint32_t address, ByteSpan out) const override;
    [[nodiscard]] bool program(std::uint32_t address, ByteView data) override;
    [[nodiscard]] bool erase(std::uint32_t sector) override;

private:
    FlashFile(int descriptor, std::uint32_t sector_count, std::uint32_t sector_size)
        : descriptor_(descriptor), sector_count_(sector_count), sector_size_(sector_size) {}

    int descriptor_;
    std::uint32_t sector_count_;
    std::uint32_t sector_size_;
};

}  // namespace ferraris::twin
