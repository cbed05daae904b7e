/// From the button to the segments: a press, and the picture that the board's driver gets, with the value read through
/// the object table; and what a second costs a meter whose display nobody looks at.
#include <benchmark/benchmark.h>

#include <memory>

#include "crypto/openssl.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace {

using namespace ferraris;

class Front {
public:
    Front() : meter(flash_, *crypto_, meter::MeterIdentity::from_serial_number(1), twin::test_factory_settings()) {
        started = meter.start(now);
        pass_ms(3'000);
    }
    void pass_ms(std::int64_t milliseconds) {
        now.milliseconds += milliseconds;
        meter.observe(now);
    }

private:
    twin::FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();

public:
    meter::Meter meter;
    UtcTime now{UtcTime::from_seconds(1'767'225'600)};  // 2026-01-01
    bool started{false};
};

void button_to_segments(benchmark::State& state) {
    Front front;
    if (!front.started) return state.SkipWithError("the meter does not start");
    std::size_t changed = 0;
    board::Lcd before = front.meter.lcd();
    for (auto _ : state) {
        front.pass_ms(100);
        front.meter.press(board::Button::display, true);
        const board::Lcd after = front.meter.lcd();
        changed += after.code == before.code ? 0U : 1U;
        before = after;
        front.meter.press(board::Button::display, false);
    }
    if (changed != static_cast<std::size_t>(state.iterations())) state.SkipWithError("a press showed nothing new");
}
BENCHMARK(button_to_segments)->Unit(benchmark::kMicrosecond);

void time_passes_unseen(benchmark::State& state) {
    Front front;
    if (!front.started) return state.SkipWithError("the meter does not start");
    for (auto _ : state) front.pass_ms(1'000);
}
BENCHMARK(time_passes_unseen);

}  // namespace

BENCHMARK_MAIN();
