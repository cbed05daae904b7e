/// The first UART of QEMU's MPS2 boards (Arm CMSDK APB UART): enough to print.
#pragma once

#include <cstdint>

namespace ferraris::firmware {

class Uart {
public:
    Uart() {
        *reg(kBaudDivisor) = 16;
        *reg(kControl) = kTransmitEnable;
    }
    void put(char c) {
        while ((*reg(kState) & kTransmitFull) != 0) {
        }
        *reg(kData) = static_cast<std::uint8_t>(c);
    }

private:
    static constexpr std::uintptr_t kBase = 0x40004000;
    static constexpr std::uintptr_t kData = 0x00;
    static constexpr std::uintptr_t kState = 0x04;
    static constexpr std::uintptr_t kControl = 0x08;
    static constexpr std::uintptr_t kBaudDivisor = 0x10;
    static constexpr std::uint32_t kTransmitFull = 1;
    static constexpr std::uint32_t kTransmitEnable = 1;

    static volatile std::uint32_t* reg(std::uintptr_t offset) {
        return reinterpret_cast<volatile std::uint32_t*>(kBase + offset);
    }
};

}  // namespace ferraris::firmware
