/// GET, SET and ACTION, against golden bytes and against every mutilation of them.
#include <gtest/gtest.h>

#include <rapidcheck.h>

#include "dlms/apdu/action.hpp"
#include "dlms/apdu/get.hpp"
#include "dlms/apdu/set.hpp"
#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::encoded;
using testing::octets;

constexpr AttributeDescriptor kClock{8, obis(0, 0, 1, 0, 0), 2};

TEST(Get, RequestNormal) {
    const auto apdu = octets(
        "C0 01 C1"              // get-request-normal, invoke id 1, confirmed, high priority
        "0001 00002B0100FF 02"  // class 1, 0-0:43.1.0*255, attribute 2
        "00");                  // no selective access
    const auto request = decode_get_request(apdu);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->choice, GetRequestChoice::normal);
    EXPECT_EQ(request->invoke.id(), 1);
    EXPECT_TRUE(request->invoke.confirmed());
    EXPECT_TRUE(request->invoke.high_priority());
    EXPECT_EQ(request->attribute.attribute, (AttributeDescriptor{1, obis(0, 0, 43, 1, 0), 2}));
    EXPECT_FALSE(request->attribute.selection);
    EXPECT_EQ(encoded(*request), to_hex(apdu));
}

TEST(Get, RequestWithSelection) {
    const auto apdu = octets(
        "C0 01 C1 0007 0100630100FF 02"
        "01 02"                                        // selective access, selector 2: by entry
        "02 04 0600000001 0600000000 120001 120000");  // from 1 to the last, all columns
    const auto request = decode_get_request(apdu);
    ASSERT_TRUE(request);
    ASSERT_TRUE(request->attribute.selection);
    EXPECT_EQ(request->attribute.selection->selector, 2);
    EXPECT_EQ(to_hex(request->attribute.selection->parameters), "020406000000010600000000120001120000");
    EXPECT_EQ(encoded(*request), to_hex(apdu));
}

TEST(Get, RequestNextEchoesTheBlockNumber) {
    const auto apdu = octets("C0 02 C1 00000001");
    const auto request = decode_get_request(apdu);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->choice, GetRequestChoice::next);
    EXPECT_EQ(request->block_number, 1U);
    EXPECT_EQ(encoded(*request), to_hex(apdu));
}

TEST(Get, RequestWithListIsWalked) {
    const auto apdu = octets("C0 03 C1 02  0001 00002A0000FF 02 00  0008 0000010000FF 02 00");
    const auto request = decode_get_request(apdu);
    ASSERT_TRUE(request);
    std::vector<AttributeRequest> items;
    for (const AttributeRequest& item : request->attributes) items.push_back(item);
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].attribute, (AttributeDescriptor{1, obis(0, 0, 42, 0, 0), 2}));
    EXPECT_EQ(items[1].attribute, kClock);
    EXPECT_EQ(encoded(*request), to_hex(apdu));

    std::array<std::uint8_t, 64> buffer{};
    ByteWriter out(buffer);
    encode_get_with_list(out, request->invoke, items);
    EXPECT_EQ(to_hex(out.written()), to_hex(apdu));
}

TEST(Get, ResponseNormal) {
    const auto data = octets("C4 01 C1 00 0600001391");  // double-long-unsigned 5009
    const auto response = decode_get_response(data);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->result.result, DataAccessResult::success);
    EXPECT_EQ(to_hex(response->result.data), "0600001391");
    EXPECT_EQ(encoded(*response), to_hex(data));

    const auto failure = octets("C4 01 41 01 0B");
    const auto refused = decode_get_response(failure);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->result.result, DataAccessResult::object_unavailable);
    EXPECT_FALSE(refused->invoke.high_priority());
    EXPECT_EQ(encoded(*refused), to_hex(failure));
}

TEST(Get, ResponseWithDataBlock) {
    const auto apdu = octets("C4 02 41 01 00000001 00 03 AABBCC");  // last, block 1, raw data
    const auto response = decode_get_response(apdu);
    ASSERT_TRUE(response);
    EXPECT_TRUE(response->block.last);
    EXPECT_EQ(response->block.number, 1U);
    EXPECT_EQ(to_hex(response->block.raw_data), "AABBCC");
    EXPECT_EQ(encoded(*response), to_hex(apdu));

    const auto aborted = octets("C4 02 C1 01 00000003 01 0F");
    const auto refused = decode_get_response(aborted);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->block.result, DataAccessResult::long_get_aborted);
    EXPECT_EQ(encoded(*refused), to_hex(aborted));

    std::array<std::uint8_t, 16> buffer{};
    ByteWriter head(buffer);
    put_get_response_block_head(head, InvokeIdAndPriority{0x41}, true, 1, 3);
    EXPECT_EQ(to_hex(head.written()),
              "C402410100000001"
              "0003");
}

TEST(Get, LengthsMayTakeMoreOctetsThanTheyNeed) {
    const auto apdu = octets("C4 02 C1 00 00000001 00 820002 AABB");
    const auto response = decode_get_response(apdu);
    ASSERT_TRUE(response);
    EXPECT_EQ(to_hex(response->block.raw_data), "AABB");
}

TEST(Get, ResponseWithList) {
    const auto apdu = octets("C4 03 C1 02  00 0600000058  01 04");
    const auto response = decode_get_response(apdu);
    ASSERT_TRUE(response);
    std::vector<GetDataResult> items;
    for (const GetDataResult& item : response->results) items.push_back(item);
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(to_hex(items[0].data), "0600000058");
    EXPECT_EQ(items[1].result, DataAccessResult::object_undefined);
    EXPECT_EQ(encoded(*response), to_hex(apdu));

    std::array<std::uint8_t, 8> buffer{};
    ByteWriter list(buffer);
    put_get_response_list_head(list, InvokeIdAndPriority{0xC1}, 2);
    EXPECT_EQ(to_hex(list.written()), "C403C102");
    ByteWriter normal(buffer);
    put_get_response_normal_head(normal, InvokeIdAndPriority{0xC1});
    EXPECT_EQ(to_hex(normal.written()), "C401C100");
}

TEST(Set, RequestsOfAllFiveKinds) {
    const auto normal = octets("C1 01 C1 0008 0000010000FF 02 00 090C07E50118FF0E303950FFC400");
    const auto request = decode_set_request(normal);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->attribute.attribute, kClock);
    EXPECT_EQ(to_hex(request->value), "090C07E50118FF0E303950FFC400");
    EXPECT_EQ(encoded(*request), to_hex(normal));

    const auto first = octets("C1 02 C1 0008 0000010000FF 02 00  00 00000001 03 090C07");
    const auto first_block = decode_set_request(first);
    ASSERT_TRUE(first_block);
    EXPECT_FALSE(first_block->block.last);
    EXPECT_EQ(to_hex(first_block->block.raw_data), "090C07");
    EXPECT_EQ(encoded(*first_block), to_hex(first));

    const auto second = octets("C1 03 C1 01 00000002 02 E501");
    const auto last_block = decode_set_request(second);
    ASSERT_TRUE(last_block);
    EXPECT_TRUE(last_block->block.last);
    EXPECT_EQ(last_block->block.number, 2U);
    EXPECT_EQ(encoded(*last_block), to_hex(second));

    const auto list = octets("C1 04 81 02 0001 0000800000FF 02 00 0001 0000800100FF 02 00  02 1105 0A03303030");
    const auto listed = decode_set_request(list);
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->attributes.count, 2U);
    std::vector<std::string> values;
    for (const EncodedData& value : listed->values) values.push_back(to_hex(value.octets));
    EXPECT_EQ(values, (std::vector<std::string>{"1105", "0A03303030"}));
    EXPECT_EQ(encoded(*listed), to_hex(list));

    const auto list_block = octets("C1 05 C1 01 0001 0000800000FF 02 00  00 00000001 02 0111");
    const auto listed_block = decode_set_request(list_block);
    ASSERT_TRUE(listed_block);
    EXPECT_EQ(listed_block->attributes.count, 1U);
    EXPECT_EQ(to_hex(listed_block->block.raw_data), "0111");
    EXPECT_EQ(encoded(*listed_block), to_hex(list_block));
}

TEST(Set, ListsOfDifferentLengthsAreMalformed) {
    const auto apdu = octets("C1 04 81 01 0001 0000800000FF 02 00  02 1105 1106");
    const auto request = decode_set_request(apdu);
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error(), ApduError::malformed);
}

TEST(Set, ResponsesOfAllFiveKinds) {
    struct Case {
        const char* hex;
        SetResponseChoice choice;
        DataAccessResult result;
        std::uint32_t block;
        std::size_t results;
    };
    const Case cases[] = {
        {"C5 01 C1 03", SetResponseChoice::normal, DataAccessResult::read_write_denied, 0, 0},
        {"C5 02 C1 00000007", SetResponseChoice::datablock, DataAccessResult::success, 7, 0},
        {"C5 03 C1 0C 00000009", SetResponseChoice::last_datablock, DataAccessResult::type_unmatched, 9, 0},
        {"C5 04 C1 02 00 04 00000009", SetResponseChoice::last_datablock_with_list, DataAccessResult::success, 9, 2},
        {"C5 05 81 02 00 00", SetResponseChoice::with_list, DataAccessResult::success, 0, 2},
    };
    for (const Case& expected : cases) {
        const auto apdu = octets(expected.hex);
        const auto response = decode_set_response(apdu);
        ASSERT_TRUE(response) << expected.hex;
        EXPECT_EQ(response->choice, expected.choice) << expected.hex;
        EXPECT_EQ(response->result, expected.result) << expected.hex;
        EXPECT_EQ(response->block_number, expected.block) << expected.hex;
        EXPECT_EQ(response->results.count, expected.results) << expected.hex;
        EXPECT_EQ(encoded(*response), to_hex(apdu));
    }
}

TEST(Action, RequestsOfAllSixKinds) {
    const auto normal = octets("C3 01 C0 000F 0000280000FF 01 01 0902AABB");
    const auto request = decode_action_request(normal);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->method, (MethodDescriptor{15, obis(0, 0, 40, 0, 0), 1}));
    EXPECT_EQ(to_hex(request->parameters), "0902AABB");
    EXPECT_EQ(encoded(*request), to_hex(normal));

    const auto bare = octets("C3 01 C0 000F 0000280000FF 01 00");
    const auto without = decode_action_request(bare);
    ASSERT_TRUE(without);
    EXPECT_TRUE(without->parameters.empty());
    EXPECT_EQ(encoded(*without), to_hex(bare));

    for (const char* hex : {
             "C3 02 C1 00000003",                                                   // next pblock 3
             "C3 03 C1 02 0046 000060030AFF 01 0046 000060030AFF 02 02 0F00 0F00",  // list
             "C3 04 C1 0012 00002C0000FF 02 00 00000001 03 020206",                 // first pblock
             "C3 05 C1 01 0012 00002C0000FF 02 00 00000001 02 0102",                // list and first pblock
             "C3 06 C1 01 00000002 03 AABBCC",                                      // pblock
         }) {
        const auto apdu = octets(hex);
        const auto decoded = decode_action_request(apdu);
        ASSERT_TRUE(decoded) << hex;
        EXPECT_EQ(static_cast<std::uint8_t>(decoded->choice), apdu[1]);
        EXPECT_EQ(encoded(*decoded), to_hex(apdu));
    }
}

TEST(Action, Responses) {
    const auto plain = octets("C7 01 C0 00 00");
    const auto nothing = decode_action_response(plain);
    ASSERT_TRUE(nothing);
    EXPECT_EQ(nothing->outcome.result, ActionResult::success);
    EXPECT_FALSE(nothing->outcome.returned);
    EXPECT_EQ(encoded(*nothing), to_hex(plain));

    const auto with_data = octets("C7 01 C0 00 01 00 0902AABB");
    const auto data = decode_action_response(with_data);
    ASSERT_TRUE(data);
    ASSERT_TRUE(data->outcome.returned);
    EXPECT_EQ(to_hex(data->outcome.returned->data), "0902AABB");
    EXPECT_EQ(encoded(*data), to_hex(with_data));

    for (const char* hex : {
             "C7 01 C0 00 01 01 FA",          // success, but what it returns is other-reason
             "C7 01 C0 00 01 01 00",          // success, and nothing to return, as some meters say it
             "C7 02 C1 01 00000001 02 0001",  // pblock
             "C7 03 C1 02 00 00 04 00",       // list: success, object-undefined
             "C7 04 C1 00000002",             // next pblock
         }) {
        const auto apdu = octets(hex);
        const auto decoded = decode_action_response(apdu);
        ASSERT_TRUE(decoded) << hex;
        EXPECT_EQ(encoded(*decoded), to_hex(apdu));
    }
}

/// Decodes by the tag and writes back; nothing when the decoder refuses.
std::optional<std::string> service_round_trip(ByteView apdu) {
    switch (apdu_tag(apdu).value_or(ApduTag::aarq)) {
        case ApduTag::get_request:
            if (const auto a = decode_get_request(apdu)) return encoded(*a);
            break;
        case ApduTag::get_response:
            if (const auto a = decode_get_response(apdu)) return encoded(*a);
            break;
        case ApduTag::set_request:
            if (const auto a = decode_set_request(apdu)) return encoded(*a);
            break;
        case ApduTag::set_response:
            if (const auto a = decode_set_response(apdu)) return encoded(*a);
            break;
        case ApduTag::action_request:
            if (const auto a = decode_action_request(apdu)) return encoded(*a);
            break;
        case ApduTag::action_response:
            if (const auto a = decode_action_response(apdu)) return encoded(*a);
            break;
        default:
            break;
    }
    return std::nullopt;
}

bool is_service(std::uint8_t tag) { return tag >= 0xC0 && tag <= 0xC7 && tag != 0xC2; }

TEST(Services, EveryVectorOfTheFactsComesBackByteForByte) {
    FERRARIS_NEEDS_SHARED("facts/vectors_xdlms.json");
    const auto facts = testing::shared_json("facts/vectors_xdlms.json");
    int seen = 0;
    for (const auto& item : facts.at("apdus")) {
        const auto apdu = octets(item.at("apdu"));
        if (apdu.empty() || !is_service(apdu[0])) continue;
        ++seen;
        EXPECT_EQ(service_round_trip(apdu), to_hex(apdu)) << item.at("id");
    }
    EXPECT_EQ(seen, 24);
}

TEST(Services, EveryTruncationIsSeenAndEveryExtraOctetToo) {
    FERRARIS_NEEDS_SHARED("facts/vectors_xdlms.json");
    const auto facts = testing::shared_json("facts/vectors_xdlms.json");
    for (const auto& item : facts.at("apdus")) {
        auto apdu = octets(item.at("apdu"));
        if (apdu.empty() || !is_service(apdu[0])) continue;
        for (std::size_t size = 0; size < apdu.size(); ++size)
            EXPECT_FALSE(service_round_trip(ByteView(apdu).first(size))) << item.at("id") << " cut to " << size;
        apdu.push_back(0);
        EXPECT_FALSE(service_round_trip(apdu)) << item.at("id") << " with an octet too many";
    }
}

TEST(Services, ErrorsAreNamed) {
    EXPECT_EQ(decode_get_request(octets("C1")).error(), ApduError::unknown_tag);
    EXPECT_EQ(decode_get_request(octets("C009C1")).error(), ApduError::unknown_choice);
    EXPECT_EQ(decode_get_request(octets("C001C1")).error(), ApduError::truncated);
    EXPECT_EQ(decode_get_request(octets("C001C100080000010000FF0205")).error(), ApduError::malformed);
    EXPECT_EQ(decode_get_request(octets("C001C100080000010000FF020000")).error(), ApduError::malformed);
    EXPECT_EQ(decode_get_response(octets("C401C102")).error(), ApduError::unknown_choice);
    EXPECT_EQ(decode_get_response(octets("C401C10100")).error(), ApduError::malformed) << "success without data";
    EXPECT_EQ(decode_get_response(octets("C401C10007")).error(), ApduError::malformed) << "a type that is none";
    EXPECT_EQ(decode_get_request(octets("C003C184FFFFFFFF00")).error(), ApduError::truncated);
    EXPECT_EQ(decode_set_response(octets("C506C1")).error(), ApduError::unknown_choice);
    EXPECT_EQ(decode_action_request(octets("C307C1")).error(), ApduError::unknown_choice);
    EXPECT_EQ(decode_action_response(octets("C705C1")).error(), ApduError::unknown_choice);
}

TEST(Services, WhateverIsDecodedIsEncodedToSomethingThatDecodesTheSame) {
    EXPECT_TRUE(rc::check([](std::vector<std::uint8_t> tail) {
        const auto tag = *rc::gen::element<std::uint8_t>(0xC0, 0xC1, 0xC3, 0xC4, 0xC5, 0xC7);
        const auto choice = *rc::gen::inRange<std::uint8_t>(1, 7);
        tail.insert(tail.begin(), {tag, choice, 0xC1});
        if (const auto once = service_round_trip(tail)) RC_ASSERT(service_round_trip(octets(*once)) == once);
    }));
}

}  // namespace
}  // namespace ferraris::dlms
