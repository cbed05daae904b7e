// The cases of COSEM objects: what the plans call COSEM_X_Y, over every object of the object list, and the checks of
// single classes.
#include <algorithm>
#include <cctype>

#include "base/hex.hpp"
#include "conform/association.hpp"
#include "conform/attribute_types.hpp"
#include "conform/cases.hpp"

namespace ferraris::conform {
namespace {

using dlms::Conformance;
using dlms::DataAccessResult;
using dlms::obis;

/// Longer buffers are left alone: the plans do so too.
constexpr std::uint32_t kLongestBuffer = 1000;

std::string told(const dlms::AttributeDescriptor& attribute) {
    const auto& g = attribute.instance.groups;
    std::string text = "attribute " + std::to_string(attribute.attribute) + " of ";
    const char* const separators[] = {"-", ":", ".", ".", "*", ""};
    for (std::size_t i = 0; i < 6; ++i) text += std::to_string(g[i]) + separators[i];
    return text + " (class " + std::to_string(attribute.class_id) + ")";
}

std::optional<std::uint32_t> entries_in_use(Association& association, const dlms::LogicalName& profile) {
    const auto entries = association.get({7, profile, 7});
    if (!entries.given()) return std::nullopt;
    dlms::DataReader in(entries.data);
    const std::uint32_t count = in.double_long_unsigned();
    if (!in.finished()) return std::nullopt;
    return count;
}

bool is_too_long(Association& association, const dlms::AttributeDescriptor& attribute) {
    if (attribute.class_id != 7 || attribute.attribute != 2) return false;
    return entries_in_use(association, attribute.instance).value_or(kLongestBuffer + 1) > kLongestBuffer;
}

/// Writing back what was read changes nothing, but for clocks, and but for what makes up the association itself. What
/// is read from a protection_buffer is the meter's own message, which it does not take back.
bool may_be_written_back(const ListedObject& object, const ListedAttribute& attribute) {
    const bool is_message = object.class_id == 30 && attribute.attribute == 2;
    return attribute.readable && attribute.writable && object.class_id != 8 && object.class_id != 15 && !is_message;
}

void check_object(Association& association, const ListedObject& object, bool write_back) {
    for (const ListedAttribute& each : object.attributes) {
        if (each.attribute < 1) continue;  // the manufacturer's own
        const dlms::AttributeDescriptor attribute{object.class_id, object.name, each.attribute};
        if (is_too_long(association, attribute)) continue;
        const auto value = association.get(attribute);
        if (!each.readable) {
            expect(!value.given(), told(attribute) + " is refused, since the object list says that it cannot be read");
            continue;
        }
        expect(value.given(), told(attribute) + " is given, since the object list says that it can be read; result " +
                                  std::to_string(static_cast<int>(value.result)));
        const char* const wrong = wrong_with(attribute, value.data);
        expect(wrong == nullptr, told(attribute) + ": " + (wrong == nullptr ? "" : wrong));
        if (!write_back || !may_be_written_back(object, each)) continue;
        const auto written = association.set(attribute, value.data);
        expect(written == DataAccessResult::success, told(attribute) + " takes back its own value");
    }
}

/// Every attribute of every object, for the public client and for the one that is declared.
void every_object(Bench& bench) {
    {
        Association association = Association::publicly(bench);
        for (const ListedObject& object : association.objects()) check_object(association, object, false);
    }
    if (!bench.target().credentials) return;
    Association association(bench);
    for (const ListedObject& object : association.objects()) {
        check_object(association, object, bench.target().destructive);
    }
}

std::vector<dlms::LogicalName> names_of_class(const std::vector<ListedObject>& objects, std::uint16_t class_id) {
    std::vector<dlms::LogicalName> names;
    for (const ListedObject& object : objects) {
        if (object.class_id == class_id) names.push_back(object.name);
    }
    return names;
}

void mandatory_objects(Bench& bench) {
    Association association = Association::publicly(bench);
    const auto objects = association.objects();
    const auto has = [&](std::uint16_t class_id, const dlms::LogicalName& name) {
        return std::ranges::any_of(
            objects, [&](const ListedObject& object) { return object.class_id == class_id && object.name == name; });
    };
    expect(has(15, kAssociationName.instance), "the current association, 0-0:40.0.0*255, is in the object list");
    expect(has(17, obis(0, 0, 41, 0, 0)), "SAP assignment, 0-0:41.0.0*255, is in the public client's object list");
    const auto name = association.get({1, obis(0, 0, 42, 0, 0), 2});
    expect(name.given(), "the logical device name, 0-0:42.0.0*255, can be read by the public client");
    dlms::DataReader in(name.data);
    const auto element = in.any();
    const bool letters = element && element->content.size() > 3 && element->content.size() <= 16 &&
                         std::ranges::all_of(element->content.first(3), [](std::uint8_t c) { return std::isupper(c); });
    expect(letters, "the logical device name begins with the manufacturer's three letters and has 16 octets at most");
    for (std::size_t i = 0; i < objects.size(); ++i) {
        for (std::size_t j = i + 1; j < objects.size(); ++j) {
            expect(objects[i].class_id != objects[j].class_id || objects[i].name != objects[j].name,
                   "no object stands twice in the object list");
        }
    }
}

Octets list_request(const std::vector<dlms::AttributeDescriptor>& attributes) {
    Octets items(attributes.size() * 16);
    ByteWriter out(items);
    for (const dlms::AttributeDescriptor& attribute : attributes) put(out, dlms::AttributeRequest{attribute, {}});
    dlms::GetRequest request;
    request.choice = dlms::GetRequestChoice::with_list;
    request.attributes = {attributes.size(), out.written()};
    return apdu_octets(request);
}

/// The results of GET with list, whole or in blocks.
std::vector<Association::Value> get_list(Association& association,
                                         const std::vector<dlms::AttributeDescriptor>& attributes) {
    auto answer = association.ask(list_request(attributes));
    Octets gathered;
    bool whole = false;
    while (answer && !whole) {
        const auto response = dlms::decode_get_response(*answer);
        expect(response.has_value(), "GET with list is answered by a well-formed GET response");
        if (response->choice == dlms::GetResponseChoice::with_list) {
            Octets octets(answer->size() + 8);
            ByteWriter out(octets);
            dlms::put_length(out, response->results.count);
            out.put(response->results.octets);
            gathered.assign(out.written().begin(), out.written().end());
            break;
        }
        expect(response->choice == dlms::GetResponseChoice::with_datablock &&
                   response->block.result == DataAccessResult::success,
               "GET with list is answered by a list, whole or in blocks");
        gathered.insert(gathered.end(), response->block.raw_data.begin(), response->block.raw_data.end());
        whole = response->block.last;
        dlms::GetRequest next;
        next.choice = dlms::GetRequestChoice::next;
        next.block_number = response->block.number;
        if (!whole) answer = association.ask_for(next);
    }
    dlms::ApduReader in(gathered);
    dlms::ListView<dlms::GetDataResult> results;
    take(in, results);
    in.end();
    expect(!in.failed() && results.count == attributes.size(), "GET with list gives a result for each attribute");
    std::vector<Association::Value> values;
    for (const dlms::GetDataResult& result : results) {
        values.push_back({result.result, {result.data.begin(), result.data.end()}});
    }
    return values;
}

/// The first attributes of ten objects; what moves by itself (clocks, registers under load) is left out.
void multiple_references(Bench& bench) {
    Association association(bench);
    association.need(Conformance::multiple_references, "multiple references");
    std::vector<dlms::AttributeDescriptor> attributes;
    for (const ListedObject& object : association.objects()) {
        if (object.class_id != 1 && object.class_id != 15 && object.class_id != 17) continue;
        if (object.may_read(1)) attributes.push_back({object.class_id, object.name, 1});
        if (attributes.size() == 10) break;
    }
    if (attributes.empty()) throw Finding{Verdict::inconclusive, "there is nothing to ask for"};
    // And one that is long: the object list itself.
    attributes.push_back({15, kAssociationName.instance, 2});
    const auto together = get_list(association, attributes);
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        const auto alone = association.get(attributes[i]);
        expect(together[i].result == alone.result && together[i].data == alone.data,
               told(attributes[i]) + " is the same in a list as alone");
    }
}

/// What is not set up is an empty array, or a structure of its type with nothing in it, and no other type.
void dummy_attributes(Bench& bench) {
    Association association(bench);
    constexpr std::uint16_t kClasses[]{6, 7, 9, 11, 20, 21, 22};
    std::size_t checked = 0;
    for (const ListedObject& object : association.objects()) {
        if (std::ranges::find(kClasses, object.class_id) == std::end(kClasses)) continue;
        for (const ListedAttribute& each : object.attributes) {
            const dlms::AttributeDescriptor attribute{object.class_id, object.name, each.attribute};
            if (each.attribute < 2 || !each.readable || is_too_long(association, attribute)) continue;
            const auto value = association.get(attribute);
            expect(value.given(), told(attribute) + " is given although it may not be set up");
            const char* const wrong = wrong_with(attribute, value.data);
            expect(wrong == nullptr, told(attribute) + ": " + (wrong == nullptr ? "" : wrong));
            ++checked;
        }
    }
    if (checked == 0)
        throw Finding{Verdict::not_applicable, "the meter has no object of classes 6, 7, 9, 11, 20 to 22"};
}

/// structure{from, to, first column, last column}
dlms::Selection by_entry(std::uint32_t from, std::uint32_t to, Octets& memory) {
    memory.resize(32);
    ByteWriter out(memory);
    dlms::DataWriter data(out);
    data.structure(4);
    data.double_long_unsigned(from);
    data.double_long_unsigned(to);
    data.long_unsigned(1);
    data.long_unsigned(0);
    memory.resize(out.size());
    return {2, memory};
}

std::size_t rows_of(const Octets& buffer) {
    dlms::DataReader in(buffer);
    if (in.peek() != dlms::DataTag::array) return 0;
    return in.array();
}

void profile_generic(Bench& bench) {
    Association association(bench);
    const auto objects = association.objects();
    std::size_t checked = 0;
    for (const ListedObject& object : objects) {
        if (object.class_id != 7 || !object.may_read(2) || !object.may_read(3) || !object.may_read(7)) continue;
        const auto columns = association.get({7, object.name, 3});
        expect(columns.given() && rows_of(columns.data) != 0, told({7, object.name, 3}) + " names what is captured");
        const auto in_use = entries_in_use(association, object.name);
        expect(in_use.has_value(), told({7, object.name, 7}) + " says how many rows there are");
        ++checked;
        if (!association.negotiated(Conformance::selective_access) || *in_use == 0) continue;
        Octets memory;
        const auto first = association.get({7, object.name, 2}, by_entry(1, 1, memory));
        expect(first.given() && rows_of(first.data) == 1, told({7, object.name, 2}) + " gives its first entry alone");
        const auto behind = association.get({7, object.name, 2}, by_entry(*in_use + 1000, *in_use + 1001, memory));
        expect(!behind.given() || rows_of(behind.data) == 0,
               told({7, object.name, 2}) + " gives no row behind its last one");
    }
    if (checked == 0) throw Finding{Verdict::not_applicable, "this client may read no profile"};
}

void script_table(Bench& bench) {
    Association association(bench);
    std::size_t checked = 0;
    for (const auto& name : names_of_class(association.objects(), 9)) {
        const auto value = association.get({9, name, 2});
        if (!value.given()) continue;
        ++checked;
        dlms::DataReader in(value.data);
        const std::size_t scripts = in.array();
        for (std::size_t i = 0; i < scripts && in.ok(); ++i) {
            (void)in.structure();
            (void)in.long_unsigned();
            const std::size_t actions = in.array();
            for (std::size_t j = 0; j < actions && in.ok(); ++j) {
                (void)in.structure();
                const std::uint8_t service = in.enum_();
                (void)in.long_unsigned();
                (void)in.logical_name();
                (void)in.integer();
                (void)in.any();
                expect(service <= 2, told({9, name, 2}) + ": service_id is 0, 1 or 2");
            }
        }
        expect(in.finished(), told({9, name, 2}) + " is an array of scripts");
    }
    if (checked == 0) throw Finding{Verdict::not_applicable, "this client may read no script table"};
}

/// What a push setup refers to is there: whoever receives a push can make sense of it. That pushes arrive is for who
/// listens, and not on this line.
void push_setup(Bench& bench) {
    Association association(bench);
    const auto objects = association.objects();
    std::size_t checked = 0;
    for (const auto& name : names_of_class(objects, 40)) {
        const auto list = association.get({40, name, 2});
        if (!list.given()) continue;
        ++checked;
        // A client that may see what is pushed need not see where to, nor the objects that others get pushed.
        const auto destination = association.get({40, name, 3});
        dlms::DataReader in(list.data);
        const std::size_t count = in.array();
        for (std::size_t i = 0; i < count && in.ok(); ++i) {
            const std::size_t fields = in.structure();
            expect(fields >= 4, told({40, name, 2}) + " names class, object, attribute and index");
            const std::uint16_t class_id = in.long_unsigned();
            const dlms::LogicalName target = in.logical_name();
            (void)in.integer();
            for (std::size_t rest = 3; rest < fields; ++rest) (void)in.any();
            expect(!destination.given() || std::ranges::any_of(objects,
                                                               [&](const ListedObject& object) {
                                                                   return object.class_id == class_id &&
                                                                          object.name == target;
                                                               }),
                   told({40, name, 2}) + " names objects of the object list");
        }
        expect(in.finished(), told({40, name, 2}) + " is an array of what is pushed");
        if (!destination.given()) continue;
        dlms::DataReader to(destination.data);
        expect(to.structure() == 3, told({40, name, 3}) + " has service, destination, message");
        expect(to.enum_() <= 10, told({40, name, 3}) + ": the transport service is one of the enumeration");
    }
    if (checked == 0) throw Finding{Verdict::not_applicable, "this client may read no push setup"};
}

void security_setup(Bench& bench) {
    Association association(bench);
    const auto names = names_of_class(association.objects(), 64);
    if (names.empty()) throw Finding{Verdict::not_applicable, "this client sees no security setup"};
    for (const auto& name : names) {
        for (const std::int8_t attribute : {std::int8_t{2}, std::int8_t{3}, std::int8_t{5}}) {
            const auto value = association.get({64, name, attribute});
            expect(value.given(), told({64, name, attribute}) + " can be read");
            const char* const wrong = wrong_with({64, name, attribute}, value.data);
            expect(wrong == nullptr, told({64, name, attribute}) + ": " + (wrong == nullptr ? "" : wrong));
        }
        const auto title = association.get({64, name, 5});
        dlms::DataReader in(title.data);
        expect(in.octet_string().size() == 8 && in.finished(), "server_system_title has 8 octets");
    }
}

constexpr const char* kBlueBook = "IEC 62056-6-2, clause 5";

constexpr Case kCases[]{
    {"COSEM_X_Y", "Every attribute of every object in every association", kBlueBook, every_object},
    {"COSEM_MandatoryObjects", "Current association, SAP assignment, logical device name", "IEC 62056-6-2, clause 4",
     mandatory_objects},
    {"COSEM_MultipleReferences", "Values asked for together and alone", "IEC 62056-5-3, 7.3", multiple_references},
    {"COSEM_DummyAttributes", "Attributes that are not set up", kBlueBook, dummy_attributes},
    {"COSEM_ProfileGeneric", "Buffers, and selective access by entry", "IEC 62056-6-2, class 7", profile_generic},
    {"COSEM_ScriptTable", "Scripts and their services", "IEC 62056-6-2, class 9", script_table},
    {"COSEM_Push", "Push setup, and what it refers to", "IEC 62056-6-2, class 40", push_setup},
    {"COSEM_SecuritySetup", "Policy, suite and system title", "IEC 62056-6-2, class 64", security_setup},
};

}  // namespace

std::span<const Case> object_cases() { return kCases; }

}  // namespace ferraris::conform
