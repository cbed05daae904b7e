// Block transfer: the blocks of GET, SET and ACTION, and general blocks around any service. The plans of the DLMS User
// Association have no group of their own for it; names and procedures are ours.
#include "conform/association.hpp"
#include "conform/cases.hpp"
#include "dlms/apdu/general_block_transfer.hpp"

namespace ferraris::conform {
namespace {

using dlms::ActionRequestChoice;
using dlms::ActionResult;
using dlms::Conformance;
using dlms::DataAccessResult;
using dlms::GetRequestChoice;
using dlms::SetRequestChoice;

/// Less than any object list is long.
constexpr std::uint16_t kSmallPdu = 100;
/// An attribute that no meter lets anybody write, and that every meter has.
constexpr dlms::AttributeDescriptor kFixed = kAssociationName;
/// A method that no meter has.
constexpr dlms::MethodDescriptor kNoMethod{15, kAssociationName.instance, 100};
const Octets kHalf{0x09, 0x06, 0x00, 0x00};       // the beginning of an octet-string of six
const Octets kOtherHalf{0x28, 0x00, 0x00, 0xFF};  // and its end

dlms::InitiateRequest with_small_pdu() {
    dlms::InitiateRequest initiate = full_initiate();
    initiate.client_max_receive_pdu_size = kSmallPdu;
    return initiate;
}

/// The association that cases of the blocks of a service run in, with a PDU size that makes answers long.
Association with_blocks_of(Bench& bench, Conformance bit, const std::string& service) {
    Association association(bench, with_small_pdu());
    association.need(bit, "blocks of " + service);
    return association;
}

void expect_alive(Association& association) {
    expect(association.get(kAssociationName).given(), "the association stands, and serves, behind a wrong block");
}

// GET

std::optional<dlms::GetResponse> begin_get(Association& association, Octets& memory) {
    dlms::GetRequest request;
    request.attribute.attribute = {15, kAssociationName.instance, 2};
    memory = association.ask_for(request).value_or(Octets{});
    const auto response = dlms::decode_get_response(memory);
    if (!response) return std::nullopt;
    return *response;
}

/// A long GET under way, of which block 1 has come.
Association long_get(Bench& bench) {
    Association association = with_blocks_of(bench, Conformance::block_transfer_with_get, "GET");
    Octets memory;
    const auto first = begin_get(association, memory);
    expect(first && first->choice == dlms::GetResponseChoice::with_datablock && !first->block.last &&
               first->block.number == 1,
           "the object list, too long for a small PDU, comes in blocks from number 1 on");
    return association;
}

/// GET for the block behind `number`; true when it brings data.
bool next_block_comes(Association& association, std::uint32_t number) {
    dlms::GetRequest next;
    next.choice = GetRequestChoice::next;
    next.block_number = number;
    const auto answer = association.ask_for(next);
    const auto response = answer ? dlms::decode_get_response(*answer) : dlms::decode_get_response({});
    return response && response->block.result == DataAccessResult::success &&
           response->result.result == DataAccessResult::success;
}

void get_in_blocks(Bench& bench) {
    Association association = with_blocks_of(bench, Conformance::block_transfer_with_get, "GET");
    const auto small = association.get({15, kAssociationName.instance, 2});
    expect(small.given(), "the object list is given in blocks");
    dlms::GetRequest request;
    request.attribute.attribute = {15, kAssociationName.instance, 2};
    const auto answer = association.ask_for(request);
    expect(answer && answer->size() <= kSmallPdu, "no block is longer than the client takes");
    Association whole(bench);
    const auto large = whole.get({15, kAssociationName.instance, 2});
    expect(large.data == small.data, "the value is the same whatever the size of its blocks");
}

void get_wrong_number(Bench& bench) {
    for (const std::uint32_t number : {0U, 2U, 0xFFFFFFFFU}) {
        Association association = long_get(bench);
        expect(!next_block_comes(association, number), "a block number that was not the last one is refused");
        expect(!next_block_comes(association, 1), "a long GET is over when a block number was wrong");
        expect_alive(association);
    }
}

void get_repeated_number(Bench& bench) {
    Association association = long_get(bench);
    expect(next_block_comes(association, 1), "block 2 comes behind block 1");
    expect(!next_block_comes(association, 1), "a block number that comes again is refused");
    expect_alive(association);
}

void get_without_beginning(Bench& bench) {
    Association association = with_blocks_of(bench, Conformance::block_transfer_with_get, "GET");
    expect(!next_block_comes(association, 1), "a next block is refused where no long GET is in progress");
    expect_alive(association);
}

void get_given_up(Bench& bench) {
    Association association = long_get(bench);
    expect_alive(association);
    expect(!next_block_comes(association, 1), "another request ends a long GET");
}

// SET and ACTION go by the same rules and differ in their words.

struct SetBlocks {
    static constexpr Conformance kBit = Conformance::block_transfer_with_set;
    static constexpr const char* kName = "SET";

    static Octets block(bool first, std::uint32_t number, bool last, const Octets& data) {
        dlms::SetRequest request;
        request.choice = first ? SetRequestChoice::with_first_datablock : SetRequestChoice::with_datablock;
        request.attribute.attribute = kFixed;
        request.block = {last, number, DataAccessResult::success, data};
        return apdu_octets(request);
    }
    /// The block was taken, and the next may follow.
    static bool goes_on(const Octets& answer, std::uint32_t number) {
        const auto response = dlms::decode_set_response(answer);
        return response && response->choice == dlms::SetResponseChoice::datablock && response->block_number == number;
    }
    /// Anything but a refusal of the block itself.
    static bool is_taken(const Octets& answer) {
        const auto response = dlms::decode_set_response(answer);
        return response && (response->result == DataAccessResult::success || is_judged(answer));
    }
    /// The whole was judged.
    static bool is_judged(const Octets& answer) {
        const auto response = dlms::decode_set_response(answer);
        return response && response->choice == dlms::SetResponseChoice::last_datablock &&
               response->result != DataAccessResult::data_block_number_invalid &&
               response->result != DataAccessResult::long_set_aborted &&
               response->result != DataAccessResult::no_long_set_in_progress;
    }
};

struct ActionBlocks {
    static constexpr Conformance kBit = Conformance::block_transfer_with_action;
    static constexpr const char* kName = "ACTION";

    static Octets block(bool first, std::uint32_t number, bool last, const Octets& data) {
        dlms::ActionRequest request;
        request.choice = first ? ActionRequestChoice::with_first_pblock : ActionRequestChoice::with_pblock;
        request.method = kNoMethod;
        request.block = {last, number, DataAccessResult::success, data};
        return apdu_octets(request);
    }
    static bool goes_on(const Octets& answer, std::uint32_t number) {
        const auto response = dlms::decode_action_response(answer);
        return response && response->choice == dlms::ActionResponseChoice::next_pblock &&
               response->block_number == number;
    }
    static bool is_taken(const Octets& answer) {
        const auto response = dlms::decode_action_response(answer);
        return response && (response->outcome.result == ActionResult::success || is_judged(answer));
    }
    static bool is_judged(const Octets& answer) {
        const auto response = dlms::decode_action_response(answer);
        return response && response->choice == dlms::ActionResponseChoice::normal &&
               response->outcome.result != ActionResult::long_action_aborted &&
               response->outcome.result != ActionResult::no_long_action_in_progress;
    }
};

template <class Blocks>
void expect_taken(Association& association, bool first, std::uint32_t number) {
    const auto answer = association.ask(Blocks::block(first, number, false, kHalf));
    expect(answer && Blocks::goes_on(*answer, number), std::string("a block of ") + Blocks::kName + " is acknowledged");
}

template <class Blocks>
void expect_not_taken(Association& association, bool first, std::uint32_t number, bool last, const std::string& what) {
    const auto answer = association.ask(Blocks::block(first, number, last, kOtherHalf));
    expect(!answer || !Blocks::is_taken(*answer), what);
}

template <class Blocks>
Association begin(Bench& bench) {
    return with_blocks_of(bench, Blocks::kBit, Blocks::kName);
}

template <class Blocks>
void blocks_in_order(Bench& bench) {
    Association association = begin<Blocks>(bench);
    expect_taken<Blocks>(association, true, 1);
    const auto answer = association.ask(Blocks::block(false, 2, true, kOtherHalf));
    expect(answer && Blocks::is_judged(*answer), "what came in blocks is judged as if it had come whole");
    expect_alive(association);
}

template <class Blocks>
void blocks_out_of_order(Bench& bench) {
    for (const std::uint32_t number : {0U, 3U, 0xFFFFFFFFU}) {
        Association association = begin<Blocks>(bench);
        expect_taken<Blocks>(association, true, 1);
        expect_not_taken<Blocks>(association, false, number, true, "a block number out of order is refused");
        expect_alive(association);
    }
}

template <class Blocks>
void block_repeated(Bench& bench) {
    Association association = begin<Blocks>(bench);
    expect_taken<Blocks>(association, true, 1);
    expect_not_taken<Blocks>(association, false, 1, false, "a block number that comes again is refused");
    expect_alive(association);
}

template <class Blocks>
void first_block_of_zero(Bench& bench) {
    Association association = begin<Blocks>(bench);
    expect_not_taken<Blocks>(association, true, 0, false, "a first block with number 0 is refused");
    expect_alive(association);
}

template <class Blocks>
void last_block_twice(Bench& bench) {
    Association association = begin<Blocks>(bench);
    expect_taken<Blocks>(association, true, 1);
    (void)association.ask(Blocks::block(false, 2, true, kOtherHalf));
    expect_not_taken<Blocks>(association, false, 2, true, "a last block that comes twice is refused");
    expect_alive(association);
}

template <class Blocks>
void blocks_given_up(Bench& bench) {
    Association association = begin<Blocks>(bench);
    expect_taken<Blocks>(association, true, 1);
    expect_alive(association);
    expect_not_taken<Blocks>(association, false, 2, true, "another request ends a transfer in blocks");
}

// General block transfer, in the clear: what travels in the blocks is all the same to them.

struct OwnedBlock {
    dlms::GeneralBlock head{};
    Octets data{};
};

class GeneralDialogue {
public:
    explicit GeneralDialogue(Bench& bench) : dialogue_(bench, bench.target().public_sap) {
        if (bench.target().framing == Framing::hdlc) {
            throw Finding{Verdict::not_applicable, "HDLC carries one APDU at a time: blocks cannot stream"};
        }
        dlms::InitiateRequest initiate = usual_initiate();
        initiate.proposed_conformance = Conformance::get | Conformance::general_block_transfer;
        initiate.client_max_receive_pdu_size = kSmallPdu;
        const Octets answer = dialogue_.associate(encode_aarq({}, initiate));
        const auto aare = dlms::decode_aare(answer);
        const auto response = aare->user_information ? dlms::decode_initiate_response(*aare->user_information)
                                                     : dlms::decode_initiate_response({});
        if (!response || !has(response->negotiated_conformance, Conformance::general_block_transfer)) {
            throw Finding{Verdict::not_applicable, "the meter does not offer general block transfer to this client"};
        }
    }

    /// Sends a block and takes what streams back; empty when something else came, or nothing.
    std::vector<OwnedBlock> send(const dlms::GeneralBlock& block) {
        std::vector<OwnedBlock> burst;
        for (auto answer = dialogue_.exchange(apdu_octets(block)); answer; answer = dialogue_.next()) {
            const auto decoded = dlms::decode_general_block(*answer);
            if (!decoded) return {};
            expect(answer->size() <= kSmallPdu, "no block is longer than the client takes");
            burst.push_back({*decoded, {decoded->data.begin(), decoded->data.end()}});
            expect(burst.size() <= dlms::kMaxBlockWindow, "no burst is longer than the largest window");
            if (!decoded->streaming) break;
        }
        return burst;
    }
    /// GET of the object list in one block, with `window`.
    std::vector<OwnedBlock> ask(std::uint8_t window) {
        const Octets get = get_request({15, kAssociationName.instance, 2});
        return send({true, false, window, 1, 0, get});
    }
    std::vector<OwnedBlock> acknowledge(std::uint8_t window, std::uint16_t own_number, std::uint16_t acknowledged) {
        return send({false, false, window, own_number, acknowledged, {}});
    }
    void expect_alive() {
        const auto answer = dialogue_.exchange(get_request(kAssociationName));
        expect(answer && gives_data(*answer), "the association stands, and serves, behind wrong blocks");
    }

private:
    Dialogue dialogue_;
};

/// Takes what is left of an answer whose blocks up to the last of `burst` have come, and gives the APDU.
Octets take_rest(GeneralDialogue& dialogue, std::vector<OwnedBlock> burst, std::uint8_t window, Octets gathered,
                 std::uint16_t number, std::uint16_t own_number) {
    for (int bursts = 0; bursts < 2000; ++bursts) {
        expect(!burst.empty() && burst.size() <= window, "a burst has one block at least, and no more than the window");
        for (const OwnedBlock& block : burst) {
            expect(block.head.number == number + 1, "general blocks are numbered by one more each");
            ++number;
            gathered.insert(gathered.end(), block.data.begin(), block.data.end());
            if (block.head.last) return gathered;
        }
        burst = dialogue.acknowledge(window, ++own_number, number);
    }
    throw Finding{Verdict::failed, "an answer in general blocks comes to an end"};
}

void general_blocks(Bench& bench, std::uint8_t window) {
    GeneralDialogue dialogue(bench);
    auto burst = dialogue.ask(window);
    const Octets apdu = take_rest(dialogue, std::move(burst), window, {}, 0, 1);
    expect(gives_data(apdu), "the blocks make up the GET response");
    dialogue.expect_alive();
}

void general_one_by_one(Bench& bench) { general_blocks(bench, 1); }
void general_streams(Bench& bench) { general_blocks(bench, 4); }
void general_largest_window(Bench& bench) { general_blocks(bench, dlms::kMaxBlockWindow); }

void general_lost_block(Bench& bench) {
    constexpr std::uint8_t kWindow = 3;
    GeneralDialogue dialogue(bench);
    const auto burst = dialogue.ask(kWindow);
    expect(!burst.empty() && burst.front().head.number == 1, "an answer in general blocks begins with number 1");
    if (burst.size() < 2) throw Finding{Verdict::inconclusive, "the answer came in fewer blocks than can be lost"};
    // As if only the first had come.
    auto again = dialogue.acknowledge(kWindow, 2, 1);
    expect(!again.empty() && again.front().head.number == 2, "a block that was lost comes again");
    expect(again.front().data == burst[1].data, "a block that comes again is the same");
    const Octets apdu = take_rest(dialogue, std::move(again), kWindow, burst.front().data, 1, 2);
    expect(gives_data(apdu), "the blocks make up the GET response");
}

void general_out_of_order(Bench& bench) {
    GeneralDialogue dialogue(bench);
    const Octets get = get_request(kAssociationName);
    const ByteView octets = get;
    (void)dialogue.send({true, false, 1, 2, 0, octets.subspan(6)});
    (void)dialogue.send({false, false, 1, 1, 0, octets.first(6)});
    // Put in order or refused: both are right, as long as the association goes on.
    dialogue.expect_alive();
}

void general_false_acknowledgement(Bench& bench) {
    GeneralDialogue dialogue(bench);
    (void)dialogue.ask(1);
    const auto burst = dialogue.acknowledge(1, 2, 0x7000);
    expect(burst.empty() || burst.front().head.number <= 2, "blocks that were never sent cannot be acknowledged");
    dialogue.expect_alive();
}

void general_number_zero(Bench& bench) {
    GeneralDialogue dialogue(bench);
    const Octets get = get_request(kAssociationName);
    expect(dialogue.send({true, false, 1, 0, 0, get}).empty(), "a general block with number 0 is refused");
    dialogue.expect_alive();
}

constexpr const char* kGet = "IEC 62056-5-3, 6.6";
constexpr const char* kSet = "IEC 62056-5-3, 6.7";
constexpr const char* kAction = "IEC 62056-5-3, 6.8";
constexpr const char* kGeneral = "IEC 62056-5-3, 7.3.13";

constexpr Case kCases[]{
    {"BLOCK_GET_P1", "A long value in blocks", kGet, get_in_blocks},
    {"BLOCK_GET_N1", "Block numbers out of order", kGet, get_wrong_number},
    {"BLOCK_GET_N2", "A block number that comes again", kGet, get_repeated_number},
    {"BLOCK_GET_N3", "A next block without a long GET", kGet, get_without_beginning},
    {"BLOCK_GET_N4", "A long GET that is given up", kGet, get_given_up},
    {"BLOCK_SET_P1", "A value in blocks", kSet, blocks_in_order<SetBlocks>},
    {"BLOCK_SET_N1", "Block numbers out of order", kSet, blocks_out_of_order<SetBlocks>},
    {"BLOCK_SET_N2", "A block number that comes again", kSet, block_repeated<SetBlocks>},
    {"BLOCK_SET_N3", "A first block with number 0", kSet, first_block_of_zero<SetBlocks>},
    {"BLOCK_SET_N4", "The last block twice", kSet, last_block_twice<SetBlocks>},
    {"BLOCK_SET_N5", "A long SET that is given up", kSet, blocks_given_up<SetBlocks>},
    {"BLOCK_ACTION_P1", "Parameters in blocks", kAction, blocks_in_order<ActionBlocks>},
    {"BLOCK_ACTION_N1", "Block numbers out of order", kAction, blocks_out_of_order<ActionBlocks>},
    {"BLOCK_ACTION_N2", "A block number that comes again", kAction, block_repeated<ActionBlocks>},
    {"BLOCK_ACTION_N3", "A first block with number 0", kAction, first_block_of_zero<ActionBlocks>},
    {"BLOCK_ACTION_N4", "The last block twice", kAction, last_block_twice<ActionBlocks>},
    {"BLOCK_ACTION_N5", "A long ACTION that is given up", kAction, blocks_given_up<ActionBlocks>},
    {"GBT_P1", "General blocks one by one", kGeneral, general_one_by_one},
    {"GBT_P2", "General blocks that stream", kGeneral, general_streams},
    {"GBT_P3", "The largest window", kGeneral, general_largest_window},
    {"GBT_P4", "A general block that is lost", kGeneral, general_lost_block},
    {"GBT_N1", "General blocks out of order", kGeneral, general_out_of_order},
    {"GBT_N2", "An acknowledgement of blocks never sent", kGeneral, general_false_acknowledgement},
    {"GBT_N3", "A general block with number 0", kGeneral, general_number_zero},
};

}  // namespace

std::span<const Case> block_cases() { return kCases; }

}  // namespace ferraris::conform
