/// Identification of the legally relevant software: what measures, counts, keeps and shows (docs/legal.md).
#pragma once

#include <cstdint>

namespace ferraris::twin {

/// The first four octets of SHA-256 over the object code of the rooms `metrology` and `meter`, before it is linked and
/// without names of files: whatever else of a program changes, this stays. Made by the build (cmake/legal_part.cmake).
extern const std::uint32_t kLegalPartCheckSum;

}  // namespace ferraris::twin
