/// Identification of the legally relevant software: what measures, counts, keeps and shows (docs/legal.md).
#pragma once

#include <array>
#include <cstdint>

namespace ferraris::twin {

/// SHA-256 over the object code of the rooms `metrology` and `meter`, before it is linked and without names of files:
/// whatever else of a program changes, this stays. Made by the build (cmake/legal_part.cmake).
extern const std::array<std::uint8_t, 32> kLegalPartCheckSum;

}  // namespace ferraris::twin
