/// The code and the constants of this program as they are in memory, compared with its file.
#pragma once

#include <cstddef>
#include <vector>

#include "board/program.hpp"

namespace ferraris::twin {

class ProgramMemory final : public board::Program {
public:
    /// Of this process; both check sums are made the first time.
    [[nodiscard]] static const ProgramMemory& instance();

    [[nodiscard]] std::uint32_t expected() const override { return expected_; }
    [[nodiscard]] std::uint32_t found() const override { return found_; }
    [[nodiscard]] std::uint32_t size() const override { return size_; }
    [[nodiscard]] bool read(std::uint32_t offset, ByteSpan out) const override;

private:
    /// Loaded from the file and never written: it holds no addresses that differ from start to start.
    struct Segment {
        const std::uint8_t* octets{nullptr};
        std::uint32_t size{0};
        std::uint64_t place{0};  ///< in the file
    };

    ProgramMemory();
    [[nodiscard]] std::uint32_t sum_of_memory() const;
    /// `otherwise` where the file cannot be read.
    [[nodiscard]] std::uint32_t sum_of_file(std::uint32_t otherwise) const;

    std::vector<Segment> segments_{};
    std::uint32_t size_{0};
    std::uint32_t found_{0};
    std::uint32_t expected_{0};
};

}  // namespace ferraris::twin
