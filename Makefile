# The whole set-up is in two targets: `make run` does the main job, `make test` passes the tests.
JOBS ?= $(shell nproc)
BUILD := build

.PHONY: all run test panel-test library docs bench figures interop fuzz size typetest powercut soak wear format format-check lint asan tsan coverage portable firmware clean

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS)

$(BUILD)/build.ninja: tools/setup CMakeLists.txt CMakePresets.json
	@tools/setup build
	@cmake --preset release > $(BUILD)-configure.log 2>&1 || { cat $(BUILD)-configure.log; exit 1; }
	@rm -f $(BUILD)-configure.log
	@touch $@

## Meter a simulated day, read it over DLMS, show it; with a terminal the meter then stays up.
run: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS) ferraris
	@$(BUILD)/ferraris demo

## Everything that proves this checkout, short of peers and sanitizers (those: .ci/run).
test: all
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

## The front panel, worked in Debian's Chromium; PICTURES=docs/images takes the pictures of the documentation.
panel-test: $(BUILD)/build.ninja
	@tools/setup browser
	@ninja -C $(BUILD) -j $(JOBS) ferraris
	@PICTURES=$(abspath $(PICTURES)) tests/browser/run $(BUILD)/ferraris

## The installed library, and the examples of docs/library.md built and run against it.
library: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS) ferraris
	@tests/library/run $(BUILD)

## Reference pages of the library's headers, in build/reference/html; a warning is an error.
docs:
	@tools/setup ci
	@mkdir -p $(BUILD)
	@doxygen docs/Doxyfile

## Benchmarks; results as JSON in build/bench.json.
bench: all
	@tools/bench $(BUILD)

## What docs/performance.md says of sizes and instructions, as it is now.
figures: all
	@tools/setup ci
	@tools/figures $(BUILD) --update

## Other people's DLMS stacks against ours, from PyPI and Maven Central.
interop: $(BUILD)/build.ninja
	@tools/setup interop
	@ninja -C $(BUILD) -j $(JOBS) ferraris
	@tests/interop/run $(BUILD)/ferraris

## Fuzz every parser; SECONDS_EACH=20 in the continuous integration, as long as you like by hand.
SECONDS_EACH ?= 600
fuzz:
	@tools/setup ci
	@tools/fuzz $(SECONDS_EACH)

## Power cut at every flash operation of a simulated month; EVERY=100 takes one point of a hundred.
EVERY ?= 1
powercut: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS) powercut
	@$(BUILD)/tests/powercut $(EVERY)

## Ninety simulated days of everything at random, from SEED, with every invariant kept.
SEED ?= 1
DAYS ?= 90
soak: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS) soak
	@$(BUILD)/tests/soak $(SEED) $(DAYS)

## What a simulated year of the default configuration does to the flash, carried on to 16.3 years.
wear: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS) bench_wear
	@$(BUILD)/bench/bench_wear

## Accuracy: the tables of EN 50470-3 and IEC 62053-23.
typetest: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS) ferraris
	@$(BUILD)/ferraris typetest

## The portable rooms for Cortex-M4, and the image in QEMU beside the host.
portable firmware:
	@tools/setup ci
	@tools/portable

size: portable

format:
	@tools/setup ci
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

format-check:
	@tools/setup ci
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror

lint:
	@tools/setup ci
	@tools/lint

asan:
	@tools/setup ci
	@cmake --preset asan > /dev/null && ninja -C build/asan -j $(JOBS)
	@ctest --test-dir build/asan --output-on-failure -j $(JOBS)

## Threads meet in the sockets of the twin and nowhere else.
tsan:
	@tools/setup ci
	@cmake --preset tsan > /dev/null && ninja -C build/tsan -j $(JOBS) test_twin
	@build/tsan/tests/test_twin

## Lines and branches of src/meter and src/metrology that their tests take.
coverage:
	@tools/setup ci
	@tools/coverage

clean:
	@rm -rf $(BUILD)
