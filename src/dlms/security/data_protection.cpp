#include "dlms/security/data_protection.hpp"

#include <algorithm>
#include <array>

namespace ferraris::dlms {
namespace {

/// protection_type
constexpr Protection kProtectionTypes[] = {
    {true, false, false}, {false, true, false}, {true, true, false}, {false, false, true}};
enum class KeyInfoType : std::uint8_t { identified = 0, wrapped = 1, agreed = 2 };
constexpr std::uint8_t kUnicastKeyId = 0;
constexpr std::uint8_t kBroadcastKeyId = 1;
constexpr std::uint8_t kMasterKeyId = 0;
constexpr std::array<std::uint8_t, 1> kOnePassScheme{1};
constexpr std::array<std::uint8_t, 1> kStaticScheme{2};
/// A signature is shorter than 128 octets.
constexpr std::size_t kSignatureLengthSize = 1;

KeyInfoType key_info_type(KeyChoice key) {
    switch (key) {
        case KeyChoice::known:
        case KeyChoice::identified_unicast:
        case KeyChoice::identified_broadcast:
            break;
        case KeyChoice::wrapped:
            return KeyInfoType::wrapped;
        case KeyChoice::one_pass:
        case KeyChoice::static_unified:
            return KeyInfoType::agreed;
    }
    return KeyInfoType::identified;
}

std::uint8_t key_id(KeyChoice key) { return key == KeyChoice::identified_broadcast ? kBroadcastKeyId : kUnicastKeyId; }

ByteView scheme_of(KeyChoice key) { return key == KeyChoice::one_pass ? kOnePassScheme : kStaticScheme; }

bool take_key_info_data(DataReader& in, ProtectionElement& element) {
    if (in.structure() != 2) return false;
    const std::uint8_t type = in.enum_();
    const std::size_t fields = in.structure();
    if (type == static_cast<std::uint8_t>(KeyInfoType::identified) && fields == 1) {
        const std::uint8_t id = in.enum_();
        element.key = id == kBroadcastKeyId ? KeyChoice::identified_broadcast : KeyChoice::identified_unicast;
        return id == kUnicastKeyId || id == kBroadcastKeyId;
    }
    if (type == static_cast<std::uint8_t>(KeyInfoType::wrapped) && fields == 2) {
        element.key = KeyChoice::wrapped;
        const std::uint8_t id = in.enum_();
        element.key_ciphered_data = in.octet_string();
        return id == kMasterKeyId;
    }
    if (type == static_cast<std::uint8_t>(KeyInfoType::agreed) && fields == 2) {
        const ByteView scheme = in.octet_string();
        element.key = equal(scheme, kOnePassScheme) ? KeyChoice::one_pass : KeyChoice::static_unified;
        element.key_ciphered_data = in.octet_string();
        return equal(scheme, kOnePassScheme) || equal(scheme, kStaticScheme);
    }
    return false;
}

bool take_protection_element(DataReader& in, ProtectionElement& element) {
    if (in.structure() != 2) return false;
    const std::uint8_t type = in.enum_();
    if (type >= std::size(kProtectionTypes) || in.structure() != 5) return false;
    element.protection = kProtectionTypes[type];
    element.transaction_id = in.octet_string();
    element.originator_system_title = in.octet_string();
    element.recipient_system_title = in.octet_string();
    element.other_information = in.octet_string();
    const auto may_be_title = [](ByteView title) { return title.empty() || title.size() == kSystemTitleSize; };
    return element.transaction_id.size() <= kMaxTransactionId && may_be_title(element.originator_system_title) &&
           may_be_title(element.recipient_system_title) && take_key_info_data(in, element);
}

GeneralHeader header_of(const ProtectionElement& element) {
    return {element.transaction_id,
            element.originator_system_title,
            element.recipient_system_title,
            {},
            element.other_information};
}

KeyInfo key_info_of_element(const ProtectionElement& element) {
    KeyInfo info;
    info.key_ciphered_data = element.key_ciphered_data;
    switch (key_info_type(element.key)) {
        case KeyInfoType::identified:
            info.kind = KeyInfo::Kind::identified;
            info.id = key_id(element.key);
            break;
        case KeyInfoType::wrapped:
            info.kind = KeyInfo::Kind::wrapped;
            info.id = kMasterKeyId;
            break;
        case KeyInfoType::agreed:
            info.kind = KeyInfo::Kind::agreed;
            info.parameters = scheme_of(element.key);
            break;
    }
    return info;
}

void name_parties(ProtectionElement& element, const GeneralHeader& header) {
    element.originator_system_title = header.originator_system_title;
    element.recipient_system_title = header.recipient_system_title;
}

/// Of the APDU what its element and the octets behind are.
Result<ByteView, SecurityError> take_apart(ByteSpan apdu, ProtectionElement element, DataWriter& parameters) {
    if (element.ciphers()) {
        const auto ciphering = decode_general_ciphering(apdu);
        if (!ciphering) return Error(security_error(ciphering.error()));
        name_parties(element, ciphering->header);
        element.key_ciphered_data = ciphering->key_info.key_ciphered_data;
        put_protection_element(parameters, element);
        return ciphering->content;
    }
    const auto signing = decode_general_signing(apdu);
    if (!signing) return Error(security_error(signing.error()));
    name_parties(element, signing->header);
    put_protection_element(parameters, element);
    const ByteView signature = signing->signature;
    const ByteSpan bare = apdu.last(signing->content.size() + kSignatureLengthSize + signature.size());
    std::copy(signature.begin(), signature.end(), bare.begin() + static_cast<std::ptrdiff_t>(signing->content.size()));
    return bare.first(signing->content.size() + signature.size());
}

/// The APDU that the element and the `length` octets from `offset` on stand for. Nothing: there is no room for it.
std::optional<ByteSpan> put_together(const ProtectionElement& element, std::size_t signature_length, ByteSpan buffer,
                                     std::size_t offset, std::size_t length) {
    const std::size_t content = length - signature_length;
    const auto put_head = [&](ByteWriter& out) {
        if (element.ciphers()) {
            put_general_ciphering_head(out, header_of(element), key_info_of_element(element), content);
        } else {
            put_general_signing_head(out, header_of(element), content);
        }
    };
    ByteWriter measure{ByteSpan{}};
    put_head(measure);
    const std::size_t gap = element.ciphers() ? 0 : kSignatureLengthSize;
    const std::size_t head_size = measure.produced();
    const auto begin = make_room(buffer, offset, length, head_size + gap, 0);
    if (!begin) return std::nullopt;
    const ByteSpan apdu = buffer.subspan(*begin - gap - head_size, head_size + gap + length);
    if (gap != 0) {
        const ByteSpan text = buffer.subspan(*begin, content);
        std::copy(text.begin(), text.end(), buffer.begin() + static_cast<std::ptrdiff_t>(*begin - gap));
        apdu[head_size + content] = static_cast<std::uint8_t>(signature_length);
    }
    ByteWriter head(apdu.first(head_size));
    put_head(head);
    return apdu;
}

}  // namespace

Protection protection_of(const ProtectionElements& elements) {
    Protection all;
    for (const ProtectionElement& element : elements) all = all | element.protection;
    return all;
}

bool needs_curve_keys(const ProtectionElements& elements) {
    return std::ranges::any_of(elements, [](const ProtectionElement& element) { return element.needs_curve_keys(); });
}

std::optional<ProtectionElements> take_protection_parameters(DataReader& in) {
    ProtectionElements elements;
    const std::size_t count = in.array();
    if (count > ProtectionElements::capacity()) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
        ProtectionElement element;
        if (!take_protection_element(in, element)) return std::nullopt;
        const bool twice = std::ranges::any_of(
            elements, [&](const ProtectionElement& other) { return other.ciphers() == element.ciphers(); });
        if (twice || !elements.push_back(element)) return std::nullopt;
    }
    if (!in.ok()) return std::nullopt;
    return elements;
}

void put_protection_element(DataWriter& out, const ProtectionElement& element) {
    const auto* const type = std::ranges::find(kProtectionTypes, element.protection);
    out.structure(2);
    out.enum_(static_cast<std::uint8_t>(type - std::begin(kProtectionTypes)));
    out.structure(5);
    out.octet_string(element.transaction_id);
    out.octet_string(element.originator_system_title);
    out.octet_string(element.recipient_system_title);
    out.octet_string(element.other_information);
    const KeyInfoType key = key_info_type(element.key);
    out.structure(2);
    out.enum_(static_cast<std::uint8_t>(key));
    switch (key) {
        case KeyInfoType::identified:
            out.structure(1);
            return out.enum_(key_id(element.key));
        case KeyInfoType::wrapped:
            out.structure(2);
            out.enum_(kMasterKeyId);
            return out.octet_string(element.key_ciphered_data);
        case KeyInfoType::agreed:
            out.structure(2);
            out.octet_string(scheme_of(element.key));
            return out.octet_string(element.key_ciphered_data);
    }
}

Result<ByteView, SecurityError> protect_data(Crypto& crypto, std::uint8_t suite, const ProtectionElements& elements,
                                             std::uint32_t invocation_counter, const GeneralKeys& keys, ByteSpan buffer,
                                             std::size_t offset, std::size_t length, DataWriter& parameters) {
    parameters.array(elements.size());
    ByteView octets = ByteView(buffer).subspan(offset, length);
    for (const ProtectionElement& element : elements) {
        ProtectionLayer layer;
        layer.kind =
            element.ciphers() ? ProtectionLayer::Kind::general_ciphering : ProtectionLayer::Kind::general_signing;
        layer.key = element.key;
        layer.protection = element.protection;
        if (!element.other_information.empty() || !layer.transaction_id.assign(element.transaction_id)) {
            return Error(SecurityError::malformed);
        }
        const auto begin = static_cast<std::size_t>(octets.data() - buffer.data());
        const auto apdu = seal_layer(crypto, suite, layer, invocation_counter, keys, buffer, begin, octets.size());
        if (!apdu) return Error(apdu.error());
        const auto apart = take_apart(
            buffer.subspan(static_cast<std::size_t>(apdu->data() - buffer.data()), apdu->size()), element, parameters);
        if (!apart) return Error(apart.error());
        octets = *apart;
    }
    return octets;
}

Result<OpenedData, SecurityError> open_data(Crypto& crypto, std::uint8_t suite, const ProtectionElements& elements,
                                            const GeneralKeys& keys, ByteView octets, ByteSpan buffer) {
    if (octets.size() > buffer.size()) return Error(SecurityError::no_room);
    ByteSpan text = buffer.last(octets.size());
    std::ranges::copy(octets, text.begin());
    OpenedData opened;
    for (std::size_t i = elements.size(); i > 0; --i) {
        const ProtectionElement& element = elements[i - 1];
        const auto curve = curve_of_suite(suite);
        if (!element.ciphers() && !curve) return Error(SecurityError::unknown_suite);
        const std::size_t signature_length = element.ciphers() ? 0 : signature_size(*curve);
        if (text.size() < signature_length) return Error(SecurityError::truncated);
        const auto apdu = put_together(element, signature_length, buffer,
                                       static_cast<std::size_t>(text.data() - buffer.data()), text.size());
        if (!apdu) return Error(SecurityError::no_room);
        const auto layer = open_layer(crypto, suite, keys, *apdu);
        if (!layer) return Error(layer.error());
        // The element says what is asked for, the octets what is there.
        if (layer->layer.protection != element.protection) return Error(SecurityError::malformed);
        opened.protection = opened.protection | element.protection;
        if (element.ciphers()) opened.invocation_counter = layer->invocation_counter;
        text = layer->inside;
    }
    opened.text = text;
    return opened;
}

}  // namespace ferraris::dlms
