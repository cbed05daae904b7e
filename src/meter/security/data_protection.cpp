#include "meter/security/data_protection.hpp"

#include <algorithm>

#include "base/fixed_vector.hpp"
#include "dlms/security/data_protection.hpp"
#include "meter/objects/selected_attribute.hpp"
#include "meter/security/security_policy.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kMaxProtectedObjects = 16;
constexpr std::uint8_t kDefaultRequiredProtection =
    policy::kRequestAuthenticated | policy::kRequestEncrypted | policy::kAnswerAuthenticated | policy::kAnswerEncrypted;
constexpr std::uint16_t kDataId = 1;
constexpr dlms::LogicalName kDeviceName = dlms::obis(0, 0, 42, 0, 0);

std::uint16_t key_of(ProtectionSetting setting) {
    return key_number(ParameterKey::data_protection, static_cast<std::size_t>(setting));
}

void write_default_setting(dlms::DataWriter& data, ProtectionSetting setting) {
    switch (setting) {
        case ProtectionSetting::object_list:
            data.array(1);
            data.structure(5);
            data.long_unsigned(kDataId);
            data.octet_string(kDeviceName);
            data.integer(2);
            data.long_unsigned(0);
            data.structure(2);
            data.enum_(0);
            return data.null_data();
        case ProtectionSetting::parameters_get:
        case ProtectionSetting::parameters_set:
            data.array(1);
            return dlms::put_protection_element(data, {});
        case ProtectionSetting::required_protection:
            break;
    }
    data.enum_(kDefaultRequiredProtection);
}

bool take_protected_objects(dlms::DataReader& in) {
    const std::size_t count = in.array();
    if (count > kMaxProtectedObjects) return false;
    for (std::size_t i = 0; i < count; ++i) {
        if (!take_selected_attribute(in, Columns::none)) return false;
    }
    return true;
}

bool take_parameters(dlms::DataReader& in, bool to_get) {
    const auto elements = dlms::take_protection_parameters(in);
    return elements && (!to_get || std::ranges::none_of(*elements, [](const dlms::ProtectionElement& element) {
               return element.has_fresh_key() || !element.other_information.empty();
           }));
}

bool take_setting(ProtectionSetting setting, dlms::DataReader& in) {
    switch (setting) {
        case ProtectionSetting::object_list:
            return take_protected_objects(in);
        case ProtectionSetting::parameters_get:
        case ProtectionSetting::parameters_set:
            return take_parameters(in, setting == ProtectionSetting::parameters_get);
        case ProtectionSetting::required_protection:
            break;
    }
    return (in.enum_() & policy::kUnused) == 0;
}

struct PartyCounter {
    std::uint8_t client{0};
    std::array<std::uint8_t, 8> title{};
    std::uint32_t last{0};
};
using PartyCounters = FixedVector<PartyCounter, kMaxProtectingParties>;
constexpr std::size_t kPartyRecord = 1 + 8 + 4;
constexpr std::size_t kCountersRecord = kMaxProtectingParties * kPartyRecord;

PartyCounters read_counters(const ParameterStore& store) {
    std::array<std::uint8_t, kCountersRecord> octets{};
    const auto size = store.read(key_number(ParameterKey::protected_data_counters), octets);
    PartyCounters counters;
    ByteReader in(ByteView(octets).first(size.value_or(0)));
    while (!in.at_end() && !in.failed()) {
        PartyCounter counter;
        counter.client = in.u8();
        std::ranges::copy(in.take(counter.title.size()), counter.title.begin());
        counter.last = in.u32();
        if (in.failed() || !counters.push_back(counter)) break;
    }
    return counters;
}

bool write_counters(ParameterStore& store, const PartyCounters& counters) {
    std::array<std::uint8_t, kCountersRecord> octets{};
    ByteWriter out(octets);
    for (const PartyCounter& counter : counters) {
        out.u8(counter.client);
        out.put(counter.title);
        out.u32(counter.last);
    }
    return store.write(key_number(ParameterKey::protected_data_counters), out.written());
}

}  // namespace

ByteView read_protection_setting(const ParameterStore& store, ProtectionSetting setting,
                                 ProtectionSettingMemory& memory) {
    if (const auto size = store.read(key_of(setting), memory)) return ByteView(memory).first(*size);
    ByteWriter out(memory);
    dlms::DataWriter data(out);
    write_default_setting(data, setting);
    return out.written();
}

ProtectionValue check_protection_setting(ProtectionSetting setting, ByteView value) {
    if (value.size() > kMaxProtectionSetting) return ProtectionValue::impossible;
    dlms::DataReader in(value);
    const bool possible = take_setting(setting, in);
    if (!in.ok()) return ProtectionValue::wrong_type;
    if (!possible) return ProtectionValue::impossible;
    return in.finished() ? ProtectionValue::good : ProtectionValue::wrong_type;
}

bool write_protection_setting(ParameterStore& store, ProtectionSetting setting, ByteView value) {
    return store.write(key_of(setting), value);
}

std::uint8_t required_protection(const ParameterStore& store) {
    ProtectionSettingMemory memory;
    return dlms::DataReader(read_protection_setting(store, ProtectionSetting::required_protection, memory)).enum_();
}

CounterVerdict accept_data_counter(ParameterStore& store, std::uint8_t client, ByteView originator,
                                   std::uint32_t counter, bool remember) {
    PartyCounters counters = read_counters(store);
    auto known = std::ranges::find_if(
        counters, [&](const PartyCounter& party) { return party.client == client && equal(party.title, originator); });
    if (known != counters.end() && counter <= known->last) return CounterVerdict::replayed;
    if (!remember) return CounterVerdict::accepted;
    if (known == counters.end()) {
        PartyCounter party;
        party.client = client;
        if (originator.size() != party.title.size() || counters.full()) return CounterVerdict::no_place;
        std::ranges::copy(originator, party.title.begin());
        (void)counters.push_back(party);
        known = counters.end() - 1;
    }
    known->last = counter;
    return write_counters(store, counters) ? CounterVerdict::accepted : CounterVerdict::not_durable;
}

}  // namespace ferraris::meter
