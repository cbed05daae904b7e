#include "cli/push_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.hpp"
#include "dlms/apdu/data_notification.hpp"
#include "dlms/apdu/event_notification.hpp"
#include "dlms/apdu/general_block_transfer.hpp"
#include "dlms/apdu/general_protection.hpp"
#include "dlms/security/layers.hpp"

namespace ferraris::cli {
namespace {

using dlms::ApduTag;
using dlms::SecurityError;

constexpr std::uint16_t kPushSetup = 40;
constexpr std::size_t kFirstColumns = 4;

/// Behind a value: structure{scaler integer, unit enum}.
bool is_scaler_unit(const Value& value) {
    return value.tag == dlms::DataTag::structure && value.items.size() == 2 &&
           value.items[0].tag == dlms::DataTag::integer && value.items[1].tag == dlms::DataTag::enum_;
}

/// Six octets that end in 255, as the names of all but historical values do.
std::optional<dlms::LogicalName> name_in(const Value& value) {
    if (value.tag != dlms::DataTag::octet_string) return std::nullopt;
    const auto name = value.logical_name();
    return name && name->groups[5] == 0xFF ? name : std::nullopt;
}

struct Definition {
    dlms::AttributeDescriptor attribute{};
    std::int64_t data_index{0};
};

/// Elements of push_object_list: class, name, attribute, data_index, and more in later versions.
std::optional<std::vector<Definition>> definitions_in(const Value& value) {
    if (value.tag != dlms::DataTag::array || value.items.empty()) return std::nullopt;
    std::vector<Definition> definitions;
    for (const Value& item : value.items) {
        if (item.tag != dlms::DataTag::structure || item.items.size() < kFirstColumns) return std::nullopt;
        const auto class_id = item.items[0].integer();
        const auto name = item.items[1].logical_name();
        const auto attribute = item.items[2].integer();
        const auto index = item.items[3].integer();
        if (!class_id || !name || !attribute || !index) return std::nullopt;
        definitions.push_back(
            {{static_cast<std::uint16_t>(*class_id), *name, static_cast<std::int8_t>(*attribute)}, *index});
    }
    return definitions;
}

bool is_register(std::uint16_t class_id) { return class_id == 3 || class_id == 4; }

std::vector<PushedValue> defined_values(const std::vector<Value>& items, const std::vector<Definition>& definitions) {
    std::vector<PushedValue> values;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const dlms::AttributeDescriptor& attribute = definitions[i].attribute;
        // The list itself has done its work; scalers go with the values that they belong to.
        if (attribute.class_id == kPushSetup && attribute.attribute == 2) continue;
        const auto belongs = [&](const Definition& other) {
            return is_register(attribute.class_id) && other.attribute.instance == attribute.instance &&
                   other.attribute.attribute + attribute.attribute == 5 && other.attribute.attribute != 0;
        };
        const auto other = std::ranges::find_if(definitions, belongs);
        if (other != definitions.end() && attribute.attribute == 3) continue;
        PushedValue value{attribute.instance, attribute.class_id, attribute.attribute, items[i], {}};
        if (other != definitions.end() && attribute.attribute == 2) {
            value.scaler_unit = scaler_unit_of(items[static_cast<std::size_t>(other - definitions.begin())]);
        }
        values.push_back(std::move(value));
    }
    return values;
}

void flatten(const std::vector<Value>& items, std::vector<PushedValue>& values) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value& item = items[i];
        const auto name = name_in(item);
        if (name && i + 1 < items.size()) {
            PushedValue value{name, 0, 2, items[++i], {}};
            if (i + 1 < items.size() && is_scaler_unit(items[i + 1])) value.scaler_unit = scaler_unit_of(items[++i]);
            values.push_back(std::move(value));
        } else if (item.is_list()) {
            flatten(item.items, values);
        } else {
            values.push_back({std::nullopt, 0, 0, item, {}});
        }
    }
}

const char* explain_problem(SecurityError error) {
    switch (error) {
        case SecurityError::bad_tag:
        case SecurityError::missing_key:
        case SecurityError::wrong_key_length:
            return "no key of the key file fits";
        case SecurityError::wrong_system_title_length:
            return "it does not tell its sender's system title";
        case SecurityError::wrong_suite:
            return "it is of another security suite than the keys";
        case SecurityError::wrong_party:
            return "it is for somebody else: its recipient is not the system_title of the key file";
        case SecurityError::bad_signature:
            return "the signature is not that of meter_signing_key";
        case SecurityError::unknown_suite:
            return "its security suite is unknown";
        case SecurityError::compression_unsupported:
            return "it is compressed";
        default:
            return "its security header makes no sense";
    }
}

/// Encryption alone proves nothing: what comes out has to make sense.
bool plausible(ByteView plain) {
    if (const auto data = dlms::decode_data_notification(plain)) return decode_value(data->body).has_value();
    return dlms::decode_event_notification(plain).has_value();
}

/// The originator that general-ciphering or general-signing names.
Octets sender_of(ByteView apdu) {
    ByteView title;
    if (const auto ciphering = dlms::decode_general_ciphering(apdu)) title = ciphering->header.originator_system_title;
    if (const auto signing = dlms::decode_general_signing(apdu)) title = signing->header.originator_system_title;
    return {title.begin(), title.end()};
}

std::optional<dlms::DateTime> time_of(ByteView octets) {
    const auto time = dlms::decode_date_time(octets);
    return time && *time != dlms::DateTime{} ? time : std::nullopt;
}

void read_plain(ByteView plain, Push& push) {
    const auto tag = dlms::apdu_tag(plain);
    if (tag == ApduTag::data_notification) {
        const auto notification = dlms::decode_data_notification(plain);
        if (!notification) {
            push.problem = "damaged: it is a data-notification that ends too soon";
            return;
        }
        push.kind = "data-notification";
        push.invoke = notification->invoke.bits;
        push.time = time_of(notification->date_time);
        const auto body = decode_value(notification->body);
        if (body) {
            push.values = pushed_values(*body);
        } else {
            push.problem = fmt::format("its body is no legal A-XDR: {}", to_hex(notification->body));
        }
        return;
    }
    if (tag == ApduTag::event_notification_request) {
        const auto event = dlms::decode_event_notification(plain);
        const auto value = event ? decode_value(event->value) : std::nullopt;
        if (!value) {
            push.problem = "damaged: it is an event-notification that makes no sense";
            return;
        }
        push.kind = "event-notification";
        if (event->time) push.time = time_of(*event->time);
        push.values.push_back(
            {event->attribute.instance, event->attribute.class_id, event->attribute.attribute, *value, {}});
        return;
    }
    push.problem = plain.empty() ? "it is empty" : fmt::format("it is no notification: its tag is {:02X}", plain[0]);
}

}  // namespace

std::vector<PushedValue> pushed_values(const Value& body) {
    if (!body.is_list()) return {{std::nullopt, 0, 0, body, {}}};
    for (const Value& item : body.items) {
        const auto definitions = definitions_in(item);
        if (definitions && definitions->size() == body.items.size()) return defined_values(body.items, *definitions);
    }
    std::vector<PushedValue> values;
    flatten(body.items, values);
    return values;
}

bool PushReader::decipher(ByteView apdu, Push& push, Octets& plain) const {
    const auto header = dlms::read_ciphered_header(apdu);
    if (!header) {
        push.problem = fmt::format("damaged: {}", explain_problem(header.error()));
        return false;
    }
    push.security = *header;
    push.system_title = to_hex(header->apdu.system_title);
    SecurityError worst = SecurityError::missing_key;
    const auto open = [&](const ClientSecrets& secrets) {
        const bool broadcast = header->key_set == dlms::KeySet::global_broadcast;
        const Octets& key = broadcast ? secrets.broadcast_key : secrets.unicast_key;
        plain.assign(apdu.begin(), apdu.end());
        const auto opened =
            dlms::unprotect(crypto_, *header, {header->apdu.system_title, key, secrets.authentication_key}, plain);
        if (!opened) worst = opened.error();
        if (!opened || (!header->protection.authenticated && !plausible(*opened))) return false;
        plain = Octets(opened->begin(), opened->end());
        return true;
    };
    if (keys_ == nullptr) {
        push.problem = "it is ciphered; give the keys with --keys FILE";
        return false;
    }
    SystemTitle title{};
    if (header->apdu.system_title.size() == title.size()) {
        std::ranges::copy(header->apdu.system_title, title.begin());
        const auto meter = keys_->meters.find(title);
        if (meter != keys_->meters.end() && open(meter->second)) return true;
    }
    for (const auto& [sap, secrets] : keys_->clients) {
        if (!open(secrets)) continue;
        push.client = sap;
        return true;
    }
    push.problem = explain_problem(worst);
    plain.clear();
    return false;
}

/// All layers with one set of keys; what was around it is then in `push`.
Result<Octets, SecurityError> PushReader::open_with(const ClientSecrets& secrets, ByteView apdu, Push& push) const {
    Octets octets(apdu.begin(), apdu.end());
    ByteSpan inside = octets;
    const Octets title = sender_of(apdu);
    dlms::GeneralKeys keys;
    if (keys_->system_title) keys.own_system_title = *keys_->system_title;
    keys.peer_system_title = title;
    keys.unicast_encryption = secrets.unicast_key;
    keys.broadcast_encryption = secrets.broadcast_key;
    keys.authentication = secrets.authentication_key;
    keys.master = secrets.master_key;
    keys.own_agreement_private = secrets.agreement_key;
    keys.peer_signing_public = secrets.meter_signing_key;
    keys.peer_agreement_public = secrets.meter_agreement_key;
    dlms::CipheredHeader security;
    security.suite = secrets.suite_or_default();
    while (!inside.empty() && dlms::is_protected(inside[0])) {
        const auto opened = dlms::open_layer(crypto_, security.suite, keys, inside);
        if (!opened) return Error(opened.error());
        security.protection = security.protection | opened->layer.protection;
        if (opened->layer.ciphers()) security.invocation_counter = opened->invocation_counter;
        inside = opened->inside;
    }
    push.security = security;
    return Octets(inside.begin(), inside.end());
}

bool PushReader::open_layers(ByteView apdu, Push& push, Octets& plain) const {
    push.system_title = to_hex(sender_of(apdu));
    if (keys_ == nullptr) {
        push.problem = "it is protected; give the keys with --keys FILE";
        return false;
    }
    SecurityError worst = SecurityError::missing_key;
    const auto open = [&](const ClientSecrets& secrets) {
        const auto opened = open_with(secrets, apdu, push);
        if (!opened) worst = opened.error();
        if (opened) plain = *opened;
        return opened.has_value();
    };
    for (const auto& [title, secrets] : keys_->meters) {
        if (push.system_title == to_hex(title) && open(secrets)) return true;
    }
    for (const auto& [sap, secrets] : keys_->clients) {
        if (!open(secrets)) continue;
        push.client = sap;
        return true;
    }
    push.problem = explain_problem(worst);
    return false;
}

Push PushReader::read(ByteView apdu) const {
    Push push;
    push.apdu.assign(apdu.begin(), apdu.end());
    if (apdu.empty() || !dlms::is_protected(apdu[0])) {
        read_plain(apdu, push);
        return push;
    }
    Octets plain;
    bool opened = dlms::is_ciphered(apdu[0]) ? decipher(apdu, push, plain) : open_layers(apdu, push, plain);
    // A signature inside a general envelope.
    if (opened && !plain.empty() && dlms::is_protected(plain[0]) && !dlms::is_ciphered(plain[0])) {
        const Octets inside = plain;
        dlms::CipheredHeader envelope = *push.security;
        opened = open_layers(inside, push, plain);
        envelope.protection = envelope.protection | push.security->protection;
        push.security = envelope;
    }
    if (opened) read_plain(plain, push);
    return push;
}

ByteView PushAssembler::take(ByteView apdu) {
    if (dlms::apdu_tag(apdu) != ApduTag::general_block_transfer) return apdu;
    const auto block = dlms::decode_general_block(apdu);
    if (!block) {
        damaged_ = true;
        return {};
    }
    // The first block begins anew, whatever was lost of what came before.
    if (block->number == 1) {
        damaged_ = damaged_ || (blocks_.active() && !blocks_.received().empty());
        blocks_.start(dlms::BlockRole::responder, memory_, dlms::kMaxBlockWindow);
    }
    if (!blocks_.active()) {
        damaged_ = true;
        return {};
    }
    switch (blocks_.take(*block)) {
        case dlms::BlockTransfer::Event::complete: {
            const ByteView whole = blocks_.received();
            blocks_.reset();
            return whole;
        }
        case dlms::BlockTransfer::Event::failed:
            damaged_ = true;
            blocks_.reset();
            return {};
        case dlms::BlockTransfer::Event::none:
            break;
    }
    return {};
}

bool PushAssembler::damaged() { return std::exchange(damaged_, false); }

}  // namespace ferraris::cli
