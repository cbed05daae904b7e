/// Identification of the software that runs: on a host all of the program counts as legally relevant.
#pragma once

#include <cstdint>

namespace ferraris::twin {

/// CRC-32 over the code and the constants of this program as they are in memory, the first time it is asked for; the
/// same at each start of the same program.
[[nodiscard]] std::uint32_t program_check_sum();

}  // namespace ferraris::twin
