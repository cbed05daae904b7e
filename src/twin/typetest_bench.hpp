/// The bench of the type test: a source, a front end, a meter under test, and a reference that is computed from the
/// source's own definition.
#pragma once

#include <cstdint>

#include "metrology/processor.hpp"
#include "twin/front_end.hpp"
#include "twin/test_signal.hpp"

namespace ferraris::twin {

/// The meter under test: 230 V, 5(80) A (facts: EN 50470-3 class B with I_tr = 0.5 A).
struct Rating {
    double nominal_volts{230};
    double starting_amperes{0.02};
    double minimum_amperes{0.25};
    double transitional_amperes{0.5};
    double basic_amperes{5};
    double maximum_amperes{80};
    double frequency_hz{50};
};

class TypeTestBench {
public:
    /// A meter behind `model`, calibrated by the procedure of the factory when `is_calibrated`; the gains of the
    /// data sheet otherwise.
    TypeTestBench(const FrontEndModel& model, const Rating& rating, bool is_calibrated);

    /// Errors in percent of the energies registered, over `seconds` after one second to settle.
    struct Errors {
        double active{0};
        double reactive{0};
        bool has_active{false};  ///< registered, and the source gives some
        bool has_reactive{false};
    };
    [[nodiscard]] Errors errors(const TestSignal& signal, double seconds, double celsius = 23);

    struct Pulses {
        std::uint32_t active{0};
        std::uint32_t reactive{0};
        double active_interval_s{0};  ///< mean between pulses; 0 with fewer than two
        double reactive_interval_s{0};
    };
    [[nodiscard]] Pulses pulses(const TestSignal& signal, double seconds);

    [[nodiscard]] const metrology::Configuration& configuration() const { return configuration_; }
    [[nodiscard]] const Rating& rating() const { return rating_; }
    [[nodiscard]] double sample_rate_hz() const;

private:
    void calibrate();
    [[nodiscard]] metrology::Measurement measured(const TestSignal& signal, int seconds);

    FrontEndModel model_;
    Rating rating_;
    metrology::Configuration configuration_;
    std::uint64_t run_{0};
};

}  // namespace ferraris::twin
