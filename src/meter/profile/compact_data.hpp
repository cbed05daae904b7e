/// What the compact data objects (class 62, version 1, IEC 62056-6-2) capture and have captured. All of it lives in the
/// parameter store, so that a meter that does not use them needs no memory for them.
#pragma once

#include <cstdint>
#include <optional>

#include "meter/profile/profile_setup.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// 0-0:66.0.1 and 0-0:66.0.2.
inline constexpr std::size_t kCompactDataCount = 2;
/// Of one object, so that setup and buffer are each one record of the store.
inline constexpr std::size_t kMaxCompactColumns = 64;
inline constexpr std::size_t kMaxCompactBuffer = 640;

/// What starts a capture.
enum class CompactCaptureMethod : std::uint8_t {
    invoke,    ///< method 2
    implicit,  ///< each reading of the buffer
};

struct CompactDataSetup {
    std::uint8_t template_id{0};
    CompactCaptureMethod method{CompactCaptureMethod::implicit};
    /// In the order of the buffer; `octets` of each is the most that it takes there.
    FixedVector<ProfileColumn, kMaxCompactColumns> columns{};
    [[nodiscard]] std::size_t most_octets() const;
};

using CompactBuffer = FixedVector<std::uint8_t, kMaxCompactBuffer>;

/// Nothing where none was written.
[[nodiscard]] std::optional<CompactDataSetup> read_compact_setup(const ParameterStore& store, std::size_t index);
/// Takes up a setup and forgets the buffer. Durable when true; otherwise the old ones stand, or the new setup with an
/// empty buffer.
[[nodiscard]] bool write_compact_setup(ParameterStore& store, std::size_t index, const CompactDataSetup& setup);
/// Empty where nothing was captured since the last reset or setup.
[[nodiscard]] CompactBuffer read_compact_buffer(const ParameterStore& store, std::size_t index);
[[nodiscard]] bool write_compact_buffer(ParameterStore& store, std::size_t index, ByteView buffer);

}  // namespace ferraris::meter
