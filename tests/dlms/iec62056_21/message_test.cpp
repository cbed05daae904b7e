/// Messages and characters, by the golden bytes of the facts.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "dlms/iec62056_21/message_parser.hpp"
#include "dlms/iec62056_21/support.hpp"

namespace ferraris::dlms::iec62056_21 {
namespace {

using ferraris::testing::octets;
using testing::text;

template <class Write>
std::string written(Write&& write) {
    std::array<std::uint8_t, 100> room{};
    ByteWriter out(room);
    write(out);
    EXPECT_FALSE(out.overflowed());
    return to_hex(out.written());
}

TEST(Iec62056Message, Parity) {
    EXPECT_EQ(with_even_parity('/'), 0xAF);  // five bits
    EXPECT_EQ(with_even_parity('?'), 0x3F);
    EXPECT_EQ(with_even_parity('!'), 0x21);
    for (unsigned i = 0; i < 128; ++i) {
        const auto character = static_cast<std::uint8_t>(i);
        EXPECT_EQ(without_parity(with_even_parity(character)), character);
        EXPECT_EQ(without_parity(with_even_parity(character) ^ 0x10U), std::nullopt);
    }
}

TEST(Iec62056Message, BaudRates) {
    EXPECT_EQ(baud_of_mode_c('0'), 300U);
    EXPECT_EQ(baud_of_mode_c('6'), 19200U);
    EXPECT_EQ(baud_of_mode_c('7'), std::nullopt);
    EXPECT_EQ(baud_of_mode_b('A'), 600U);
    EXPECT_EQ(baud_of_mode_b('F'), 19200U);
    EXPECT_EQ(baud_of_mode_b('G'), std::nullopt);
    EXPECT_EQ(airtime_ms(6, 300), 200);
}

TEST(Iec62056Message, RequestIdentificationSelection) {
    EXPECT_EQ(written([](ByteWriter& out) { write_request({}, out); }), "2F3F210D0A");
    EXPECT_EQ(written([](ByteWriter& out) {
                  write_identification({{'V', 'M', 'Q'}, '5', true, {}}, out);
              }),
              "2F564D51355C320D0A");
    EXPECT_EQ(written([](ByteWriter& out) { write_selection({'0', '5', '1'}, out); }), "063035310D0A");
    const auto identification = parse_identification(text_of("/VMq5\\2\\3TYPE"));
    ASSERT_TRUE(identification);
    EXPECT_TRUE(identification->hdlc);
    EXPECT_EQ(identification->reaction_time_ms(), 20U);
    EXPECT_EQ(text(identification->text), "TYPE");
    EXPECT_EQ(parse_selection(octets("063235320D0A")), (Selection{'2', '5', '2'}));
    EXPECT_TRUE(is_addressed(text_of("00010203"), text_of("10203")));
    EXPECT_FALSE(is_addressed(text_of("10204"), text_of("10203")));
}

TEST(Iec62056Message, ErrorsByName) {
    EXPECT_EQ(parse_request(text_of("/?12")).error(), MessageError::bad_request);
    EXPECT_EQ(parse_request(text_of("/?" + std::string(33, '1') + "!")).error(), MessageError::too_long);
    EXPECT_EQ(parse_identification(text_of("/V1Q5")).error(), MessageError::bad_identification);
    EXPECT_EQ(parse_selection(octets("0630353049")).error(), MessageError::bad_selection);
    EXPECT_EQ(parse_command(text_of("R")).error(), MessageError::bad_command);
    EXPECT_EQ(parse_command(text_of("R1(")).error(), MessageError::bad_command);
    EXPECT_EQ(parse_data_set(text_of("1.8.0(1")).error(), MessageError::bad_data_set);
    EXPECT_EQ(name_of(MessageError::bad_block_check), "bad block check");
    EXPECT_EQ(name_of(MessageError::interrupted), "interrupted");

    std::array<std::uint8_t, 8> buffer{};
    MessageParser parser(buffer, true);
    const auto broken = [&](const std::string& hex) {
        const auto data = octets(hex);
        ByteView in = data;
        Message message;
        do message = parser.push(in);
        while (message.kind != MessageKind::broken && !in.empty());
        EXPECT_EQ(message.kind, MessageKind::broken) << hex;
        return parser.last_error();
    };
    // SOH B 0 ETX BCC with parity: 81 42 30 03 71+parity (71 has four bits)
    EXPECT_EQ(broken("8142300372"), MessageError::bad_block_check);
    EXPECT_EQ(broken("81C2300371"), MessageError::bad_parity);
    EXPECT_EQ(broken("AFAFB1B1B1B1B1B1B1B18D0A"), MessageError::too_long);
    EXPECT_EQ(parser.dropped(), 3U);
    const auto begun = octets("8142");
    ByteView in = begun;
    EXPECT_EQ(parser.push(in).kind, MessageKind::none);
    parser.interrupt();
    EXPECT_EQ(parser.last_error(), MessageError::interrupted);
    EXPECT_EQ(parser.dropped(), 4U);
}

TEST(Iec62056Message, TheFactsBothWays) {
    FERRARIS_NEEDS_SHARED("facts/iec62056_21.json");
    const auto facts = ferraris::testing::shared_json("facts/iec62056_21.json");
    std::size_t commands = 0;
    std::size_t blocks = 0;
    for (const auto& vector : facts.at("vectors")) {
        const std::string hex = vector.at("bytes");
        const auto data = octets(hex);
        std::array<std::uint8_t, 100> buffer{};
        MessageParser parser(buffer, false);
        ByteView in = data;
        std::string content;
        for (;;) {
            const Message message = parser.push(in);
            if (message.kind == MessageKind::data) {
                content += text(message.content);
                continue;
            }
            if (message.kind == MessageKind::command) {
                ++commands;
                const auto command = parse_command(message.content);
                ASSERT_TRUE(command) << hex;
                EXPECT_EQ(written([&](ByteWriter& out) { write_command(*command, out); }), hex);
            } else {
                ++blocks;
                EXPECT_EQ(message.kind, MessageKind::data_end) << hex;
                EXPECT_EQ(written([&](ByteWriter& out) { write_data_block(text_of(content), false, out); }), hex);
            }
            break;
        }
        EXPECT_TRUE(in.empty());
    }
    EXPECT_EQ(commands, 5U);  // P0, W2, R1, B0, P1
    EXPECT_EQ(blocks, 2U);
}

TEST(Iec62056Message, DataSets) {
    const auto data_set = parse_data_set(text_of("1.8.0(000123.456*kWh)"));
    ASSERT_TRUE(data_set);
    EXPECT_EQ(text(data_set->address), "1.8.0");
    EXPECT_EQ(text(data_set->value), "000123.456");
    EXPECT_EQ(text(data_set->unit), "kWh");
    EXPECT_EQ(written([&](ByteWriter& out) { write_data_set(*data_set, out); }),
              to_hex(text_of("1.8.0(000123.456*kWh)")));
    EXPECT_EQ(written([](ByteWriter& out) { write_error(DeviceError::not_executed, out); }), to_hex(text_of("(ER10)")));
    EXPECT_TRUE(rc::check("a data set survives", [](const std::string& value) {
        RC_PRE(value.find_first_of("()*") == std::string::npos);
        std::vector<std::uint8_t> room(value.size() + 20);
        ByteWriter out(room);
        write_data_set({text_of("C.1"), text_of(value), {}}, out);
        const auto parsed = parse_data_set(out.written());
        RC_ASSERT(parsed && text(parsed->value) == value && parsed->unit.empty());
    }));
}

}  // namespace
}  // namespace ferraris::dlms::iec62056_21
