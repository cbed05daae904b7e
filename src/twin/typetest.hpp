/// The type test: the tables of EN 50470-3 (active, classes A, B, C) and IEC 62053-23 (reactive, class 2).
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twin/typetest_bench.hpp"

namespace ferraris::twin {

enum class AccuracyClass : std::uint8_t { a, b, c, reactive_2 };
inline constexpr std::size_t kAccuracyClassCount = 4;
inline constexpr std::array<std::string_view, kAccuracyClassCount> kAccuracyClassNames = {"A", "B", "C", "2"};

/// Nothing where the class has no requirement.
using Limits = std::array<std::optional<double>, kAccuracyClassCount>;

struct TestPoint {
    std::string name;
    double amperes{0};
    double measured{0};  ///< in the unit of the table
    Limits limits{};
    std::optional<double> target{};  ///< of this project, for the ideal front end

    /// The magnitude of `measured` is within the limit of `accuracy_class`; nothing without a limit.
    [[nodiscard]] std::optional<bool> passes(AccuracyClass accuracy_class) const;
    [[nodiscard]] std::optional<bool> meets_target() const;
};

struct TestTable {
    std::string title;
    std::string standard;  ///< that has the limits
    std::string unit;
    bool is_load_curve{false};
    std::vector<TestPoint> points{};
};

struct SpecimenReport {
    std::string front_end;
    FrontEndModel model;
    metrology::Calibration calibration;
    std::vector<TestTable> tables{};

    /// Every point that has a limit of this class is within it.
    [[nodiscard]] bool passes(AccuracyClass accuracy_class) const;
    /// Nothing without targets: they are those of the ideal front end.
    [[nodiscard]] std::optional<bool> meets_targets() const;
};

struct TypeTestReport {
    Rating rating;
    std::vector<SpecimenReport> specimens{};

    /// Active classes B and C and reactive class 2, every specimen, and the targets of the project: both front ends are
    /// of parts that have to hold class C.
    [[nodiscard]] bool is_passed() const;
};

/// Both front ends through all tables; `progress` is told how many tables of how many are done.
[[nodiscard]] TypeTestReport run_type_test(const Rating& rating,
                                           const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace ferraris::twin
