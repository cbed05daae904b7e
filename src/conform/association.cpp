#include "conform/association.hpp"

#include <algorithm>

namespace ferraris::conform {
namespace {

using dlms::Conformance;

/// Blocks of one value; a meter that goes on behind them talks for ever.
constexpr std::uint32_t kMostBlocks = 20'000;
/// From version 3 on an access mode is a set of bits (IEC 62056-6-2, class 15).
constexpr std::uint8_t kFirstVersionOfBits = 3;

bool may_read(std::uint8_t version, std::uint8_t mode) {
    if (version >= kFirstVersionOfBits) return (mode & 1U) != 0;
    return mode == 1 || mode == 3 || mode == 4 || mode == 6;
}
bool may_write(std::uint8_t version, std::uint8_t mode) {
    if (version >= kFirstVersionOfBits) return (mode & 2U) != 0;
    return mode == 2 || mode == 3 || mode == 5 || mode == 6;
}

struct Mode {
    std::int8_t attribute{0};
    std::uint8_t mode{0};
};
struct RawObject {
    ListedObject object{};
    std::vector<Mode> modes{};
};

/// structure{class, version, logical name, structure{array of attributes, array of methods}}
RawObject take_object(dlms::DataReader& in) {
    RawObject raw;
    if (in.structure() != 4) return raw;
    raw.object.class_id = in.long_unsigned();
    raw.object.version = in.unsigned_();
    raw.object.name = in.logical_name();
    if (in.structure() != 2) return raw;
    const std::size_t attributes = in.array();
    for (std::size_t i = 0; i < attributes && in.ok(); ++i) {
        if (in.structure() != 3) break;
        const std::int8_t attribute = in.integer();
        const std::uint8_t mode = in.enum_();
        (void)in.any();  // selectors
        raw.modes.push_back({attribute, mode});
    }
    (void)in.any();  // methods
    return raw;
}

}  // namespace

bool ListedObject::may_read(std::int8_t attribute) const {
    return std::ranges::any_of(
        attributes, [&](const ListedAttribute& each) { return each.attribute == attribute && each.readable; });
}

dlms::InitiateRequest full_initiate() {
    dlms::InitiateRequest initiate = usual_initiate();
    initiate.proposed_conformance =
        initiate.proposed_conformance | Conformance::block_transfer_with_set | Conformance::block_transfer_with_action;
    return initiate;
}

Association::Association(Bench& bench, const dlms::InitiateRequest& initiate) : bench_(bench) {
    if (!bench.target().credentials) {
        open_publicly(initiate);
        return;
    }
    secure_ = std::make_unique<SecureDialogue>(bench);
    secure_->associate({}, initiate);
    conformance_ = secure_->conformance();
}

Association Association::publicly(Bench& bench, const dlms::InitiateRequest& initiate) {
    Association association(bench, NotYetOpen{});
    association.open_publicly(initiate);
    return association;
}

void Association::open_publicly(const dlms::InitiateRequest& initiate) {
    plain_ = std::make_unique<Dialogue>(bench_, bench_.target().public_sap);
    const Octets answer = plain_->associate(encode_aarq({}, initiate));
    const auto aare = dlms::decode_aare(answer);
    const auto response = aare->user_information ? dlms::decode_initiate_response(*aare->user_information)
                                                 : dlms::decode_initiate_response({});
    if (aare->result != dlms::AssociationResult::accepted || !response) {
        throw Finding{Verdict::inconclusive, "the public client may not associate"};
    }
    conformance_ = response->negotiated_conformance;
}

void Association::need(Conformance bit, const std::string& what) const {
    if (!negotiated(bit))
        throw Finding{Verdict::not_applicable, "the meter does not offer " + what + " to this client"};
}

std::optional<Octets> Association::ask(const Octets& apdu) {
    if (plain_) return plain_->exchange(apdu);
    auto answer = secure_->ask(apdu);
    if (!answer) return std::nullopt;
    // An exception has no envelope of a service.
    if (dlms::apdu_tag(*answer) == dlms::ApduTag::exception_response) return answer;
    return secure_->open(*answer);
}

Association::Value Association::get(const dlms::AttributeDescriptor& attribute,
                                    const std::optional<dlms::Selection>& selection) {
    dlms::GetRequest request;
    request.attribute = {attribute, selection};
    auto answer = ask_for(request);
    Value value;
    for (std::uint32_t number = 1; answer && number <= kMostBlocks; ++number) {
        const auto response = dlms::decode_get_response(*answer);
        if (!response) return value;
        if (response->choice == dlms::GetResponseChoice::normal) {
            value.result = response->result.result;
            value.data.assign(response->result.data.begin(), response->result.data.end());
            return value;
        }
        if (response->choice != dlms::GetResponseChoice::with_datablock) return value;
        const dlms::DataBlock& block = response->block;
        if (block.result != dlms::DataAccessResult::success) return {block.result, {}};
        expect(block.number == number, "the blocks of an answer are numbered from 1, each by one more");
        value.data.insert(value.data.end(), block.raw_data.begin(), block.raw_data.end());
        if (block.last) {
            value.result = dlms::DataAccessResult::success;
            return value;
        }
        dlms::GetRequest next;
        next.choice = dlms::GetRequestChoice::next;
        next.block_number = number;
        answer = ask_for(next);
    }
    return value;
}

std::optional<dlms::DataAccessResult> Association::set(const dlms::AttributeDescriptor& attribute,
                                                       const Octets& value) {
    dlms::SetRequest request;
    request.attribute.attribute = attribute;
    request.value = value;
    const auto answer = ask_for(request);
    const auto response = answer ? dlms::decode_set_response(*answer) : dlms::decode_set_response({});
    if (!response) return std::nullopt;
    return response->result;
}

std::optional<dlms::ActionOutcome> Association::call(const dlms::MethodDescriptor& method, const Octets& parameters) {
    dlms::ActionRequest request;
    request.method = method;
    request.parameters = parameters;
    const auto answer = ask_for(request);
    if (!answer) return std::nullopt;
    last_ = *answer;
    const auto response = dlms::decode_action_response(last_);
    if (!response || response->choice != dlms::ActionResponseChoice::normal) return std::nullopt;
    return response->outcome;
}

std::vector<ListedObject> Association::objects() {
    const Value list = get({15, kAssociationName.instance, 2});
    if (!list.given()) throw Finding{Verdict::inconclusive, "the object list cannot be read by this client"};
    dlms::DataReader in(list.data);
    const std::size_t count = in.array();
    std::vector<RawObject> raw;
    for (std::size_t i = 0; i < count && in.ok(); ++i) raw.push_back(take_object(in));
    expect(in.finished() && !raw.empty(), "the object list is an array of objects with their access rights");
    const auto current = std::ranges::find_if(raw, [](const RawObject& each) {
        return each.object.class_id == 15 && each.object.name == kAssociationName.instance;
    });
    expect(current != raw.end(), "the object list has the current association, 0-0:40.0.0*255");
    const std::uint8_t version = current->object.version;
    std::vector<ListedObject> objects;
    for (RawObject& each : raw) {
        for (const Mode& mode : each.modes) {
            each.object.attributes.push_back(
                {mode.attribute, may_read(version, mode.mode), may_write(version, mode.mode)});
        }
        objects.push_back(std::move(each.object));
    }
    return objects;
}

}  // namespace ferraris::conform
