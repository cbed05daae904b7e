/// Services with short names (IEC 62056-5-3, annex A: ReadRequest to InformationReportRequest).
#include <fmt/format.h>

#include "decode/apdu.hpp"
#include "decode/terms.hpp"

namespace ferraris::decode {
namespace {

constexpr Term kVariables[] = {{2, "variable-name"},
                               {4, "parameterized-access"},
                               {5, "short_name_block-number-access"},
                               {6, "read-data-short_name_block-access"},
                               {7, "write-data-short_name_block-access"}};
constexpr Term kReadResults[] = {
    {0, "data"}, {1, "data-access-error"}, {2, "data-short_name_block-result"}, {3, "short_name_block-number"}};
constexpr Term kWriteResults[] = {{0, "success"}, {1, "data-access-error"}, {2, "short_name_block-number"}};

void object_name(Walker& in, Node& node) {
    const auto name = in.number(node, "object name", 2);
    if (!in.failed()) node.children.back().value = fmt::format("{:04X}", name);
}

void short_name_block(Context& context, Walker& in, Node& node, std::string_view kind, bool results) {
    const bool last = in.number(node, "last-short_name_block", 1) != 0;
    say(in, node, last ? "yes" : "no, more follow");
    const auto number = static_cast<std::uint32_t>(in.number(node, "short_name_block-number", 2));
    const ByteView raw = in.octet_string(node, "raw-data");
    if (in.failed()) return;
    if (auto joined = join_block(context, node, kind, number, last, raw)) {
        explain_joined_data(context, node, std::move(*joined), results);
    }
}

void variables(Context& context, Walker& in, Node& node) {
    const std::size_t count = count_of(in, node, "number of variables");
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::uint8_t choice = in.choice(node, "variable-access-specification", kVariables);
        if (in.failed()) return;
        switch (choice) {
            case 2:
                object_name(in, node);
                break;
            case 4:
                object_name(in, node);
                (void)in.number(node, "selector", 1);
                explain_data(in, node);
                break;
            case 5:
                (void)in.number(node, "short_name_block-number", 2);
                break;
            case 6:
                short_name_block(context, in, node, "read-request", false);
                break;
            case 7:
                (void)in.number(node, "last-short_name_block", 1);
                (void)in.number(node, "short_name_block-number", 2);
                break;
            default:
                in.fail(fmt::format("a specification {} is not in the standard", choice));
        }
    }
}

void values(Walker& in, Node& node) {
    const std::size_t count = count_of(in, node, "number of values");
    for (std::size_t i = 0; i < count && !in.failed(); ++i) explain_data(in, node);
}

}  // namespace

void explain_read_request(Context& context, Walker& in, Node& node) { variables(context, in, node); }

void explain_read_response(Context& context, Walker& in, Node& node) {
    const std::size_t count = count_of(in, node, "number of results");
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::uint8_t choice = in.choice(node, "result", kReadResults);
        if (in.failed()) return;
        switch (choice) {
            case 0:
                explain_data(in, node);
                break;
            case 1:
                explain_result(in, node);
                break;
            case 2:
                short_name_block(context, in, node, "read", true);
                break;
            case 3:
                (void)in.number(node, "short_name_block-number", 2);
                break;
            default:
                in.fail(fmt::format("a result {} is not in the standard", choice));
        }
    }
}

void explain_write_request(Context& context, Walker& in, Node& node) {
    variables(context, in, node);
    values(in, node);
}

void explain_write_response(Context& /*context*/, Walker& in, Node& node) {
    const std::size_t count = count_of(in, node, "number of results");
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::uint8_t choice = in.choice(node, "result", kWriteResults);
        if (in.failed()) return;
        if (choice == 1) explain_result(in, node);
        if (choice == 2) (void)in.number(node, "short_name_block-number", 2);
        if (choice > 2) in.fail(fmt::format("a result {} is not in the standard", choice));
    }
}

void explain_information_report(Context& context, Walker& in, Node& node) {
    if (in.present(node, "current-time")) {
        const ByteView time = in.octet_string(node, "current-time");
        if (const auto text = printable(time); text && !in.failed()) node.children.back().value = *text;
    }
    variables(context, in, node);
    values(in, node);
}

}  // namespace ferraris::decode
