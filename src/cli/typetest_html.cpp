#include "cli/typetest_html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

namespace ferraris::cli {

namespace {

using twin::AccuracyClass;
using twin::kAccuracyClassCount;
using twin::kAccuracyClassNames;
using twin::TestPoint;
using twin::TestTable;

constexpr std::string_view kStyle = R"(
body{font:15px/1.45 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c2733}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid #c8d1da}h3{font-size:1rem;margin:1.6rem 0 .3rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.87rem}
th,td{padding:.15rem .6rem;border-bottom:1px solid #e3e8ed;text-align:right}th:first-child,td:first-child{text-align:left}
.standard{color:#5b6b7a;font-weight:400}.pass{color:#177245}.fail{color:#b3261e;font-weight:700}
svg{max-width:100%;height:auto}svg text{font-size:11px;fill:#3c4a57}
)";

/// Plots of error over current share these measures.
constexpr double kWidth = 760;
constexpr double kHeight = 260;
constexpr double kLeft = 56;
constexpr double kRight = 16;
constexpr double kTop = 12;
constexpr double kBottom = 34;

class Plot {
public:
    Plot(const TestTable& table, double lowest, double highest, double largest)
        : table_(table), low_(std::log10(lowest)), high_(std::log10(highest)), largest_(largest) {}

    [[nodiscard]] std::string svg() const {
        std::string out = fmt::format(
            "<svg viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" role=\"img\" aria-label=\"{}: error over current\">\n",
            kWidth, kHeight, kWidth, table_.title);
        grid(out);
        limit(out, AccuracyClass::b, "#d08700");
        limit(out, AccuracyClass::c, "#b3261e");
        limit(out, AccuracyClass::reactive_2, "#d08700");
        curve(out);
        out += "</svg>\n";
        return out;
    }

private:
    [[nodiscard]] double x(double amperes) const {
        return kLeft + (std::log10(amperes) - low_) / (high_ - low_) * (kWidth - kLeft - kRight);
    }
    [[nodiscard]] double y(double percent) const {
        const double cut = std::clamp(percent, -largest_, largest_);
        return kTop + (largest_ - cut) / (2 * largest_) * (kHeight - kTop - kBottom);
    }

    void grid(std::string& out) const {
        for (const double amperes : {0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0}) {
            const double at = x(amperes);
            if (at < kLeft - 1) continue;
            fmt::format_to(std::back_inserter(out),
                           "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#e3e8ed\"/>"
                           "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4:g}</text>\n",
                           at, kTop, kHeight - kBottom, kHeight - kBottom + 14, amperes);
        }
        for (int step = -4; step <= 4; ++step) {
            const double percent = largest_ * step / 4;
            fmt::format_to(std::back_inserter(out),
                           "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\"/>"
                           "<text x=\"{4}\" y=\"{5:.1f}\" text-anchor=\"end\">{6:.2g}</text>\n",
                           kLeft, kWidth - kRight, y(percent), step == 0 ? "#5b6b7a" : "#e3e8ed", kLeft - 6,
                           y(percent) + 4, percent);
        }
        fmt::format_to(std::back_inserter(out),
                       "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">current in A; error in %</text>\n",
                       (kLeft + kWidth - kRight) / 2, kHeight - 4);
    }

    void limit(std::string& out, AccuracyClass accuracy_class, std::string_view colour) const {
        const auto index = static_cast<std::size_t>(accuracy_class);
        for (const double sign : {1.0, -1.0}) {
            std::string points;
            double last = 0;
            for (const TestPoint& point : table_.points) {
                if (!point.limits[index]) continue;
                const double now = sign * *point.limits[index];
                if (!points.empty() && now != last) {  // a step, where the new range begins
                    fmt::format_to(std::back_inserter(points), "{:.1f},{:.1f} ", x(point.amperes), y(last));
                }
                fmt::format_to(std::back_inserter(points), "{:.1f},{:.1f} ", x(point.amperes), y(now));
                last = now;
            }
            if (points.empty()) continue;
            fmt::format_to(std::back_inserter(out),
                           "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-dasharray=\"5 3\"/>"
                           "<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">class {}</text>\n",
                           points, colour, kWidth - kRight - 4, y(last) + (sign > 0 ? 12 : -4),
                           kAccuracyClassNames[index]);
        }
    }

    void curve(std::string& out) const {
        std::string points;
        for (const TestPoint& point : table_.points) {
            fmt::format_to(std::back_inserter(points), "{:.1f},{:.1f} ", x(point.amperes), y(point.measured));
        }
        fmt::format_to(std::back_inserter(out),
                       "<polyline points=\"{}\" fill=\"none\" stroke=\"#0b5cad\" stroke-width=\"1.8\"/>\n", points);
        for (const TestPoint& point : table_.points) {
            fmt::format_to(std::back_inserter(out),
                           "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\" fill=\"#0b5cad\"><title>{:g} A: {:.4f} %"
                           "</title></circle>\n",
                           x(point.amperes), y(point.measured), point.amperes, point.measured);
        }
    }

    const TestTable& table_;
    double low_;
    double high_;
    double largest_;  ///< error at the upper edge
};

double largest_of(const TestTable& table) {
    double largest = 0;
    for (const TestPoint& point : table.points) {
        largest = std::max(largest, std::abs(point.measured));
        for (const auto& limit : point.limits) largest = std::max(largest, limit.value_or(0));
    }
    return largest;
}

void append_cell(std::string& out, std::optional<bool> passes, std::optional<double> limit) {
    if (!passes) {
        out += "<td></td>";
        return;
    }
    fmt::format_to(std::back_inserter(out), "<td class=\"{}\">±{:.4g} {}</td>", *passes ? "pass" : "fail", *limit,
                   *passes ? "✓" : "✗");
}

void append_table(std::string& out, const TestTable& table) {
    fmt::format_to(std::back_inserter(out), "<h3>{} <span class=\"standard\">{}</span></h3>\n", table.title,
                   table.standard);
    if (table.is_load_curve) {
        // As the class B limits need it; and once more, near, so that the curve itself is seen.
        out += Plot(table, 0.015, 90, largest_of(table) * 1.05).svg();
        double near = 0;
        for (const TestPoint& point : table.points) near = std::max(near, std::abs(point.measured));
        if (near > 0 && near < largest_of(table) / 5) out += Plot(table, 0.015, 90, near * 1.2).svg();
    }
    fmt::format_to(std::back_inserter(out),
                   "<table><tr><th>point</th><th>A</th><th>{}</th><th>class A</th><th>B</th><th>C</th>"
                   "<th>reactive 2</th><th>target</th></tr>\n",
                   table.unit);
    for (const TestPoint& point : table.points) {
        fmt::format_to(std::back_inserter(out), "<tr><td>{}</td><td>{:.3f}</td><td>{:.4f}</td>", point.name,
                       point.amperes, point.measured);
        for (std::size_t k = 0; k < kAccuracyClassCount; ++k) {
            append_cell(out, point.passes(static_cast<AccuracyClass>(k)), point.limits[k]);
        }
        append_cell(out, point.meets_target(), point.target);
        out += "</tr>\n";
    }
    out += "</table>\n";
}

}  // namespace

std::string to_html(const twin::TypeTestReport& report) {
    std::string out = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>Type "
        "test</title><style>{}</style></head><body>\n"
        "<h1>Type test</h1>\n<p>{:g} V, {:g}({:g}) A, {:g} Hz. Active energy: EN 50470-3, classes A, B, C. Reactive "
        "energy: IEC 62053-23, class 2. The truth is the definition of each test signal. Result: "
        "<b class=\"{}\">{}</b>.</p>\n",
        kStyle, report.rating.nominal_volts, report.rating.basic_amperes, report.rating.maximum_amperes,
        report.rating.frequency_hz, report.is_passed() ? "pass" : "fail", report.is_passed() ? "passed" : "not passed");
    for (const twin::SpecimenReport& specimen : report.specimens) {
        fmt::format_to(std::back_inserter(out), "<h2>Front end: {}</h2>\n<p>", specimen.front_end);
        for (std::size_t k = 0; k < kAccuracyClassCount; ++k) {
            const bool passes = specimen.passes(static_cast<AccuracyClass>(k));
            fmt::format_to(std::back_inserter(out), "<span class=\"{}\">class {} {}</span> · ",
                           passes ? "pass" : "fail", kAccuracyClassNames[k], passes ? "passed" : "failed");
        }
        const auto meets = specimen.meets_targets();
        out += !meets   ? "no targets</p>\n"
               : *meets ? "targets met</p>\n"
                        : "<span class=\"fail\">targets missed</span></p>\n";
        for (const TestTable& table : specimen.tables) append_table(out, table);
    }
    out += "</body></html>\n";
    return out;
}

}  // namespace ferraris::cli
