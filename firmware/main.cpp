/// The first image: measures a synthetic sine and prints what it found (compare firmware/host.cpp).
#include "metrology/self_test.hpp"
#include "report.hpp"
#include "uart.hpp"

/// Called by the start-up code; a program that the C++ runtime starts would be `main`.
extern "C" int image() {
    ferraris::firmware::Uart uart;
    ferraris::firmware::Report report([&uart](char c) { uart.put(c); });
    report.measurement(ferraris::metrology::measure_synthetic_sine());
    return 0;
}
