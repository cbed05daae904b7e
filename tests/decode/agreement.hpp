/// The explainer walks over fields itself, since the codecs keep no positions. Here the two are held against each
/// other, for the tests and for the fuzzer.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "decode/apdu.hpp"
#include "decode/render.hpp"
#include "dlms/apdu/access.hpp"
#include "dlms/apdu/acse.hpp"
#include "dlms/apdu/action.hpp"
#include "dlms/apdu/ciphered.hpp"
#include "dlms/apdu/confirmed_service_error.hpp"
#include "dlms/apdu/data_notification.hpp"
#include "dlms/apdu/event_notification.hpp"
#include "dlms/apdu/exception.hpp"
#include "dlms/apdu/general_block_transfer.hpp"
#include "dlms/apdu/general_protection.hpp"
#include "dlms/apdu/get.hpp"
#include "dlms/apdu/initiate.hpp"
#include "dlms/apdu/set.hpp"
#include "dlms/security/content.hpp"

namespace ferraris::decode::testing {
namespace agreement {

using namespace dlms;

inline constexpr int kMostEnvelopes = 6;

inline bool accepts(ByteView apdu, bool deep, int depth);

/// Codecs leave the inside of an envelope to others; `deep` asks those as well.
inline bool accepts_inside(std::optional<ByteView> inside, bool deep, int depth) {
    return !deep || !inside || accepts(*inside, deep, depth + 1);
}

inline bool accepts_protected(ByteView content, bool deep, int depth) {
    if (!deep) return true;
    const auto header = read_security_header(content);
    if (!header) return false;
    if (header->protection.encrypted) return true;
    constexpr std::size_t kHeader = 5;
    return accepts(content.subspan(kHeader, content.size() - kHeader - header->tag_size()), deep, depth + 1);
}

inline bool is_data(ByteView octets) {
    DataReader in(octets);
    const auto element = in.any();
    return element && element->encoded.size() == octets.size();
}

template <class Apdu>
bool good(const Result<Apdu, ApduError>& result) {
    return result.has_value();
}

struct Codec {
    std::uint8_t tag;
    bool (*accepts)(ByteView apdu, bool deep, int depth);
};

inline constexpr Codec kCodecs[] = {
    {0x01, [](ByteView apdu, bool, int) { return good(decode_initiate_request(apdu)); }},
    {0x08, [](ByteView apdu, bool, int) { return good(decode_initiate_response(apdu)); }},
    {0x0E, [](ByteView apdu, bool, int) { return good(decode_confirmed_service_error(apdu)); }},
    {0x0F,
     [](ByteView apdu, bool deep, int) {
         const auto notification = decode_data_notification(apdu);
         return notification && (!deep || is_data(notification->body));
     }},
    {0x10, [](ByteView apdu, bool, int) { return good(decode_data_notification_confirm(apdu)); }},
    {0x60,
     [](ByteView apdu, bool deep, int depth) {
         const auto request = decode_aarq(apdu);
         return request && accepts_inside(request->user_information, deep, depth);
     }},
    {0x61,
     [](ByteView apdu, bool deep, int depth) {
         const auto response = decode_aare(apdu);
         return response && accepts_inside(response->user_information, deep, depth);
     }},
    {0x62,
     [](ByteView apdu, bool deep, int depth) {
         const auto request = decode_rlrq(apdu);
         return request && accepts_inside(request->user_information, deep, depth);
     }},
    {0x63,
     [](ByteView apdu, bool deep, int depth) {
         const auto response = decode_rlre(apdu);
         return response && accepts_inside(response->user_information, deep, depth);
     }},
    {0xC0, [](ByteView apdu, bool, int) { return good(decode_get_request(apdu)); }},
    {0xC1, [](ByteView apdu, bool, int) { return good(decode_set_request(apdu)); }},
    {0xC2, [](ByteView apdu, bool, int) { return good(decode_event_notification(apdu)); }},
    {0xC3, [](ByteView apdu, bool, int) { return good(decode_action_request(apdu)); }},
    {0xC4, [](ByteView apdu, bool, int) { return good(decode_get_response(apdu)); }},
    {0xC5, [](ByteView apdu, bool, int) { return good(decode_set_response(apdu)); }},
    {0xC7, [](ByteView apdu, bool, int) { return good(decode_action_response(apdu)); }},
    {0xD8, [](ByteView apdu, bool, int) { return good(decode_exception_response(apdu)); }},
    {0xD9, [](ByteView apdu, bool, int) { return good(decode_access_request(apdu)); }},
    {0xDA, [](ByteView apdu, bool, int) { return good(decode_access_response(apdu)); }},
    {0xDD,
     [](ByteView apdu, bool deep, int depth) {
         const auto message = decode_general_ciphering(apdu);
         return message && accepts_protected(message->content, deep, depth);
     }},
    {0xDF,
     [](ByteView apdu, bool deep, int depth) {
         const auto message = decode_general_signing(apdu);
         return message && (message->content.empty() || accepts_inside(message->content, deep, depth));
     }},
    {0xE0, [](ByteView apdu, bool, int) { return good(decode_general_block(apdu)); }},
};

inline const Codec* codec_of(std::uint8_t tag) {
    const auto* const found = std::ranges::find(kCodecs, tag, &Codec::tag);
    return found == std::end(kCodecs) ? nullptr : found;
}

inline bool accepts(ByteView apdu, bool deep, int depth) {
    if (apdu.empty() || depth >= kMostEnvelopes) return false;
    if (is_ciphered(apdu[0])) {
        const auto message = decode_ciphered(apdu);
        return message && accepts_protected(message->content, deep, depth);
    }
    const Codec* const codec = codec_of(apdu[0]);
    return codec != nullptr && codec->accepts(apdu, deep, depth);
}

/// The worst verdict on the octets as they came; what was joined or deciphered from them has no part in it.
inline Verdict worst_of_input(const Node& node) {
    if (node.buffer != 0) return Verdict::good;
    Verdict verdict = node.verdict;
    for (const Node& child : node.children) verdict = std::max(verdict, worst_of_input(child));
    return verdict;
}

/// The codec leaves the contents of compact arrays alone.
inline bool has_compact_array(const Node& node) {
    return node.name == "compact-array" || std::ranges::any_of(node.children, has_compact_array);
}

}  // namespace agreement

/// What the two disagree about on `apdu`; nothing when they agree:
/// - what the codec accepts is explained without an unexplained octet;
/// - what is explained without any remark, the codec accepts.
[[nodiscard]] inline std::optional<std::string> disagreement(ByteView apdu) {
    using namespace agreement;
    if (apdu.empty() || (codec_of(apdu[0]) == nullptr && !is_ciphered(apdu[0]))) return std::nullopt;
    Item item;
    Conversation conversation;
    const KeyRing keys;
    Context context{item, conversation, keys};
    Walker in = context.new_buffer("apdu", Octets(apdu.begin(), apdu.end()));
    Node parent;
    explain_apdu(context, in, parent);
    item.node = std::move(parent.children.at(0));
    const Verdict verdict = worst_of_input(item.node);
    if (accepts(apdu, true, 0)) {
        if (verdict == Verdict::unexplained && !has_compact_array(item.node)) {
            return "the codec accepts what is not explained:\n" + render_text(item);
        }
        const auto gaps = unexplained(item);
        if (verdict != Verdict::unexplained &&
            std::ranges::any_of(gaps, [](const Gap& gap) { return gap.buffer == 0; })) {
            return "octets that no field covers:\n" + render_text(item);
        }
    }
    if (verdict == Verdict::good && !accepts(apdu, false, 0)) {
        return "the codec refuses what is explained without a remark:\n" + render_text(item);
    }
    return std::nullopt;
}

}  // namespace ferraris::decode::testing
