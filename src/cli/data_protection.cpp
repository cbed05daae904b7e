#include "cli/data_protection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/error.hpp"
#include "cli/key_file.hpp"
#include "dlms/security/key_derivation.hpp"

namespace ferraris::cli {
namespace {

using dlms::KeyChoice;

struct DataKey {
    const char* option;
    KeyChoice key;
};
constexpr std::array kDataKeys{
    DataKey{"identified", KeyChoice::identified_unicast},
    DataKey{"wrapped", KeyChoice::wrapped},
    DataKey{"one-pass", KeyChoice::one_pass},
    DataKey{"static", KeyChoice::static_unified},
};

/// Parameters, heads and tags around a value.
constexpr std::size_t kAround = 2048;

template <class Write>
Octets encoded(std::size_t room, Write&& write) {
    Octets octets(room);
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    write(data);
    octets.resize(out.size());
    return octets;
}

void put_attribute_list(dlms::DataWriter& data, const dlms::AttributeDescriptor& attribute) {
    data.array(1);
    data.structure(5);
    data.long_unsigned(attribute.class_id);
    data.octet_string(attribute.instance);
    data.integer(attribute.attribute);
    data.long_unsigned(0);
    data.structure(2);
    data.enum_(0);
    data.null_data();
}

/// The answer has the very layers that were asked for.
bool same_layers(const dlms::ProtectionElements& wanted, const dlms::ProtectionElements& given) {
    return std::ranges::equal(wanted, given, [](const auto& a, const auto& b) {
        return a.protection == b.protection && equal(a.transaction_id, b.transaction_id) &&
               (!a.ciphers() || a.key == b.key);
    });
}

}  // namespace

std::vector<std::string> data_protection_options() {
    std::vector<std::string> options;
    options.reserve(kDataKeys.size());
    for (const DataKey& key : kDataKeys) options.emplace_back(key.option);
    return options;
}

DataProtection::DataProtection(Crypto& crypto, const std::string& option, dlms::Protection protection,
                               std::uint8_t suite, const dlms::GeneralKeys& keys)
    : crypto_(crypto), suite_(suite), keys_(keys) {
    if (!crypto_.random(transaction_id_)) throw CliError("the system has no random numbers for a transaction id");
    const auto* const key = std::ranges::find_if(kDataKeys, [&](const DataKey& row) { return option == row.option; });
    const bool agreed =
        key != kDataKeys.end() && (key->key == KeyChoice::one_pass || key->key == KeyChoice::static_unified);
    if (!dlms::curve_of_suite(suite) && (agreed || protection.digitally_signed)) {
        throw CliError(
            fmt::format("--data-protection {}{} needs suite 1 or 2, and this client has suite 0, which has no "
                        "curve",
                        option, protection.digitally_signed ? " with --sign" : ""));
    }
    if (protection.digitally_signed) {
        dlms::ProtectionElement signature;
        signature.protection = {false, false, true};
        signature.transaction_id = transaction_id_;
        (void)elements_.push_back(signature);
    }
    if (protection.ciphered()) {
        dlms::ProtectionElement cipher;
        cipher.protection = {protection.authenticated, protection.encrypted, false};
        cipher.transaction_id = transaction_id_;
        cipher.key = key == kDataKeys.end() ? KeyChoice::identified_unicast : key->key;
        (void)elements_.push_back(cipher);
    }
}

Octets DataProtection::get_request(const dlms::AttributeDescriptor& attribute) const {
    return encoded(kAround, [&](dlms::DataWriter& data) {
        data.structure(2);
        put_attribute_list(data, attribute);
        data.array(elements_.size());
        for (const dlms::ProtectionElement& element : elements_) dlms::put_protection_element(data, element);
    });
}

Octets DataProtection::protect(ByteView text, std::uint32_t counter, Octets& parameters) const {
    Octets memory(text.size() + kAround);
    std::ranges::copy(text, memory.begin());
    Octets protected_octets;
    bool good = false;
    parameters = encoded(kAround, [&](dlms::DataWriter& data) {
        const auto octets =
            dlms::protect_data(crypto_, suite_, elements_, counter, keys_, memory, 0, text.size(), data);
        good = octets.has_value();
        if (good) protected_octets.assign(octets->begin(), octets->end());
    });
    if (!good) throw CliError("the data cannot be protected like this; see that the key file has the keys it takes");
    return protected_octets;
}

Octets DataProtection::set_request(const dlms::AttributeDescriptor& attribute, ByteView value,
                                   std::uint32_t counter) const {
    const Octets text = encoded(value.size() + kAround, [&](dlms::DataWriter& data) {
        data.structure(1);
        data.out().put(value);
    });
    Octets parameters;
    const Octets octets = protect(text, counter, parameters);
    return encoded(octets.size() + kAround, [&](dlms::DataWriter& data) {
        data.structure(3);
        put_attribute_list(data, attribute);
        data.out().put(parameters);
        data.octet_string(octets);
    });
}

Octets DataProtection::call_request(const dlms::MethodDescriptor& method, ByteView call_parameters,
                                    std::uint32_t counter) const {
    Octets parameters;
    const Octets octets = protect(call_parameters, counter, parameters);
    return encoded(octets.size() + kAround, [&](dlms::DataWriter& data) {
        data.structure(3);
        data.structure(3);
        data.long_unsigned(method.class_id);
        data.octet_string(method.instance);
        data.integer(method.method);
        data.out().put(parameters);
        data.octet_string(octets);
    });
}

Octets DataProtection::open_answer(ByteView returned) const {
    dlms::DataReader in(returned);
    const std::size_t fields = in.structure();
    const auto elements = dlms::take_protection_parameters(in);
    const ByteView octets = in.octet_string();
    if (fields != 2 || !elements || !in.finished() || !same_layers(elements_, *elements)) {
        throw CliError("what the meter's data protection object returned is not protected as it was asked for");
    }
    Octets memory(octets.size() + kAround);
    const auto opened = dlms::open_data(crypto_, suite_, *elements, keys_, octets, memory);
    if (!opened) {
        throw CliError(
            "what the meter's data protection object returned does not open with these keys: wrong keys, or "
            "somebody altered it");
    }
    return {opened->text.begin(), opened->text.end()};
}

Octets DataProtection::open_value(ByteView returned) const {
    const Octets text = open_answer(returned);
    dlms::DataReader in(text);
    const std::size_t fields = in.structure();
    const auto value = in.any();
    if (fields != 1 || !value || !in.finished()) {
        throw CliError("what the meter's data protection object returned is not the one value that was asked for");
    }
    return {value->encoded.begin(), value->encoded.end()};
}

}  // namespace ferraris::cli
