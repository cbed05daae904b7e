#include "cli/conform_html.hpp"

#include <fmt/format.h>

#include <string_view>

#include "decode/decoder.hpp"
#include "decode/render.hpp"
#include "decode/walker.hpp"

namespace ferraris::cli {
namespace {

using conform::Outcome;
using conform::Passage;
using conform::Verdict;

constexpr std::string_view kStyle = R"(
body{font:15px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c2733}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid #c8d1da}h3{font-size:1rem;margin:1.4rem 0 .3rem}
table{border-collapse:collapse;font-size:.87rem}td,th{padding:.15rem .6rem;border-bottom:1px solid #e3e8ed;text-align:left;vertical-align:top}
code,pre{font:12.5px/1.4 ui-monospace,monospace}code{overflow-wrap:anywhere}pre{background:#f4f6f8;padding:.6rem;overflow-x:auto}
.standard{color:#5b6b7a}.pass{color:#177245}.fail{color:#b3261e;font-weight:700}.open{color:#9a6700;font-weight:700}.none{color:#5b6b7a}
)";

std::string_view style_of(Verdict verdict) {
    constexpr std::string_view kStyles[] = {"pass", "fail", "open", "none"};
    return kStyles[static_cast<std::size_t>(verdict)];
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// A frame may come in several pieces: what came in a row is one passage.
std::vector<Passage> joined(const std::vector<Passage>& record) {
    std::vector<Passage> passages;
    for (const Passage& passage : record) {
        if (!passage.sent && !passages.empty() && !passages.back().sent) {
            passages.back().octets.insert(passages.back().octets.end(), passage.octets.begin(), passage.octets.end());
        } else {
            passages.push_back(passage);
        }
    }
    return passages;
}

std::string explained(const Outcome& outcome, const decode::Toolbox& tools) {
    std::string out = fmt::format(
        "<h2 id=\"{0}\">{0} <span class=\"standard\">{1}</span></h2>\n<p><span "
        "class=\"{2}\">{3}</span>. {4}: {5} <span class=\"standard\">({6})</span></p>\n",
        outcome.of->id, escaped(outcome.of->purpose), style_of(outcome.verdict), conform::name_of(outcome.verdict),
        outcome.verdict == Verdict::failed ? "Expected" : "Not decided", escaped(outcome.why),
        escaped(outcome.of->clause));
    decode::Link link;
    for (const Passage& passage : joined(outcome.record)) {
        out += fmt::format("<h3>{}</h3>\n<code>{}</code>\n", passage.sent ? "To the meter" : "From the meter",
                           decode::spaced_hex(passage.octets, passage.octets.size()));
        const decode::Sink sink = [&out](decode::Item&& item) {
            out += fmt::format("<pre>{}</pre>\n", escaped(decode::render_text(item)));
        };
        (void)decode::explain_message(tools, link, passage.octets, passage.sent ? "sent" : "received", 0, {}, false,
                                      sink);
    }
    if (outcome.record.empty()) return out + "<p>No octet went over the line.</p>\n";
    if (outcome.record.back().sent) out += "<p>Nothing came back.</p>\n";
    return out;
}

bool needs_explanation(const Outcome& outcome) {
    return outcome.verdict == Verdict::failed || outcome.verdict == Verdict::inconclusive;
}

}  // namespace

std::string to_html(const ConformReport& report, const decode::Toolbox& tools) {
    std::string out = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>Conformance</title><style>{}</style></head>"
        "<body>\n<h1>Conformance</h1>\n<p>Meter: <code>{}</code>. Result: <b class=\"{}\">{}</b>: {}.</p>\n"
        "<table><tr><th>verdict</th><th>case</th><th>purpose</th><th>clause</th><th>reason</th></tr>\n",
        kStyle, escaped(report.address), report.is_passed() ? "pass" : "fail",
        report.is_passed() ? "passed" : "not passed", summary_of(report));
    for (const Outcome& outcome : report.outcomes) {
        const std::string id = needs_explanation(outcome) ? fmt::format("<a href=\"#{0}\">{0}</a>", outcome.of->id)
                                                          : std::string(outcome.of->id);
        out += fmt::format(
            "<tr><td class=\"{}\">{}</td><td>{}</td><td>{}</td><td class=\"standard\">{}</td><td>{}</td></tr>\n",
            style_of(outcome.verdict), conform::name_of(outcome.verdict), id, escaped(outcome.of->purpose),
            escaped(outcome.of->clause), escaped(outcome.why));
    }
    out += "</table>\n";
    for (const Outcome& outcome : report.outcomes) {
        if (needs_explanation(outcome)) out += explained(outcome, tools);
    }
    return out + "</body></html>\n";
}

}  // namespace ferraris::cli
