/// Instructions per pair of samples: runs a number of seconds of 4,000 pairs each, so that two counts give the cost.
///
///     for n in 10 20; do valgrind --tool=callgrind --callgrind-out-file=/dev/null
///     build/bench/bench_metrology_instructions $n; done
///
/// callgrind prints "Collected : <instructions>"; the difference of the two divided by 40,000 is the cost of a pair,
/// measurements once a second included. The samples are made beforehand, the same second again and again.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "metrology/processor.hpp"
#include "metrology/self_test.hpp"

int main(int argc, char** argv) {
    using namespace ferraris::metrology;
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 10;
    SyntheticSource source;
    std::vector<SyntheticSource::Counts> samples(4000);
    for (SyntheticSource::Counts& sample : samples) sample = source.next();

    Processor processor(SyntheticSource::configuration());
    Measurement last;
    for (int second = 0; second < seconds; ++second) {
        for (const SyntheticSource::Counts& sample : samples) {
            if (processor.add_sample(sample.voltage, sample.current).second_elapsed) {
                last = processor.take_measurement();
            }
        }
    }
    std::printf("%d seconds, %u mV\n", seconds, last.voltage_millivolts);
    return 0;
}
