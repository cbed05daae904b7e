/// How buffers of profiles are put on the line. What they mean is the same.
#pragma once

#include <cstdint>

namespace ferraris::meter {

enum class BufferEncoding : std::uint8_t {
    plain,                 ///< every value with its type
    null_data,             ///< null-data for what the row before has too, and for a time one period later
    null_data_and_deltas,  ///< differences to the row before, for clients that negotiated delta-value-encoding
    compact_array,         ///< the types once, in front of all values
    count,
};

}  // namespace ferraris::meter
