/// From reset to the image: vectors, data, zeroed memory, constructors. A fault stops the image with an exit status.
#include <cstdint>

#include "semihosting.hpp"

extern "C" {
extern std::uint32_t __data_load;
extern std::uint32_t __data_start;
extern std::uint32_t __data_end;
extern std::uint32_t __bss_start;
extern std::uint32_t __bss_end;
extern std::uint32_t __stack_top;
extern void (*__init_array_start[])();
extern void (*__init_array_end[])();

int image();

[[noreturn]] void reset_handler() {
    const std::uint32_t* from = &__data_load;
    for (std::uint32_t* to = &__data_start; to != &__data_end; ++to, ++from) *to = *from;
    for (std::uint32_t* to = &__bss_start; to != &__bss_end; ++to) *to = 0;
    for (auto* constructor = __init_array_start; constructor != __init_array_end; ++constructor) (*constructor)();
    ferraris::firmware::exit(image() == 0);
}

[[noreturn]] void fault_handler() { ferraris::firmware::exit(false); }
}

namespace {

using Handler = void (*)();

struct Vectors {
    std::uint32_t* stack_top;
    Handler handlers[15];
};

/// ARMv7-M: initial stack pointer, reset, NMI, hard fault, memory, bus and usage fault; nothing else is enabled.
[[gnu::section(".vectors"), gnu::used]] const Vectors kVectors{
    &__stack_top, {reset_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler}};

}  // namespace
