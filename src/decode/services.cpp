/// GET, SET, ACTION, ACCESS and EventNotification: services with logical names.
#include <fmt/format.h>

#include <optional>

#include "decode/apdu.hpp"
#include "decode/terms.hpp"
#include "dlms/data.hpp"

namespace ferraris::decode {
namespace {

constexpr Term kGetRequests[] = {{1, "get-request-normal"}, {2, "get-request-next"}, {3, "get-request-with-list"}};
constexpr Term kGetResponses[] = {
    {1, "get-response-normal"}, {2, "get-response-with-datablock"}, {3, "get-response-with-list"}};
constexpr Term kSetRequests[] = {{1, "set-request-normal"},
                                 {2, "set-request-with-first-datablock"},
                                 {3, "set-request-with-datablock"},
                                 {4, "set-request-with-list"},
                                 {5, "set-request-with-list-and-first-datablock"}};
constexpr Term kSetResponses[] = {{1, "set-response-normal"},
                                  {2, "set-response-datablock"},
                                  {3, "set-response-last-datablock"},
                                  {4, "set-response-last-datablock-with-list"},
                                  {5, "set-response-with-list"}};
constexpr Term kActionRequests[] = {{1, "action-request-normal"},
                                    {2, "action-request-next-pblock"},
                                    {3, "action-request-with-list"},
                                    {4, "action-request-with-first-pblock"},
                                    {5, "action-request-with-list-and-first-pblock"},
                                    {6, "action-request-with-pblock"}};
constexpr Term kActionResponses[] = {{1, "action-response-normal"},
                                     {2, "action-response-with-pblock"},
                                     {3, "action-response-with-list"},
                                     {4, "action-response-next-pblock"}};
constexpr Term kAccessRequests[] = {{1, "access-request-get"},
                                    {2, "access-request-set"},
                                    {3, "access-request-action"},
                                    {4, "access-request-get-with-selection"},
                                    {5, "access-request-set-with-selection"}};
constexpr Term kAccessResponses[] = {
    {1, "access-response-get"}, {2, "access-response-set"}, {3, "access-response-action"}};
constexpr Term kDataOrResult[] = {{0, "data"}, {1, "data-access-result"}};
constexpr Term kRawDataOrResult[] = {{0, "raw-data"}, {1, "data-access-result"}};
constexpr Term kSelectors[] = {{1, "range_descriptor"}, {2, "entry_descriptor"}};

/// The choice of a service's form; the APDU then goes by its name.
std::uint8_t form(Walker& in, Node& node, std::span<const Term> forms) {
    const std::uint8_t value = in.choice(node, "type", forms);
    if (in.failed()) return 0;
    if (const auto known = term(forms, value)) {
        node.name = *known;
    } else {
        in.fail(fmt::format("a type {} is not in the standard", value));
    }
    return value;
}

/// The invoke id, 0 to 15.
std::size_t invoke_id(Walker& in, Node& node) {
    const auto octet = static_cast<std::uint8_t>(in.number(node, "invoke-id-and-priority", 1));
    if (in.failed()) return 0;
    node.children.back().value = fmt::format_int(octet & 0x0FU).str();
    say(in, node,
        fmt::format("{}, {} priority", (octet & 0x40U) != 0 ? "confirmed" : "unconfirmed",
                    (octet & 0x80U) != 0 ? "high" : "normal"));
    return octet & 0x0FU;
}

/// Descriptor of an attribute or a method; the answer says what it names.
std::string descriptor(Walker& in, Node& parent, bool method) {
    Node node = in.open(method ? "cosem-method-descriptor" : "cosem-attribute-descriptor");
    const auto class_id = static_cast<std::uint16_t>(in.number(node, "class-id", 2));
    say(in, node, class_text(class_id));
    const ByteView name = in.field(node, "instance-id", 6);
    dlms::LogicalName instance;
    if (!in.failed()) {
        instance = dlms::LogicalName::from(name);
        node.children.back().value = object_text(instance);
    }
    const auto index =
        static_cast<std::int8_t>(static_cast<std::uint8_t>(in.number(node, method ? "method-id" : "attribute-id", 1)));
    std::string text;
    if (!in.failed()) {
        node.children.back().value = fmt::format_int(index).str();
        text = method ? method_text(class_id, instance, index) : attribute_text(class_id, instance, index);
        if (const std::size_t comma = text.rfind(", "); comma != std::string::npos) {
            node.children.back().meaning = text.substr(comma + 2);
        }
        node.value = text;
    }
    in.close(node);
    if (node.length != 0) parent.add(std::move(node));
    return text;
}

void selection(Walker& in, Node& parent) {
    (void)in.choice(parent, "access-selector", kSelectors);
    explain_data(in, parent);
}

std::string attribute_request(Walker& in, Node& parent) {
    std::string text = descriptor(in, parent, false);
    if (in.present(parent, "access-selection")) selection(in, parent);
    return text;
}

/// As many as there are of what they belong to.
void check_count(const Walker& in, Node& node, std::size_t count, std::size_t expected) {
    if (count != expected) say(in, node, fmt::format("{} would belong to what stands before", expected), Verdict::note);
}

void data_list(Walker& in, Node& node, std::string_view name, std::size_t expected) {
    const std::size_t count = count_of(in, node, name);
    check_count(in, node, count, expected);
    for (std::size_t i = 0; i < count && !in.failed(); ++i) explain_data(in, node);
}

/// A data-access-result in the place of data.
void refusal(Walker& in, Node& node) {
    explain_result(in, node);
    if (!in.failed() && node.children.back().value == "0") {
        say(in, node, "success, but without the data", Verdict::note);
    }
}

void data_result(Walker& in, Node& node) {
    const std::uint8_t choice = in.choice(node, "result", kDataOrResult);
    if (in.failed()) return;
    if (choice == 0) {
        explain_data(in, node);
    } else if (choice == 1) {
        refusal(in, node);
    } else {
        in.fail(fmt::format("a result is 0 or 1, not {}", choice));
    }
}

/// The text of the request that this answers, `index`th of a list; empty when it is not in the input.
std::string asked(const Context& context, std::size_t id, std::size_t index) {
    const auto& texts = context.conversation.requests[id];
    return index < texts.size() ? texts[index] : std::string{};
}

void note_answered(const Context& context, std::size_t id, Node& node) {
    const std::string text = asked(context, id, 0);
    if (!text.empty()) node.value = text;
}

struct Block {
    bool last;
    std::uint32_t number;
};

Block block_head(Walker& in, Node& node) {
    Block block{};
    block.last = in.number(node, "last-block", 1) != 0;
    say(in, node, block.last ? "yes" : "no, more follow");
    block.number = static_cast<std::uint32_t>(in.number(node, "block-number", 4));
    return block;
}

void block(Context& context, Walker& in, Node& node, std::string_view kind, bool results) {
    const auto [last, number] = block_head(in, node);
    const ByteView raw = in.octet_string(node, "raw-data");
    if (in.failed()) return;
    node.meaning = fmt::format("block {}", number);
    if (auto joined = join_block(context, node, kind, number, last, raw)) {
        explain_joined_data(context, node, std::move(*joined), results);
    }
}

void action_outcome(Walker& in, Node& node) {
    (void)in.choice(node, "action-result", kActionResults);
    if (in.present(node, "return-parameters")) data_result(in, node);
}

bool begins_like_no_data(ByteView octets) {
    if (octets.empty()) return false;
    dlms::DataReader tag(octets.first(1));
    return !tag.any() && tag.error() == dlms::DataError::unknown_tag;
}

}  // namespace

void explain_joined_data(Context& context, Node& node, Octets octets, bool results) {
    Walker in = context.new_buffer("joined from blocks", std::move(octets));
    Node whole = in.open("joined blocks");
    const Walker before = in;
    explain_data(in, whole);
    if (in.failed() || !in.at_end()) {
        // A list: of results in an answer, of values in a request.
        Walker again = before;
        Node list = again.open("joined blocks");
        const std::size_t count = count_of(again, list, "number of items");
        for (std::size_t i = 0; i < count && !again.failed(); ++i) {
            if (results) {
                data_result(again, list);
            } else {
                explain_data(again, list);
            }
        }
        if (!again.failed() && again.at_end()) {
            in = again;
            whole = std::move(list);
        } else if (begins_like_no_data(before.rest())) {
            // Blocks carry whatever they are given.
            in = before;
            whole = in.open("joined blocks");
            (void)in.field(whole, "payload", in.remaining());
            say(in, whole, "no element of Data", Verdict::note);
        }
    }
    in.finish(whole, "octets behind the data");
    in.close(whole);
    node.add(std::move(whole));
}

void explain_get_request(Context& context, Walker& in, Node& node) {
    const std::uint8_t type = form(in, node, kGetRequests);
    const std::size_t id = invoke_id(in, node);
    if (in.failed()) return;
    auto& texts = context.conversation.requests[id];
    if (type == 2) {
        (void)in.number(node, "block-number", 4);
        return;
    }
    texts.clear();
    if (type == 1) {
        texts.push_back(attribute_request(in, node));
        node.value = texts.back();
        return;
    }
    const std::size_t count = count_of(in, node, "number of attributes");
    for (std::size_t i = 0; i < count && !in.failed(); ++i) texts.push_back(attribute_request(in, node));
    node.value = fmt::format("{} attributes", count);
}

void explain_get_response(Context& context, Walker& in, Node& node) {
    const std::uint8_t type = form(in, node, kGetResponses);
    const std::size_t id = invoke_id(in, node);
    if (in.failed()) return;
    note_answered(context, id, node);
    if (type == 1) {
        data_result(in, node);
    } else if (type == 2) {
        const auto [last, number] = block_head(in, node);
        const std::uint8_t choice = in.choice(node, "result", kRawDataOrResult);
        if (choice == 1) {
            refusal(in, node);
            return;
        }
        if (!in.failed() && choice != 0) in.fail(fmt::format("a result is 0 or 1, not {}", choice));
        const ByteView raw = in.octet_string(node, "raw-data");
        if (in.failed()) return;
        node.meaning = fmt::format("block {}", number);
        if (auto joined = join_block(context, node, "get", number, last, raw)) {
            explain_joined_data(context, node, std::move(*joined), true);
        }
    } else {
        const std::size_t count = count_of(in, node, "number of results");
        node.value = fmt::format("{} results", count);
        for (std::size_t i = 0; i < count && !in.failed(); ++i) {
            const std::size_t first = node.children.size();
            data_result(in, node);
            if (first < node.children.size()) {
                const std::string text = asked(context, id, i);
                if (!text.empty()) node.children[first].meaning += " of " + text;
            }
        }
    }
}

void explain_set_request(Context& context, Walker& in, Node& node) {
    const std::uint8_t type = form(in, node, kSetRequests);
    const std::size_t id = invoke_id(in, node);
    if (in.failed()) return;
    auto& texts = context.conversation.requests[id];
    if (type == 3) {
        note_answered(context, id, node);
        block(context, in, node, "set", false);
        return;
    }
    texts.clear();
    if (type == 1 || type == 2) {
        texts.push_back(attribute_request(in, node));
        node.value = texts.back();
        if (type == 1) {
            explain_data(in, node);
        } else {
            block(context, in, node, "set", false);
        }
        return;
    }
    const std::size_t count = count_of(in, node, "number of attributes");
    for (std::size_t i = 0; i < count && !in.failed(); ++i) texts.push_back(attribute_request(in, node));
    node.value = fmt::format("{} attributes", count);
    if (type == 4) {
        data_list(in, node, "number of values", count);
    } else {
        block(context, in, node, "set", false);
    }
}

void explain_set_response(Context& context, Walker& in, Node& node) {
    const std::uint8_t type = form(in, node, kSetResponses);
    const std::size_t id = invoke_id(in, node);
    if (in.failed()) return;
    note_answered(context, id, node);
    if (type == 1 || type == 3) explain_result(in, node);
    if (type == 4 || type == 5) {
        const std::size_t count = count_of(in, node, "number of results");
        for (std::size_t i = 0; i < count && !in.failed(); ++i) explain_result(in, node);
    }
    if (type == 2 || type == 3 || type == 4) (void)in.number(node, "block-number", 4);
}

void explain_action_request(Context& context, Walker& in, Node& node) {
    const std::uint8_t type = form(in, node, kActionRequests);
    const std::size_t id = invoke_id(in, node);
    if (in.failed()) return;
    auto& texts = context.conversation.requests[id];
    if (type == 2) {
        (void)in.number(node, "block-number", 4);
        return;
    }
    if (type == 6) {
        note_answered(context, id, node);
        block(context, in, node, "action", false);
        return;
    }
    texts.clear();
    if (type == 1 || type == 4) {
        texts.push_back(descriptor(in, node, true));
        node.value = texts.back();
        if (type == 4) {
            block(context, in, node, "action", false);
        } else if (in.present(node, "method-invocation-parameters")) {
            explain_data(in, node);
        }
        return;
    }
    const std::size_t count = count_of(in, node, "number of methods");
    for (std::size_t i = 0; i < count && !in.failed(); ++i) texts.push_back(descriptor(in, node, true));
    node.value = fmt::format("{} methods", count);
    if (type == 3) {
        data_list(in, node, "number of parameters", count);
    } else {
        block(context, in, node, "action", false);
    }
}

void explain_action_response(Context& context, Walker& in, Node& node) {
    const std::uint8_t type = form(in, node, kActionResponses);
    const std::size_t id = invoke_id(in, node);
    if (in.failed()) return;
    note_answered(context, id, node);
    if (type == 1) {
        action_outcome(in, node);
    } else if (type == 2) {
        block(context, in, node, "action-response", true);
    } else if (type == 3) {
        const std::size_t count = count_of(in, node, "number of results");
        for (std::size_t i = 0; i < count && !in.failed(); ++i) action_outcome(in, node);
    } else {
        (void)in.number(node, "block-number", 4);
    }
}

namespace {

/// How many there are.
std::size_t access_specifications(Walker& in, Node& node) {
    const std::size_t count = count_of(in, node, "number of specifications");
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::uint8_t type = in.choice(node, "specification", kAccessRequests);
        if (in.failed()) return count;
        if (type == 0 || type > 5) {
            in.fail(fmt::format("a specification {} is not in the standard", type));
            return count;
        }
        (void)descriptor(in, node, type == 3);
        if (type == 4 || type == 5) selection(in, node);
    }
    return count;
}

}  // namespace

void explain_access_request(Context& /*context*/, Walker& in, Node& node) {
    explain_long_invoke_id(in, node);
    explain_service_time(in, node);
    const std::size_t count = access_specifications(in, node);
    data_list(in, node, "number of values", count);
}

void explain_access_response(Context& /*context*/, Walker& in, Node& node) {
    explain_long_invoke_id(in, node);
    explain_service_time(in, node);
    std::optional<std::size_t> asked_for;
    if (in.present(node, "access-request-specification")) asked_for = access_specifications(in, node);
    const std::size_t values = count_of(in, node, "number of values");
    if (asked_for) check_count(in, node, values, *asked_for);
    for (std::size_t i = 0; i < values && !in.failed(); ++i) explain_data(in, node);
    const std::size_t count = count_of(in, node, "number of results");
    check_count(in, node, count, values);
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::uint8_t type = in.choice(node, "specification", kAccessResponses);
        if (type == 3) {
            (void)in.choice(node, "action-result", kActionResults);
        } else {
            explain_result(in, node);
        }
    }
}

void explain_event_notification(Context& /*context*/, Walker& in, Node& node) {
    if (in.present(node, "time")) explain_service_time(in, node);
    node.value = descriptor(in, node, false);
    explain_data(in, node);
}

}  // namespace ferraris::decode
