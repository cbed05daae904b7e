/// Leaving the emulator with an exit status (Arm semihosting, SYS_EXIT).
#pragma once

#include <cstdint>

namespace ferraris::firmware {

[[noreturn]] inline void exit(bool success) {
    constexpr std::uint32_t kSysExit = 0x18;
    constexpr std::uint32_t kApplicationExit = 0x20026;
    constexpr std::uint32_t kRunTimeError = 0x20023;
    register std::uint32_t operation asm("r0") = kSysExit;
    register std::uint32_t reason asm("r1") = success ? kApplicationExit : kRunTimeError;
    asm volatile("bkpt 0xAB" : : "r"(operation), "r"(reason) : "memory");
    for (;;) {
    }
}

}  // namespace ferraris::firmware
