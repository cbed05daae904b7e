/// What the image prints, on this machine.
#include <cstdio>

#include "metrology/self_test.hpp"
#include "report.hpp"

int main() {
    ferraris::firmware::Report report([](char c) { std::putchar(c); });
    report.measurement(ferraris::metrology::measure_synthetic_sine());
    return 0;
}
