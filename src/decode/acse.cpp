/// AARQ, AARE, RLRQ and RLRE in BER (ISO/IEC 15954; IEC 62056-5-3, 7.2), and the xDLMS initiate services inside them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "decode/apdu.hpp"
#include "decode/terms.hpp"

namespace ferraris::decode {
namespace {

/// What the content of a field is.
enum class Content : std::uint8_t {
    bit_string,
    object_identifier,  ///< without a tag of its own
    tagged_identifier,  ///< 06, length, identifier
    title,              ///< 04, length, octets
    integer,            ///< 02, length, number
    result,
    diagnostic,
    release_request,
    release_response,
    authentication,  ///< a choice: 80 char string, 81 bit string, …
    octets,
    user_information,  ///< 04, length, APDU
};

struct Field {
    std::uint8_t tag;
    std::string_view name;
    Content content;
};

constexpr Field kAarqFields[] = {
    {0x80, "protocol-version", Content::bit_string},
    {0xA1, "application-context-name", Content::tagged_identifier},
    {0xA2, "called-AP-title", Content::title},
    {0xA3, "called-AE-qualifier", Content::title},
    {0xA4, "called-AP-invocation-id", Content::integer},
    {0xA5, "called-AE-invocation-id", Content::integer},
    {0xA6, "calling-AP-title", Content::title},
    {0xA7, "calling-AE-qualifier", Content::title},
    {0xA8, "calling-AP-invocation-id", Content::integer},
    {0xA9, "calling-AE-invocation-id", Content::integer},
    {0x8A, "sender-acse-requirements", Content::bit_string},
    {0x8B, "mechanism-name", Content::object_identifier},
    {0xAC, "calling-authentication-value", Content::authentication},
    {0x9D, "implementation-information", Content::octets},
    {0xBD, "implementation-information", Content::octets},
    {0xBE, "user-information", Content::user_information},
};
constexpr Field kAareFields[] = {
    {0x80, "protocol-version", Content::bit_string},
    {0xA1, "application-context-name", Content::tagged_identifier},
    {0xA2, "result", Content::result},
    {0xA3, "result-source-diagnostic", Content::diagnostic},
    {0xA4, "responding-AP-title", Content::title},
    {0xA5, "responding-AE-qualifier", Content::title},
    {0xA6, "responding-AP-invocation-id", Content::integer},
    {0xA7, "responding-AE-invocation-id", Content::integer},
    {0x88, "responder-acse-requirements", Content::bit_string},
    {0x89, "mechanism-name", Content::object_identifier},
    {0xAA, "responding-authentication-value", Content::authentication},
    {0x9D, "implementation-information", Content::octets},
    {0xBD, "implementation-information", Content::octets},
    {0xBE, "user-information", Content::user_information},
};
constexpr Field kRlrqFields[] = {
    {0x80, "reason", Content::release_request},
    {0xBE, "user-information", Content::user_information},
};
constexpr Field kRlreFields[] = {
    {0x80, "reason", Content::release_response},
    {0xBE, "user-information", Content::user_information},
};
constexpr Term kAuthenticationChoices[] = {{0x80, "character string"}, {0x81, "bit string"},
                                           {0x82, "external"},         {0x83, "other"},
                                           {0xA2, "external"},         {0xA3, "other"}};
constexpr Term kDiagnosticSources[] = {{0xA1, "acse-service-user"}, {0xA2, "acse-service-provider"}};

/// 2.16.756.5.8.1.1 of 60 85 74 05 08 01 01 (ISO/IEC 8825-1, 8.19).
std::string dotted_identifier(ByteView octets) {
    std::string text;
    std::uint64_t arc = 0;
    for (const std::uint8_t octet : octets) {
        arc = (arc << 7U) | (octet & 0x7FU);
        if ((octet & 0x80U) != 0) continue;
        if (text.empty()) {
            const std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
            text = fmt::format("{}.{}", first, arc - first * 40);
        } else {
            text += fmt::format(".{}", arc);
        }
        arc = 0;
    }
    return text;
}

void describe_identifier(ByteView octets, Node& node) {
    constexpr std::uint8_t kArcs[] = {0x60, 0x85, 0x74, 0x05, 0x08};
    node.value = dotted_identifier(octets);
    if (octets.size() != 7 || !equal(octets.first(5), kArcs)) return;
    const auto known = term(kObjectIdentifiers, static_cast<std::uint64_t>(octets[5]) << 8U | octets[6]);
    if (known) node.meaning = *known;
}

/// Tag, length and content of a primitive; the tag has to be `tag`.
ByteView primitive(Walker& in, Node& node, std::uint8_t tag, std::string_view tag_name, std::string_view name) {
    const auto found = static_cast<std::uint8_t>(in.number(node, tag_name, 1));
    if (!in.failed() && found != tag) in.fail(fmt::format("{} begins with {:02X}, not {:02X}", name, found, tag));
    return in.octet_string(node, name);
}

/// The same of whatever tag; another than `tag` gets a note.
ByteView any_primitive(Walker& in, Node& node, std::uint8_t tag, std::string_view tag_name, std::string_view name) {
    const auto found = static_cast<std::uint8_t>(in.number(node, tag_name, 1));
    if (found != tag) say(in, node, fmt::format("{:02X} belongs here", tag), Verdict::note);
    return in.octet_string(node, name);
}

void describe_title(ByteView title, Node& node) {
    node.value = spaced_hex(title);
    const auto maker = title.size() == 8 ? printable(title.first(3)) : std::nullopt;
    node.meaning = title.size() == 8 ? "system title" : "a system title has 8 octets";
    if (maker) node.meaning += ", manufacturer " + maker->substr(1, 3);
    if (title.size() != 8) node.verdict = Verdict::note;
}

void bit_string(Walker& in, Node& node) {
    if (in.at_end()) {
        node.meaning = "empty";
        node.verdict = Verdict::note;
        return;
    }
    const auto unused = in.number(node, "unused bits", 1);
    const ByteView bits = in.field(node, "bits", in.remaining());
    if (in.failed() || bits.empty()) return;
    const bool first = (bits[0] & 0x80U) != 0 && unused < 8;
    node.meaning = node.name == "protocol-version" ? (first ? "version 1" : "not version 1")
                   : first                         ? "authentication"
                                                   : "no functional unit";
}

/// A number in BER, 1 to 8 octets.
std::uint64_t integer(Walker& in, Node& node, std::string_view name) {
    const ByteView octets = primitive(in, node, 0x02, "tag of INTEGER", name);
    std::uint64_t value = 0;
    for (const std::uint8_t octet : octets) value = (value << 8U) | octet;
    if (!in.failed()) node.children.back().value = fmt::format_int(value).str();
    return value;
}

void named(Walker& in, Node& node, std::uint64_t value, std::span<const Term> table) {
    const auto known = term(table, value);
    const bool whole = !in.failed() && node.children.back().length == 1;
    say(in, node, known ? std::string(*known) : "not in the standard's table",
        known && whole ? Verdict::good : Verdict::note);
    node.meaning = known ? std::string(*known) : std::string{};
}

/// `slack`: octets by which the lengths of user-information are too small.
void explain_content(Context& context, Walker& in, Node& node, Content content, std::size_t slack) {
    switch (content) {
        case Content::bit_string:
            bit_string(in, node);
            break;
        case Content::object_identifier: {
            const ByteView octets = in.field(node, "object identifier", in.remaining());
            if (!in.failed()) describe_identifier(octets, node.children.back());
            break;
        }
        case Content::tagged_identifier: {
            const ByteView octets = primitive(in, node, 0x06, "tag of OBJECT IDENTIFIER", "object identifier");
            if (!in.failed()) describe_identifier(octets, node.children.back());
            break;
        }
        case Content::title: {
            const ByteView octets = any_primitive(in, node, 0x04, "tag of OCTET STRING", "octets");
            if (in.failed()) break;
            if (node.name.ends_with("AP-title")) {
                describe_title(octets, node.children.back());
                context.conversation.add_title(octets);
            } else {
                node.children.back().meaning = fmt::format("{} octets", octets.size());
            }
            break;
        }
        case Content::integer:
            (void)integer(in, node, "number");
            break;
        case Content::result:
            named(in, node, integer(in, node, "result"), kAssociationResults);
            break;
        case Content::diagnostic: {
            const std::uint8_t source = in.choice(node, "source", kDiagnosticSources);
            Walker number = in.inner(in.length(node));
            named(number, node, integer(number, node, "diagnostic"),
                  source == 0xA2 ? kServiceProviderDiagnostics : kServiceUserDiagnostics);
            number.finish(node);
            break;
        }
        case Content::release_request:
        case Content::release_response: {
            const ByteView octets = in.field(node, "reason", in.remaining());
            if (octets.empty()) say(in, node, "empty", Verdict::note);
            if (in.failed() || octets.empty()) break;
            node.children.back().value = fmt::format_int(octets.back()).str();
            named(in, node, octets.back(),
                  content == Content::release_request ? kReleaseRequestReasons : kReleaseResponseReasons);
            break;
        }
        case Content::authentication: {
            const std::uint8_t choice = in.choice(node, "choice", kAuthenticationChoices);
            const std::size_t length = in.length(node);
            if (choice == 0x81 && length == 0) in.fail("a bit string without its first octet");
            if (choice == 0x81) (void)in.number(node, "unused bits", 1);
            const ByteView octets =
                in.field(node, "password or challenge", length - std::min<std::size_t>(length, choice == 0x81 ? 1 : 0));
            if (in.failed()) break;
            Node& value = node.children.back();
            if (const auto text = printable(octets)) value.value = *text;
            value.meaning = fmt::format("{} octets", octets.size());
            break;
        }
        case Content::octets:
            (void)in.field(node, "octets", in.remaining());
            break;
        case Content::user_information: {
            const auto tag = static_cast<std::uint8_t>(in.number(node, "tag of OCTET STRING", 1));
            if (!in.failed() && tag != 0x04) in.fail(fmt::format("user-information begins with {:02X}, not 04", tag));
            const std::size_t length = in.length(node);
            if (in.failed()) break;
            Walker apdu = in.inner(length + slack);
            explain_apdu(context, apdu, node);
            break;
        }
    }
}

/// The body ends in a user-information with an InitiateResponse whose last octet no length counts.
bool counts_one_too_few(ByteView rest, std::size_t length) {
    constexpr std::uint8_t kHead[] = {0xBE, 0x0F, 0x04, 0x0D, 0x08, 0x00};
    constexpr std::size_t kSize = 2 + 0x0F;
    return length >= kSize && rest.size() == length + 1 && equal(rest.subspan(length - kSize, sizeof kHead), kHead);
}

/// `mandatory`: tag of the field that has to be there; 0 for none.
void explain_fields(Context& context, Walker& in, Node& node, std::span<const Field> fields,
                    std::uint8_t mandatory = 0) {
    std::size_t length = in.length(node);
    if (in.failed()) return;
    const std::size_t slack = counts_one_too_few(in.rest(), length) ? 1 : 0;
    if (slack != 0) say(in, node, "one less than there is, which real meters send", Verdict::note);
    length += slack;
    Walker body = in.inner(length);
    std::set<std::uint8_t> seen;
    while (!body.at_end() && !body.failed()) {
        const std::uint8_t tag = body.peek();
        const auto field = std::ranges::find(fields, tag, &Field::tag);
        Node part = body.open(field == fields.end() ? "unknown field" : field->name);
        (void)body.number(part, "tag", 1);
        const std::size_t size = body.length(part);
        if (!part.children.empty()) part.children.front().value = fmt::format("{:02X}", tag);
        if (!body.failed()) {
            const std::size_t more = field != fields.end() && field->content == Content::user_information ? slack : 0;
            Walker content = body.inner(size + more);
            if (field == fields.end()) {
                // Further fields may come with later versions; receivers pass over them (ISO/IEC 15954).
                part.meaning = "not in the standard";
                part.verdict = Verdict::note;
                (void)content.field(part, "content", content.remaining());
            } else {
                explain_content(context, content, part, field->content, more);
            }
            content.finish(part);
        }
        if (body.failed()) body.finish(part);
        part.length = 0;
        body.close(part);
        if (!seen.insert(tag).second) {
            part.meaning = "once more";
            part.verdict = Verdict::note;
        }
        node.add(std::move(part));
    }
    if (mandatory != 0 && !body.failed() && !seen.contains(mandatory)) {
        node.meaning = fmt::format("without {}", std::ranges::find(fields, mandatory, &Field::tag)->name);
        node.verdict = Verdict::note;
    }
}

void conformance(Walker& in, Node& parent) {
    Node node = in.open("conformance");
    constexpr std::uint8_t kApplication31[] = {0x5F, 0x1F};
    const bool long_tag = in.peek(1) == kApplication31[1];
    const ByteView tag = in.field(node, "tag", long_tag ? 2 : 1);
    if (!in.failed() && tag[0] != kApplication31[0])
        in.fail(fmt::format("conformance begins with {:02X}, not 5F", tag[0]));
    const auto length = in.number(node, "length", 1);
    if (!in.failed() && length != 4) in.fail(fmt::format("a conformance of {} octets instead of 4", length));
    const auto unused = in.number(node, "unused bits", 1);
    if (unused != 0) say(in, node, "all 24 bits are used", Verdict::note);
    const ByteView octets = in.field(node, "bits", 3);
    if (!in.failed()) {
        node.value = spaced_hex(octets);
        std::string names;
        const std::uint32_t bits =
            static_cast<std::uint32_t>(octets[0]) << 16U | static_cast<std::uint32_t>(octets[1]) << 8U | octets[2];
        for (const Term& row : kConformanceBits) {
            if ((bits >> (23U - row.value) & 1U) == 0) continue;
            if (!names.empty()) names += ", ";
            names += row.name;
        }
        node.children.back().meaning = names.empty() ? "nothing" : std::move(names);
    }
    in.close(node);
    if (node.length != 0) parent.add(std::move(node));
}

void pdu_size(Walker& in, Node& node, std::string_view name) {
    const auto size = in.number(node, name, 2);
    if (size == 0 || size == 0xFFFF) say(in, node, "no limit");
}

}  // namespace

Node explain_object_identifier(ByteView octets) {
    Node node;
    node.name = "object identifier";
    node.length = static_cast<std::uint32_t>(octets.size());
    describe_identifier(octets, node);
    return node;
}

void explain_aarq(Context& context, Walker& in, Node& node) { explain_fields(context, in, node, kAarqFields, 0xA1); }
void explain_aare(Context& context, Walker& in, Node& node) { explain_fields(context, in, node, kAareFields, 0xA2); }
void explain_rlrq(Context& context, Walker& in, Node& node) { explain_fields(context, in, node, kRlrqFields); }
void explain_rlre(Context& context, Walker& in, Node& node) { explain_fields(context, in, node, kRlreFields); }

void explain_initiate_request(Context& context, Walker& in, Node& node) {
    if (in.present(node, "dedicated-key")) {
        const ByteView key = in.octet_string(node, "dedicated-key");
        if (!in.failed()) {
            say(in, node, "of the ded-… messages to come");
            context.conversation.dedicated_key.assign(key.begin(), key.end());
        }
    }
    if (in.present(node, "response-allowed")) {
        const auto allowed = in.number(node, "response-allowed", 1);
        say(in, node, allowed != 0 ? "yes" : "no");
    } else {
        say(in, node, "not there: yes");
    }
    if (in.present(node, "proposed-quality-of-service")) (void)in.number(node, "proposed-quality-of-service", 1);
    (void)in.number(node, "proposed-dlms-version-number", 1);
    conformance(in, node);
    pdu_size(in, node, "client-max-receive-pdu-size");
}

void explain_initiate_response(Context& /*context*/, Walker& in, Node& node) {
    if (in.present(node, "negotiated-quality-of-service")) (void)in.number(node, "negotiated-quality-of-service", 1);
    (void)in.number(node, "negotiated-dlms-version-number", 1);
    conformance(in, node);
    pdu_size(in, node, "server-max-receive-pdu-size");
    const auto name = in.number(node, "vaa-name", 2);
    say(in, node, name == 0x0007 ? "logical names" : name == 0xFA00 ? "the base name of Association SN" : "");
}

}  // namespace ferraris::decode
