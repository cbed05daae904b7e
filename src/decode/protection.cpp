/// Ciphered and signed APDUs (IEC 62056-5-3, 5.3.5 to 5.3.7): every field, and what is inside where a key fits.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "decode/apdu.hpp"
#include "decode/terms.hpp"
#include "dlms/security/general.hpp"

namespace ferraris::decode {
namespace {

constexpr std::uint8_t kSuite = 0x0F;
constexpr std::uint8_t kAuthenticated = 0x10;
constexpr std::uint8_t kEncrypted = 0x20;
constexpr std::uint8_t kBroadcast = 0x40;
constexpr std::uint8_t kCompressed = 0x80;

constexpr Term kKeyInfos[] = {{0, "identified-key"}, {1, "wrapped-key"}, {2, "agreed-key"}};
constexpr Term kKeyIds[] = {{0, "global-unicast-encryption-key"}, {1, "global-broadcast-encryption-key"}};
constexpr Term kWrappingKeys[] = {{0, "master-key"}};
constexpr Term kAgreements[] = {{1, "C(1e, 1s): one-pass Diffie-Hellman"}, {2, "C(0e, 2s): static unified model"}};

/// What stands inside an envelope, and everything that has a part in deciphering it.
struct Protected {
    std::uint8_t control{0};
    std::uint32_t counter{0};
    ByteView text{};
    ByteView tag{};
    bool dedicated{false};
    std::vector<SystemTitle> titles{};  ///< of the sender, the likeliest first

    [[nodiscard]] bool authenticated() const { return (control & kAuthenticated) != 0; }
    [[nodiscard]] bool encrypted() const { return (control & kEncrypted) != 0; }
};

struct Opened {
    Octets plain{};
    bool tag_checked{false};
    bool tag_good{false};
};

std::string control_text(std::uint8_t control) {
    std::string text = fmt::format("suite {}", control & kSuite);
    text += (control & kAuthenticated) != 0 ? ", authenticated" : ", not authenticated";
    text += (control & kEncrypted) != 0 ? ", encrypted" : ", not encrypted";
    text += (control & kBroadcast) != 0 ? ", broadcast key" : "";
    text += (control & kCompressed) != 0 ? ", compressed" : "";
    return text;
}

GcmIv initialisation_vector(const SystemTitle& title, std::uint32_t counter) {
    GcmIv iv{};
    std::ranges::copy(title, iv.begin());
    for (std::size_t i = 0; i < 4; ++i) iv[title.size() + i] = static_cast<std::uint8_t>(counter >> (24 - 8 * i));
    return iv;
}

/// It makes sense as an APDU from end to end: a wrong key gives noise.
bool sensible(const Octets& plain) {
    if (plain.empty() || !is_apdu_tag(plain[0])) return false;
    Item item;
    Conversation nobody;
    const KeyRing nothing;
    Context context{item, nobody, nothing};
    Walker in = context.new_buffer("trial", plain);
    explain_apdu(context, in, item.node);
    return worst(item.node) < Verdict::wrong;
}

class Opener {
public:
    Opener(Crypto& crypto, const Protected& message) : crypto_(crypto), message_(message) {}

    /// Under that key, with the tag checked where there is one.
    std::optional<Opened> strictly(ByteView key, ByteView authentication, const SystemTitle& title) {
        if (!usable(key) || !message_.authenticated() || authentication.empty()) return std::nullopt;
        const GcmIv iv = initialisation_vector(title, message_.counter);
        Opened opened;
        opened.plain.assign(message_.text.begin(), message_.text.end());
        const ByteView control(&message_.control, 1);
        bool good = false;
        if (message_.encrypted()) {
            const ByteView additional[] = {control, authentication};
            good = crypto_.gcm_open(key, iv, additional, message_.text, message_.tag, opened.plain);
        } else {
            const ByteView additional[] = {control, authentication, message_.text};
            good = crypto_.gcm_open(key, iv, additional, {}, message_.tag, {});
        }
        if (!good) return std::nullopt;
        opened.tag_checked = opened.tag_good = true;
        return opened;
    }

    /// Under that key, believed when it makes sense.
    std::optional<Opened> sensibly(ByteView key, ByteView authentication, const SystemTitle& title) {
        if (!usable(key) || !message_.encrypted() || (message_.control & kCompressed) != 0) return std::nullopt;
        const GcmIv iv = initialisation_vector(title, message_.counter);
        Opened opened;
        opened.plain.resize(message_.text.size());
        if (!crypto_.gcm_stream(key, iv, message_.text, opened.plain) || !sensible(opened.plain)) return std::nullopt;
        opened.tag_checked = message_.authenticated() && !authentication.empty();
        return opened;
    }

private:
    static bool usable(ByteView key) { return key.size() == 16 || key.size() == 32; }

    Crypto& crypto_;
    const Protected& message_;
};

std::optional<Opened> open_message(const Context& context, const Protected& message) {
    if (context.crypto == nullptr) return std::nullopt;
    Opener opener(*context.crypto, message);
    Conversation& conversation = context.conversation;
    const auto& rows = context.keys.rows;
    const auto key_of = [&](const KeyRow& row) -> ByteView {
        if (message.dedicated) return conversation.dedicated_key.empty() ? row.dedicated : conversation.dedicated_key;
        return (message.control & kBroadcast) != 0 ? row.broadcast : row.unicast;
    };
    for (const bool strict : {true, false}) {
        for (const SystemTitle& title : message.titles) {
            // With the keys of many meters, only its own are tried on what has a meter's title.
            const bool owned = std::ranges::any_of(
                rows, [&](const KeyRow& row) { return row.title == title && !key_of(row).empty(); });
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const std::size_t index = (i + conversation.last_row) % rows.size();
                const KeyRow& row = rows[index];
                if (owned && row.title && row.title != title) continue;
                auto opened = strict ? opener.strictly(key_of(row), row.authentication, title)
                                     : opener.sensibly(key_of(row), row.authentication, title);
                if (!opened) continue;
                conversation.last_row = index;
                return opened;
            }
        }
    }
    if (rows.empty() && message.dedicated) {
        for (const SystemTitle& title : message.titles) {
            if (auto opened = opener.sensibly(conversation.dedicated_key, {}, title)) return opened;
        }
    }
    return std::nullopt;
}

std::string why_closed(const Context& context, const Protected& message) {
    if (context.keys.rows.empty()) return "not deciphered: no keys are given";
    if (message.titles.empty()) return "not deciphered: the sender's system title is not known";
    return "not deciphered: no key fits";
}

void say_tag(const Context& context, Node& tag, const std::optional<Opened>& opened) {
    if (opened && opened->tag_good) {
        tag.meaning = "right";
    } else if (opened && opened->tag_checked) {
        tag.meaning = "wrong: another authentication key, or not what was sent";
        tag.verdict = Verdict::wrong;
    } else {
        tag.meaning = context.keys.rows.empty() ? "not checked: no keys are given" : "not checked: no key fits";
    }
}

/// What came out of an envelope.
void explain_plain(Context& context, Node& node, Octets plain, bool compressed) {
    Walker in = context.new_buffer("deciphered", std::move(plain));
    if (compressed) {
        (void)in.field(node, "compressed APDU", in.remaining());
        say(in, node, "compressed; this is not undone here", Verdict::note);
        return;
    }
    explain_apdu(context, in, node);
}

/// Security control and invocation counter; the walk ends in front of the text.
Protected security_header(Walker& in, Node& node) {
    Protected message;
    message.control = static_cast<std::uint8_t>(in.number(node, "security control", 1));
    if (!in.failed()) node.children.back().value = fmt::format("{:02X}", message.control);
    say(in, node, control_text(message.control));
    message.counter = static_cast<std::uint32_t>(in.number(node, "invocation counter", 4));
    return message;
}

void explain_protected(Context& context, Walker& in, Node& node, bool dedicated, std::vector<SystemTitle> titles) {
    Protected message = security_header(in, node);
    if (in.failed()) return;
    message.dedicated = dedicated;
    message.titles = std::move(titles);
    const std::size_t tag_size = message.authenticated() ? kGcmTagSize : 0;
    if (in.remaining() < tag_size) {
        (void)in.field(node, "authentication tag", tag_size);
        return;
    }
    const std::size_t text_size = in.remaining() - tag_size;
    message.text = in.rest().first(text_size);
    message.tag = in.rest().subspan(text_size);
    std::optional<Opened> opened;
    if (message.authenticated() || message.encrypted()) opened = open_message(context, message);
    const bool compressed = (message.control & kCompressed) != 0;
    if (message.encrypted()) {
        (void)in.field(node, "ciphered text", text_size);
        say(in, node, opened ? "deciphered below" : why_closed(context, message),
            opened ? Verdict::good : Verdict::note);
    } else if (compressed) {
        (void)in.field(node, "compressed APDU", text_size);
    } else {
        Walker apdu = in.inner(text_size);
        explain_apdu(context, apdu, node);
    }
    if (tag_size != 0) {
        (void)in.field(node, "authentication tag", tag_size);
        if (!in.failed()) say_tag(context, node.children.back(), opened);
    }
    if (opened && message.encrypted()) explain_plain(context, node, std::move(opened->plain), compressed);
}

void append(std::vector<SystemTitle>& titles, const std::vector<SystemTitle>& more) {
    for (const SystemTitle& title : more) {
        if (std::ranges::find(titles, title) == titles.end()) titles.push_back(title);
    }
}

std::vector<SystemTitle> known_titles(const Context& context) {
    std::vector<SystemTitle> titles = context.conversation.titles;
    std::ranges::reverse(titles);
    append(titles, context.keys.titles);
    return titles;
}

ByteView title_field(Walker& in, Node& node, std::string_view name) {
    const ByteView title = in.octet_string(node, name);
    if (in.failed()) return {};
    Node& field = node.children.back();
    if (title.empty()) {
        field.meaning = "none";
    } else if (title.size() != dlms::kSystemTitleSize) {
        field.meaning = "a system title has 8 octets";
        field.verdict = Verdict::note;
    } else if (const auto maker = printable(title.first(3))) {
        field.meaning = "manufacturer " + maker->substr(1, 3);
    }
    return title;
}

/// transaction-id to other-information.
struct GeneralHeader {
    ByteView originator{};
    ByteView recipient{};
};
GeneralHeader general_header(Context& context, Walker& in, Node& node) {
    GeneralHeader header;
    (void)in.octet_string(node, "transaction-id");
    header.originator = title_field(in, node, "originator-system-title");
    header.recipient = title_field(in, node, "recipient-system-title");
    explain_service_time(in, node);
    const ByteView other = in.octet_string(node, "other-information");
    if (other.empty()) say(in, node, "none");
    context.conversation.add_title(header.originator);
    return header;
}

void key_info(Walker& in, Node& node) {
    if (!in.present(node, "key-info")) return;
    const std::uint8_t choice = in.choice(node, "key-info", kKeyInfos);
    if (choice == 0) {
        (void)in.choice(node, "key-id", kKeyIds);
    } else if (choice == 1) {
        (void)in.choice(node, "kek-id", kWrappingKeys);
        (void)in.octet_string(node, "key-ciphered-data");
        say(in, node, "the key, wrapped with the master key");
    } else if (choice == 2) {
        const ByteView parameters = in.octet_string(node, "key-parameters");
        const auto known = parameters.size() == 1 ? term(kAgreements, parameters[0]) : std::nullopt;
        say(in, node, known ? std::string(*known) : "not in the standard's table",
            known ? Verdict::good : Verdict::note);
        const std::size_t size = in.length(node);
        if (size == signature_size(Curve::p256) * 2 || size == signature_size(Curve::p384) * 2) {
            (void)in.field(node, "ephemeral public key", size / 2);
            (void)in.field(node, "signature of the public key", size / 2);
        } else {
            (void)in.field(node, "key-ciphered-data", size);
        }
    } else {
        in.fail(fmt::format("a key info {} is not in the standard", choice));
    }
}

dlms::GeneralKeys general_keys(const KeyRow& row, const GeneralHeader& header) {
    dlms::GeneralKeys keys;
    keys.own_system_title = header.recipient;
    keys.peer_system_title = header.originator;
    keys.unicast_encryption = row.unicast;
    keys.broadcast_encryption = row.broadcast;
    keys.authentication = row.authentication;
    keys.master = row.master;
    keys.own_agreement_private = row.agreement_private;
    keys.peer_agreement_public = row.agreement_public;
    keys.peer_signing_public = row.signing_public;
    return keys;
}

std::optional<Octets> open_general(const Context& context, ByteView apdu, const GeneralHeader& parties) {
    if (context.crypto == nullptr) return std::nullopt;
    const auto header = dlms::read_general_ciphering(apdu);
    if (!header) return std::nullopt;
    for (const KeyRow& row : context.keys.rows) {
        Octets copy(apdu.begin(), apdu.end());
        const auto same = dlms::read_general_ciphering(copy);
        const auto plain = dlms::open_general_ciphering(*context.crypto, *same, general_keys(row, parties), copy);
        if (plain) return Octets(plain->begin(), plain->end());
    }
    return std::nullopt;
}

}  // namespace

void explain_service_ciphered(Context& context, Walker& in, Node& node) {
    const bool dedicated = node.name.starts_with("ded-");
    const std::size_t length = in.length(node);
    if (in.failed()) return;
    Walker content = in.inner(length);
    explain_protected(context, content, node, dedicated, known_titles(context));
    content.finish(node);
}

void explain_general_ciphered(Context& context, Walker& in, Node& node) {
    const bool dedicated = node.name == "general-ded-ciphering";
    const ByteView title = title_field(in, node, "system-title");
    context.conversation.add_title(title);
    std::vector<SystemTitle> titles;
    if (title.size() == dlms::kSystemTitleSize) {
        std::ranges::copy(title, titles.emplace_back().begin());
    } else {
        titles = known_titles(context);
    }
    const std::size_t length = in.length(node);
    if (in.failed()) return;
    Walker content = in.inner(length);
    explain_protected(context, content, node, dedicated, std::move(titles));
    content.finish(node);
}

void explain_general_ciphering(Context& context, Walker& in, Node& node) {
    const Item& item = context.item;
    const GeneralHeader header = general_header(context, in, node);
    key_info(in, node);
    const std::size_t length = in.length(node);
    if (in.failed()) return;
    Walker content = in.inner(length);
    const Protected message = security_header(content, node);
    const std::size_t tag_size = message.authenticated() ? kGcmTagSize : 0;
    if (content.remaining() < tag_size) (void)content.field(node, "authentication tag", tag_size);
    if (content.failed() || in.failed()) {
        content.finish(node);
        return;
    }
    Node whole = node;
    whole.children.clear();
    whole.length = 0;
    in.close(whole);
    std::optional<Opened> opened;
    if (auto plain = open_general(context, item.octets_of(whole), header)) {
        opened = Opened{std::move(*plain), message.authenticated(), message.authenticated()};
    } else if (context.crypto != nullptr && header.originator.size() == dlms::kSystemTitleSize) {
        // The tag does not fit, but the sense may: tags of general-ciphering are made in more than one way.
        Protected trial = message;
        trial.text = content.rest().first(content.remaining() - tag_size);
        SystemTitle title{};
        std::ranges::copy(header.originator, title.begin());
        Opener opener(*context.crypto, trial);
        for (const KeyRow& row : context.keys.rows) {
            if (!opened) opened = opener.sensibly(row.unicast, row.authentication, title);
        }
    }
    const std::size_t text_size = content.remaining() - tag_size;
    const bool compressed = (message.control & kCompressed) != 0;
    if (message.encrypted()) {
        (void)content.field(node, "ciphered text", text_size);
        Protected closed = message;
        closed.titles = known_titles(context);
        say(content, node, opened ? "deciphered below" : why_closed(context, closed),
            opened ? Verdict::good : Verdict::note);
    } else if (compressed) {
        (void)content.field(node, "compressed APDU", text_size);
    } else {
        Walker apdu = content.inner(text_size);
        explain_apdu(context, apdu, node);
    }
    if (tag_size != 0) {
        (void)content.field(node, "authentication tag", tag_size);
        if (!content.failed()) say_tag(context, node.children.back(), opened);
    }
    if (opened && message.encrypted()) explain_plain(context, node, std::move(opened->plain), compressed);
    content.finish(node);
}

void explain_general_signing(Context& context, Walker& in, Node& node) {
    const GeneralHeader header = general_header(context, in, node);
    const std::size_t length = in.length(node, "length of the content");
    if (in.failed()) return;
    Walker content = in.inner(length);
    explain_apdu(context, content, node);
    (void)in.octet_string(node, "signature");
    if (in.failed()) return;
    Node whole = node;
    whole.children.clear();
    whole.length = 0;
    in.close(whole);
    const ByteView apdu = context.item.octets_of(whole);
    Node& signature = node.children.back();
    bool tried = false;
    bool good = false;
    for (const KeyRow& row : context.keys.rows) {
        const bool of_another = row.title && !equal(*row.title, header.originator);
        if (context.crypto == nullptr || row.signing_public.empty() || of_another) continue;
        const std::uint8_t suite = row.signing_public.size() == public_key_size(Curve::p256) ? 1 : 2;
        tried = true;
        good = good || dlms::open_general_signing(*context.crypto, suite, general_keys(row, header), apdu).has_value();
    }
    signature.meaning = good ? "right" : tried ? "wrong under every key given" : "not checked: no public key is given";
    if (tried && !good) signature.verdict = Verdict::wrong;
}

}  // namespace ferraris::decode
