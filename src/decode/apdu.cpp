#include "decode/apdu.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "decode/date_time_text.hpp"
#include "decode/terms.hpp"

namespace ferraris::decode {
namespace {

/// Envelopes in envelopes: deeper ones are left closed.
constexpr int kMaxDepth = 6;

struct Explainer {
    std::uint8_t tag;
    void (*explain)(Context& context, Walker& in, Node& node);
};

constexpr Explainer kExplainers[] = {
    {0x01, explain_initiate_request},
    {0x05, explain_read_request},
    {0x06, explain_write_request},
    {0x08, explain_initiate_response},
    {0x0C, explain_read_response},
    {0x0D, explain_write_response},
    {0x0E, explain_confirmed_service_error},
    {0x0F, explain_data_notification},
    {0x10, explain_data_notification_confirm},
    {0x16, explain_write_request},
    {0x18, explain_information_report},
    {0x60, explain_aarq},
    {0x61, explain_aare},
    {0x62, explain_rlrq},
    {0x63, explain_rlre},
    {0xC0, explain_get_request},
    {0xC1, explain_set_request},
    {0xC2, explain_event_notification},
    {0xC3, explain_action_request},
    {0xC4, explain_get_response},
    {0xC5, explain_set_response},
    {0xC7, explain_action_response},
    {0xD8, explain_exception},
    {0xD9, explain_access_request},
    {0xDA, explain_access_response},
    {0xDB, explain_general_ciphered},
    {0xDC, explain_general_ciphered},
    {0xDD, explain_general_ciphering},
    {0xDF, explain_general_signing},
    {0xE0, explain_general_block_transfer},
    {0xE6, explain_gateway},
    {0xE7, explain_gateway},
};

void (*explainer_of(std::uint8_t tag))(Context&, Walker&, Node&) {
    const auto* const found = std::ranges::find(kExplainers, tag, &Explainer::tag);
    if (found != std::end(kExplainers)) return found->explain;
    return term(kApduTags, tag) ? explain_service_ciphered : nullptr;
}

void explain_service_error(Walker& in, Node& node) {
    const std::uint8_t group = in.choice(node, "service error", kServiceErrorGroups);
    const auto codes = service_error_codes(group);
    if (codes.empty()) {
        (void)in.number(node, "code", 1);
    } else {
        (void)in.choice(node, "code", codes);
    }
}

}  // namespace

Walker Context::new_buffer(std::string name, Octets octets) const {
    item.buffers.push_back({std::move(name), 0, std::move(octets)});
    return {item.buffers.back().octets, static_cast<std::uint32_t>(item.buffers.size() - 1)};
}

bool is_apdu_tag(std::uint8_t tag) { return explainer_of(tag) != nullptr; }

std::optional<std::string_view> apdu_name(std::uint8_t tag) { return term(kApduTags, tag); }

void explain_apdu(Context& context, Walker& in, Node& parent) {
    const std::uint8_t tag = in.peek();
    const auto explain = in.at_end() ? nullptr : explainer_of(tag);
    if (explain == nullptr || context.depth >= kMaxDepth) {
        if (!in.at_end()) {
            in.fail(explain == nullptr ? fmt::format("{:02X} is no tag of an APDU", tag)
                                       : std::string("too many envelopes in envelopes"));
        }
        in.finish(parent);
        return;
    }
    ++context.depth;
    Node node = in.open(*apdu_name(tag));
    (void)in.field(node, "tag", 1);
    say(in, node, std::string(node.name));
    explain(context, in, node);
    in.finish(node, "octets behind the end of the APDU");
    node.length = 0;
    in.close(node);
    parent.add(std::move(node));
    --context.depth;
}

void explain_payload(Context& context, Walker& in, Node& parent) {
    const std::uint8_t tag = in.peek();
    if (in.at_end() || explainer_of(tag) != nullptr) return explain_apdu(context, in, parent);
    (void)in.field(parent, "payload", in.remaining());
    say(in, parent, fmt::format("no APDU: {:02X} is no tag of one", tag), Verdict::note);
}

void explain_long_invoke_id(Walker& in, Node& node) {
    const auto value = in.number(node, "long-invoke-id-and-priority", 4);
    if (in.failed()) return;
    constexpr std::uint64_t kId = 0x00FFFFFF;
    node.children.back().value = fmt::format_int(value & kId).str();
    std::string text = (value >> 30U & 1U) != 0 ? "confirmed" : "unconfirmed";
    text += (value >> 31U & 1U) != 0 ? ", high priority" : ", normal priority";
    if ((value >> 29U & 1U) != 0) text += ", break on error";
    if ((value >> 28U & 1U) != 0) text += ", self-descriptive";
    say(in, node, std::move(text));
}

void explain_service_time(Walker& in, Node& node) {
    const ByteView time = in.octet_string(node, "date-time");
    if (in.failed()) return;
    Node& field = node.children.back();
    if (time.empty()) {
        field.meaning = "none";
    } else if (time.size() == dlms::kDateTimeSize) {
        field.value = date_time_value(time);
    } else {
        field.meaning = "a date-time has 12 octets";
        field.verdict = Verdict::note;
    }
}

void explain_result(Walker& in, Node& node) { (void)in.choice(node, "data-access-result", kDataAccessResults); }

void explain_exception(Context& /*context*/, Walker& in, Node& node) {
    (void)in.choice(node, "state-error", kStateErrors);
    const std::uint8_t error = in.choice(node, "service-error", kServiceErrors);
    constexpr std::uint8_t kInvocationCounterError = 6;
    if (error == kInvocationCounterError && !in.at_end()) (void)in.number(node, "expected invocation counter", 4);
}

void explain_confirmed_service_error(Context& /*context*/, Walker& in, Node& node) {
    (void)in.choice(node, "service", kConfirmedServices);
    explain_service_error(in, node);
}

void explain_data_notification_confirm(Context& /*context*/, Walker& in, Node& node) {
    explain_long_invoke_id(in, node);
    explain_service_time(in, node);
}

void explain_data_notification(Context& /*context*/, Walker& in, Node& node) {
    explain_long_invoke_id(in, node);
    // Some meters send the date-time with the tag of Data in front of its length; none has nine octets.
    constexpr std::uint8_t kOctetString = 0x09;
    if (in.peek() == kOctetString && in.peek(1) == dlms::kDateTimeSize) {
        (void)in.field(node, "tag of octet-string", 1);
        say(in, node, "does not belong here, but real meters send it", Verdict::note);
    }
    explain_service_time(in, node);
    const Walker before = in;
    const std::size_t fields = node.children.size();
    explain_data(in, node);
    if (!in.failed() && in.at_end()) return;
    Walker again = before;
    Node other;
    explain_data(again, other, DataForm::raw_descriptors);
    if (again.failed() || !again.at_end()) return;
    in = again;
    node.children.resize(fields);
    node.children.insert(node.children.end(), std::make_move_iterator(other.children.begin()),
                         std::make_move_iterator(other.children.end()));
}

void explain_general_block_transfer(Context& context, Walker& in, Node& node) {
    constexpr std::uint8_t kLast = 0x80;
    constexpr std::uint8_t kStreaming = 0x40;
    constexpr std::uint8_t kWindow = 0x3F;
    const auto control = static_cast<std::uint8_t>(in.number(node, "block-control", 1));
    say(in, node,
        fmt::format("{}, streaming {}, window {}", (control & kLast) != 0 ? "last block" : "more blocks follow",
                    (control & kStreaming) != 0 ? "on" : "off", control & kWindow));
    const auto number = static_cast<std::uint32_t>(in.number(node, "block-number", 2));
    (void)in.number(node, "block-number-ack", 2);
    if (number == 0 && !in.failed()) {
        node.children[node.children.size() - 2].meaning = "blocks are counted from 1";
        node.children[node.children.size() - 2].verdict = Verdict::note;
    }
    const ByteView data = in.octet_string(node, "block-data");
    if (in.failed()) return;
    node.value = fmt::format("block {}, {} octets", number, data.size());
    if (data.empty()) {
        say(in, node, "an acknowledgement without data");
        return;
    }
    const auto joined = join_block(context, node, "general-block-transfer", number, (control & kLast) != 0, data);
    if (!joined) return;
    Walker apdu = context.new_buffer("joined from general-block-transfer", *joined);
    explain_apdu(context, apdu, node);
}

void explain_gateway(Context& context, Walker& in, Node& node) {
    (void)in.number(node, "network-id", 1);
    const ByteView address = in.octet_string(node, "physical-device-address");
    if (in.failed()) return;
    if (const auto text = printable(address)) node.children.back().value = *text;
    explain_apdu(context, in, node);
}

std::optional<Octets> join_block(Context& context, Node& node, std::string_view kind, std::uint32_t number, bool last,
                                 ByteView octets) {
    Pieces& pieces = context.conversation.pieces[kind];
    const auto remark = [&node](std::string text, Verdict verdict) {
        node.meaning = std::move(text);
        node.verdict = verdict;
    };
    if (number <= 1) {
        pieces = Pieces{};
        pieces.begun = true;
    } else if (!pieces.begun) {
        remark("its first block is not in the input", Verdict::incomplete);
        return std::nullopt;
    } else if (number < pieces.next) {
        remark(fmt::format("block {} once more", number), Verdict::note);
        return std::nullopt;
    } else if (number > pieces.next) {
        remark(fmt::format("block {} is missing", pieces.next), Verdict::incomplete);
        pieces = Pieces{};
        return std::nullopt;
    }
    if (pieces.octets.size() + octets.size() > kMaxJoined) {
        remark("the blocks together are too long", Verdict::incomplete);
        pieces = Pieces{};
        return std::nullopt;
    }
    pieces.octets.insert(pieces.octets.end(), octets.begin(), octets.end());
    pieces.next = std::max(number, 1U) + 1;
    if (!last) return std::nullopt;
    Octets joined = std::move(pieces.octets);
    pieces = Pieces{};
    return joined;
}

}  // namespace ferraris::decode
