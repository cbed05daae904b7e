// Class 30, Data protection, version 0 (IEC 62056-6-2): other objects are read, written and called through it, with
// protection of the data themselves, end to end.
#include <algorithm>
#include <array>

#include "dlms/security/data_protection.hpp"
#include "meter/objects/classes.hpp"
#include "meter/objects/selected_attribute.hpp"
#include "meter/security/data_protection.hpp"
#include "meter/security/party_keys.hpp"
#include "meter/security/security_policy.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::ProtectionElements;
using dlms::SecurityError;

constexpr std::uint16_t kOwnClassId = 30;
/// Protected octets of a request, and the head of an APDU while they are opened.
constexpr std::size_t kMaxProtectedRequest = 1024;
using RequestMemory = std::array<std::uint8_t, kMaxProtectedRequest>;

/// The numbers of results are the same where both services have them.
ActionResult as_action(DataAccessResult result) { return static_cast<ActionResult>(result); }

std::size_t client_of(const Context& context) {
    return client_index(context.caller.association.client_sap).value_or(kTechnicianIndex);
}

/// The title that all elements have in common, that of the association's client where they have none. Nothing: titles
/// of several.
std::optional<ByteView> party_of(const Context& context, const ProtectionElements& elements,
                                 ByteView dlms::ProtectionElement::*title) {
    ByteView party = context.caller.association.client_system_title.view();
    bool named = false;
    for (const dlms::ProtectionElement& element : elements) {
        const ByteView given = element.*title;
        if (given.empty()) continue;
        if (named && !equal(given, party)) return std::nullopt;
        party = given;
        named = true;
    }
    return party;
}

/// A signature tells who, and only an authenticated counter or the asker's own transaction id tells when.
bool is_fresh(const ProtectionElements& elements) {
    const dlms::Protection all = dlms::protection_of(elements);
    return !all.digitally_signed || all.authenticated ||
           std::ranges::any_of(elements, [](const auto& element) { return !element.transaction_id.empty(); });
}

DataAccessResult result_of(SecurityError error) {
    switch (error) {
        case SecurityError::no_room:
            return DataAccessResult::other_reason;
        case SecurityError::crypto_failed:
            return DataAccessResult::hardware_fault;
        case SecurityError::malformed:
        case SecurityError::truncated:
            return DataAccessResult::type_unmatched;
        default:
            return DataAccessResult::read_write_denied;
    }
}

struct ProtectedData {
    std::array<std::uint8_t, dlms::kMaxProtectionParameters> memory{};
    ByteView parameters{};
    ByteView octets{};  ///< in the memory of the answer
};

/// Protects the `length` octets at the begin of `memory` for who asks.
DataAccessResult protect(const Context& context, const ProtectionElements& elements, ByteSpan memory,
                         std::size_t length, ProtectedData& made) {
    const auto recipient = party_of(context, elements, &dlms::ProtectionElement::recipient_system_title);
    if (!recipient) return DataAccessResult::type_unmatched;
    Instrument& meter = context.meter;
    std::uint32_t counter = 0;
    if (dlms::protection_of(elements).ciphered()) {
        const auto next = meter.counters.next(meter.parameters, client_of(context));
        if (!next) return DataAccessResult::temporary_failure;
        counter = *next;
    }
    const PartyKeys keys(meter, client_of(context), *recipient, dlms::needs_curve_keys(elements));
    ByteWriter out(made.memory);
    dlms::DataWriter parameters(out);
    const auto octets = dlms::protect_data(meter.crypto, meter.security[client_of(context)].suite, elements, counter,
                                           keys.view(), memory, 0, length, parameters);
    if (!octets) return result_of(octets.error());
    if (out.overflowed()) return DataAccessResult::other_reason;
    made.parameters = out.written();
    made.octets = *octets;
    return DataAccessResult::success;
}

bool answer_may_be(const Context& context, const ProtectionElements& elements) {
    const dlms::Protection required = policy::of_answers(required_protection(context.meter.parameters));
    return dlms::protection_of(elements).covers(required) && is_fresh(elements);
}

/// What a request addresses through this object has no other rights than it has without it, and is no object of this
/// class again.
const ObjectRow* row_behind(const Context& context, std::uint16_t class_id, const dlms::LogicalName& name) {
    const ObjectRow* row = find_object(name);
    const bool seen = row != nullptr && row->object_class->class_id == class_id &&
                      !context.meter.associations[client_of(context)].has_removed(name);
    return seen ? row : nullptr;
}

DataAccessResult read_list(const Context& context, ByteView list, ByteWriter& out) {
    dlms::DataReader in(list);
    const std::size_t count = in.array();
    dlms::DataWriter(out).structure(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto selected = take_selected_attribute(in, Columns::none);
        if (!selected) return DataAccessResult::type_unmatched;
        const ObjectRow* row = row_behind(context, selected->attribute.class_id, selected->attribute.instance);
        if (row == nullptr) return DataAccessResult::object_undefined;
        if (row->object_class->class_id == kOwnClassId) return DataAccessResult::scope_of_access_violated;
        const auto outcome = read_selected(context.meter, context.caller, context.level, *selected, out);
        if (outcome.result != DataAccessResult::success) return outcome.result;
        if (!outcome.complete) return DataAccessResult::other_reason;
    }
    if (!in.finished()) return DataAccessResult::type_unmatched;
    return out.overflowed() ? DataAccessResult::other_reason : DataAccessResult::success;
}

DataAccessResult read_protected(const Context& context, ByteView list, const ProtectionElements& elements,
                                ByteSpan memory, ProtectedData& made) {
    if (!answer_may_be(context, elements)) return DataAccessResult::read_write_denied;
    ByteWriter values(memory);
    const DataAccessResult result = read_list(context, list, values);
    if (result != DataAccessResult::success) return result;
    return protect(context, elements, memory, values.size(), made);
}

/// Behind `head` goes `octets`, which lie in the same memory, as an octet-string. False: no room.
template <class PutHead>
bool put_with_octets(ByteWriter& out, ByteView octets, PutHead&& put_head) {
    const auto put = [&](ByteWriter& to) {
        put_head(to);
        to.u8(static_cast<std::uint8_t>(dlms::DataTag::octet_string));
        dlms::put_length(to, octets.size());
    };
    ByteWriter measure{ByteSpan{}};
    put(measure);
    const ByteSpan memory = out.unused();
    if (memory.size() < measure.produced() + octets.size()) return false;
    const auto target = memory.begin() + static_cast<std::ptrdiff_t>(measure.produced());
    if (octets.data() >= &*target) {
        std::copy(octets.begin(), octets.end(), target);
    } else {
        std::copy_backward(octets.begin(), octets.end(), target + static_cast<std::ptrdiff_t>(octets.size()));
    }
    put(out);
    out.advance(octets.size());
    return true;
}

bool put_answer(ByteWriter& out, const ProtectedData& made) {
    return put_with_octets(out, made.octets, [&](ByteWriter& head) {
        dlms::DataWriter(head).structure(2);
        head.put(made.parameters);
    });
}

/// What a request has under protection, opened into `memory`.
DataAccessResult open(const Context& context, const ProtectionElements& elements, ByteView octets,
                      RequestMemory& memory, ByteView& text) {
    Instrument& meter = context.meter;
    const dlms::Protection all = dlms::protection_of(elements);
    const dlms::Protection required = policy::of_requests(required_protection(meter.parameters));
    // Of a signature alone nothing rises: whoever saw it could play it back.
    if (!all.covers(required) || (all.digitally_signed && !all.authenticated)) {
        meter.report_security(dlms::SecurityEvent::protection_insufficient);
        return DataAccessResult::read_write_denied;
    }
    const auto originator = party_of(context, elements, &dlms::ProtectionElement::originator_system_title);
    if (!originator) return DataAccessResult::type_unmatched;
    const PartyKeys keys(meter, client_of(context), *originator, dlms::needs_curve_keys(elements));
    const auto opened =
        dlms::open_data(meter.crypto, meter.security[client_of(context)].suite, elements, keys.view(), octets, memory);
    if (!opened) {
        meter.report_security(dlms::SecurityEvent::deciphering_failed);
        return result_of(opened.error());
    }
    text = opened->text;
    if (!opened->invocation_counter) return DataAccessResult::success;
    switch (accept_data_counter(meter.parameters, static_cast<std::uint8_t>(client_of(context)), *originator,
                                *opened->invocation_counter, opened->protection.authenticated)) {
        case CounterVerdict::accepted:
            return DataAccessResult::success;
        case CounterVerdict::replayed:
            meter.report_security(dlms::SecurityEvent::replay_refused);
            return DataAccessResult::read_write_denied;
        case CounterVerdict::not_durable:
            return DataAccessResult::hardware_fault;
        case CounterVerdict::no_place:
            break;
    }
    return DataAccessResult::temporary_failure;
}

/// Calls `each` for every attribute of the list and its value, until one does not succeed.
template <class Each>
DataAccessResult for_each_value(const Context& context, ByteView list, ByteView values, Each&& each) {
    dlms::DataReader in(list);
    dlms::DataReader value(values);
    const std::size_t count = in.array();
    if (value.structure() != count) return DataAccessResult::type_unmatched;
    for (std::size_t i = 0; i < count; ++i) {
        const auto selected = take_selected_attribute(in, Columns::none);
        const auto element = value.any();
        if (!selected || !element) return DataAccessResult::type_unmatched;
        if (!selected->whole()) return DataAccessResult::scope_of_access_violated;
        const ObjectRow* row = row_behind(context, selected->attribute.class_id, selected->attribute.instance);
        if (row == nullptr) return DataAccessResult::object_undefined;
        if (row->object_class->class_id == kOwnClassId) return DataAccessResult::scope_of_access_violated;
        const DataAccessResult result = each(*row, selected->attribute.attribute, element->encoded);
        if (result != DataAccessResult::success) return result;
    }
    return value.finished() ? DataAccessResult::success : DataAccessResult::type_unmatched;
}

DataAccessResult write_protected(const Context& context, ByteView list, const ProtectionElements& elements,
                                 ByteView octets) {
    RequestMemory memory{};
    ByteView values;
    const DataAccessResult opened = open(context, elements, octets, memory, values);
    if (opened != DataAccessResult::success) return opened;
    // Nothing is written unless all of it is there; what a value is refused for, its own attribute says.
    const DataAccessResult formed = for_each_value(
        context, list, values, [](const ObjectRow&, std::int8_t, ByteView) { return DataAccessResult::success; });
    if (formed != DataAccessResult::success) return formed;
    return for_each_value(context, list, values, [&](const ObjectRow& row, std::int8_t attribute, ByteView value) {
        return write_attribute({context.meter, context.caller, context.level, row}, attribute, value);
    });
}

template <ProtectionSetting setting>
void write_protection(const Context& context, dlms::DataWriter& data) {
    ProtectionSettingMemory memory;
    data.out().put(read_protection_setting(context.meter.parameters, setting, memory));
}

template <ProtectionSetting setting>
DataAccessResult take_protection(const Context& context, ByteView value) {
    switch (check_protection_setting(setting, value)) {
        case ProtectionValue::wrong_type:
            return DataAccessResult::type_unmatched;
        case ProtectionValue::impossible:
            return DataAccessResult::other_reason;
        case ProtectionValue::good:
            break;
    }
    if (setting == ProtectionSetting::object_list && !attributes_exist(value, Columns::none)) {
        return DataAccessResult::object_undefined;
    }
    return write_protection_setting(context.meter.parameters, setting, value) ? DataAccessResult::success
                                                                              : DataAccessResult::hardware_fault;
}

ProtectionElements stored_parameters(const Context& context, ProtectionSetting setting,
                                     ProtectionSettingMemory& memory) {
    dlms::DataReader in(read_protection_setting(context.meter.parameters, setting, memory));
    return dlms::take_protection_parameters(in).value_or(ProtectionElements{});
}

/// The values are captured and protected for this very answer, with a counter of its own: it goes out in one piece, or
/// not at all.
dlms::ReadOutcome stream_buffer(const Context& context, const dlms::Selection* selection, dlms::ReadCursor&,
                                ByteWriter& out) {
    if (selection != nullptr) return dlms::ReadOutcome::failed(DataAccessResult::type_unmatched);
    ProtectionSettingMemory list_memory;
    ProtectionSettingMemory parameters_memory;
    const ByteView list =
        read_protection_setting(context.meter.parameters, ProtectionSetting::object_list, list_memory);
    const auto elements = stored_parameters(context, ProtectionSetting::parameters_get, parameters_memory);
    ProtectedData made;
    const DataAccessResult result = read_protected(context, list, elements, out.unused(), made);
    if (result != DataAccessResult::success) return dlms::ReadOutcome::failed(result);
    if (!put_with_octets(out, made.octets, [](ByteWriter&) {})) {
        return dlms::ReadOutcome::failed(DataAccessResult::other_reason);
    }
    return {DataAccessResult::success, true};
}

DataAccessResult take_buffer(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const ByteView octets = in.octet_string();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    ProtectionSettingMemory list_memory;
    ProtectionSettingMemory parameters_memory;
    const ByteView list =
        read_protection_setting(context.meter.parameters, ProtectionSetting::object_list, list_memory);
    return write_protected(context, list,
                           stored_parameters(context, ProtectionSetting::parameters_set, parameters_memory), octets);
}

/// object_list and protection_parameters, with which two of the methods begin.
struct ListRequest {
    ByteView list{};
    ProtectionElements elements{};
};
std::optional<ListRequest> take_list_request(dlms::DataReader& in, std::size_t fields) {
    if (in.structure() != fields) return std::nullopt;
    const auto list = in.any();
    const auto elements = dlms::take_protection_parameters(in);
    if (!list || list->tag != dlms::DataTag::array || !elements) return std::nullopt;
    return ListRequest{list->encoded, *elements};
}

ActionResult get_protected_attributes(const Context& context, ByteView parameters, ByteWriter& out) {
    dlms::DataReader in(parameters);
    const auto request = take_list_request(in, 2);
    if (!request || !in.finished()) return ActionResult::type_unmatched;
    ProtectedData made;
    const DataAccessResult result = read_protected(context, request->list, request->elements, out.unused(), made);
    if (result != DataAccessResult::success) return as_action(result);
    return put_answer(out, made) ? ActionResult::success : ActionResult::other_reason;
}

ActionResult set_protected_attributes(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const auto request = take_list_request(in, 3);
    const ByteView octets = in.octet_string();
    if (!request || !in.finished()) return ActionResult::type_unmatched;
    return as_action(write_protected(context, request->list, request->elements, octets));
}

/// The answer is protected as the request was, for who sent it.
ProtectionElements mirrored(const ProtectionElements& elements) {
    ProtectionElements answer;
    for (dlms::ProtectionElement element : elements) {
        element.recipient_system_title = element.originator_system_title;
        element.originator_system_title = {};
        element.other_information = {};
        element.key_ciphered_data = {};
        (void)answer.push_back(element);
    }
    return answer;
}

ActionResult invoke_protected_method(const Context& context, ByteView parameters, ByteWriter& out) {
    dlms::DataReader in(parameters);
    if (in.structure() != 3 || in.structure() != 3) return ActionResult::type_unmatched;
    dlms::MethodDescriptor method;
    method.class_id = in.long_unsigned();
    method.instance = in.logical_name();
    method.method = in.integer();
    const auto elements = dlms::take_protection_parameters(in);
    const ByteView octets = in.octet_string();
    if (!elements || !in.finished()) return ActionResult::type_unmatched;
    const ObjectRow* row = row_behind(context, method.class_id, method.instance);
    if (row == nullptr) return ActionResult::object_undefined;
    if (row->object_class->class_id == kOwnClassId) return ActionResult::scope_of_access_violated;
    const ProtectionElements answer = mirrored(*elements);
    if (!answer_may_be(context, answer)) return ActionResult::read_write_denied;
    RequestMemory memory{};
    ByteView text;
    const DataAccessResult opened = open(context, *elements, octets, memory, text);
    if (opened != DataAccessResult::success) return as_action(opened);
    dlms::DataReader value(text);
    if (!text.empty() && (!value.any() || !value.finished())) return ActionResult::type_unmatched;
    const ByteSpan room = out.unused();
    ByteWriter returned(room);
    const ActionResult result =
        invoke_method({context.meter, context.caller, context.level, *row}, method.method, text, returned);
    if (result != ActionResult::success || returned.size() == 0) return result;
    // The method is done: what it returned and cannot be protected is withheld, as anything for which there is no room.
    ProtectedData made;
    if (protect(context, answer, room, returned.size(), made) != DataAccessResult::success || !put_answer(out, made)) {
        return ActionResult::other_reason;
    }
    return ActionResult::success;
}

constexpr std::array<AttributeRow, 5> kAttributes{{
    {nullptr, stream_buffer, take_buffer},
    {write_protection<ProtectionSetting::object_list>, nullptr, take_protection<ProtectionSetting::object_list>},
    {write_protection<ProtectionSetting::parameters_get>, nullptr, take_protection<ProtectionSetting::parameters_get>},
    {write_protection<ProtectionSetting::parameters_set>, nullptr, take_protection<ProtectionSetting::parameters_set>},
    {write_protection<ProtectionSetting::required_protection>, nullptr,
     take_protection<ProtectionSetting::required_protection>},
}};
constexpr std::array<Invoke, 3> kMethods{get_protected_attributes, set_protected_attributes, invoke_protected_method};

}  // namespace

constexpr ClassTable kDataProtectionClass{kOwnClassId, 0, kAttributes, kMethods};

}  // namespace ferraris::meter
