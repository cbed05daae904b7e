/// What must hold for every input: otherwise the fuzzer stops, says where, and keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace ferraris::fuzz {

inline void require(bool condition, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    if (condition) return;
    std::fprintf(stderr, "%s, line %d: not so\n", file, line);
    std::abort();
}

}  // namespace ferraris::fuzz
