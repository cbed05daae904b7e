/// What the explanations say, on messages whose fields are known; and what they say of broken ones.
#include <gtest/gtest.h>

#include <bit>
#include <nlohmann/json.hpp>

#include "base/crc.hpp"
#include "base/hex.hpp"
#include "crypto/openssl.hpp"
#include "decode/capture.hpp"
#include "decode/input.hpp"
#include "decode/render.hpp"

namespace ferraris::decode {
namespace {

Octets octets(std::string_view hex) { return from_hex(hex).value(); }

std::vector<Item> explained(ByteView input, const KeyRing& keys = {}) {
    const auto crypto = make_openssl_crypto();
    std::vector<Item> items;
    (void)explain_input({keys, crypto.get()}, input, [&](Item&& item) { items.push_back(std::move(item)); }, {});
    return items;
}

std::string text_of(std::string_view hex, const KeyRing& keys = {}) {
    std::string text;
    for (const Item& item : explained(octets(hex), keys)) text += render_text(item);
    return text;
}

KeyRing green_book_keys() {
    KeyRing ring;
    KeyRow row;
    row.unicast = octets("000102030405060708090A0B0C0D0E0F");
    row.authentication = octets("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    ring.rows.push_back(row);
    ring.add_title(octets("4D4D4D0000BC614E"));
    return ring;
}

TEST(Decode, SaysWhatEachFieldOfAGetRequestIs) {
    EXPECT_EQ(text_of("C001C1000100002B0100FF0200"),
              "input, 13 octets\n"
              "0000                           get-request-normal: Data 0-0:43.1.0 Invocation counter, value\n"
              "0000  C0                         tag: get-request\n"
              "0001  01                         type: 1  (get-request-normal)\n"
              "0002  C1                         invoke-id-and-priority: 1  (confirmed, high priority)\n"
              "0003                             cosem-attribute-descriptor: Data 0-0:43.1.0 Invocation counter, value\n"
              "0003  00 01                        class-id: 1  (Data)\n"
              "0005  00 00 2B 01 00 FF            instance-id: 0-0:43.1.0 Invocation counter\n"
              "000B  02                           attribute-id: 2  (value)\n"
              "000C  00                         access-selection: 0  (not there)\n");
}

TEST(Decode, ShowsOpaquePayloadOfValidFramesAsSuch) {
    // A UI frame with right check sums, an LLC header, and octets that begin like no APDU.
    const std::string frame = text_of("7EA013CEFFCD1361D5E6E6001D64001400002C667E");
    EXPECT_NE(frame.find("UI P/F"), std::string::npos) << frame;
    EXPECT_NE(frame.find("1D 64 00 14 00 00          payload: no APDU: 1D is no tag of one"), std::string::npos)
        << frame;
    // A last block whose raw data is no element of Data.
    const std::string block = text_of("C4024101000000010003AABBCC");
    EXPECT_NE(block.find("payload: no element of Data"), std::string::npos) << block;
    // What begins like Data and breaks off stays in doubt.
    const auto broken = explained(octets("C40241010000000100030905AA"));
    EXPECT_EQ(worst(broken.front().node), Verdict::unexplained);
}

TEST(Decode, DeciphersUnderTheKeyWhoseTagIsRight) {
    // Green Book, table 40: authenticated and encrypted; behind it a right tag and the request.
    const std::string text =
        text_of("C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B", green_book_keys());
    EXPECT_NE(text.find("security control: 30  (suite 0, authenticated, encrypted)"), std::string::npos) << text;
    EXPECT_NE(text.find("authentication tag: right"), std::string::npos) << text;
    EXPECT_NE(text.find("-- deciphered, 13 octets:"), std::string::npos) << text;
    EXPECT_NE(text.find("get-request-normal: Clock 0-0:1.0.0 Clock, time"), std::string::npos) << text;
}

TEST(Decode, TellsAWrongTagFromAWrongKey) {
    const std::string_view altered = "C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6C";
    EXPECT_NE(text_of(altered, green_book_keys()).find("[wrong]"), std::string::npos);
    KeyRing other = green_book_keys();
    other.rows[0].unicast[0] = 0xFF;
    const std::string text = text_of(altered, other);
    EXPECT_NE(text.find("not deciphered: no key fits"), std::string::npos) << text;
    EXPECT_EQ(text.find("-- deciphered"), std::string::npos) << text;
}

TEST(Decode, LearnsTheDedicatedKeyFromTheAssociation) {
    // The AARQ of the Green Book carries 00112233…FF; a request under it follows, without any other key for it.
    const std::string log =
        "-> "
        "6066A109060760857405080103A60A04084D4D4D0000BC614E8A0207808B0760857405080201AC0A80083132333435363738BE340432"
        "21303001234567801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39EE6FDB8E356855\n"
        "-> D01E300000000083C6D975681AE18FD8955CC93CE10EE0FA28D1C57433CA774D\n";
    KeyRing ring = green_book_keys();
    ring.titles.clear();
    const auto items = explained(Octets(log.begin(), log.end()), ring);
    ASSERT_EQ(items.size(), 2U);
    ASSERT_EQ(items[1].buffers.size(), 2U);
    EXPECT_EQ(to_hex(items[1].buffers[1].octets), "C0010000080000010000FF0200");
}

TEST(Decode, JoinsSegmentsOfHdlc) {
    // Two UI frames of one data-notification; the first has the S bit and the LLC header.
    const std::string first = "E6E7000F0000000100020206000000";
    const std::string second = "010600000002";
    Octets stream;
    for (const auto& [format, info] : {std::pair{"A8", first}, std::pair{"A0", second}}) {
        Octets body = octets(std::string(format) + "00" + "2103" + "13");
        const Octets content = octets(info);
        body[1] = static_cast<std::uint8_t>(body.size() + 2 + content.size() + 2);
        const auto check = [&body] {
            const std::uint16_t crc = crc16_x25(body);
            body.push_back(static_cast<std::uint8_t>(crc & 0xFFU));
            body.push_back(static_cast<std::uint8_t>(crc >> 8U));
        };
        check();
        body.insert(body.end(), content.begin(), content.end());
        check();
        stream.push_back(0x7E);
        stream.insert(stream.end(), body.begin(), body.end());
        stream.push_back(0x7E);
    }
    const auto items = explained(stream);
    ASSERT_EQ(items.size(), 2U);
    EXPECT_TRUE(unexplained(items[0]).empty());
    EXPECT_TRUE(unexplained(items[1]).empty()) << render_text(items[1]);
    ASSERT_EQ(items[1].buffers.size(), 2U) << render_text(items[1]);
    EXPECT_EQ(to_hex(items[1].buffers[1].octets),
              "0F00000001000202060000000106000000"
              "02");
}

TEST(Decode, ScalesAValueBesideItsScalerAndUnit) {
    // structure { 0-0:32.7.0, long-unsigned 2306, { -1, V } }
    const std::string text = text_of("0203090601002007 00FF12090202020FFF1623");
    EXPECT_NE(text.find("long-unsigned: 2306  (230.6 V)"), std::string::npos) << text;
}

TEST(Decode, RecognisesIec62056_21) {
    const std::string readout = "/ABC5METER\r\n";
    const auto items = explained(Octets(readout.begin(), readout.end()));
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].node.name, "identification message");
    EXPECT_TRUE(unexplained(items[0]).empty());
    // The check character of the last one is wrong.
    EXPECT_NE(text_of("01523102312E382E302831290300").find("wrong: 6B would be right"), std::string::npos);
}

TEST(Decode, ShowsTheTreeUpToTheBreakAndSaysWhy) {
    const std::string text = text_of("C001C1000100002B01");
    EXPECT_NE(text.find("class-id: 1  (Data)"), std::string::npos) << text;
    EXPECT_NE(text.find("cut short: instance-id needs 6 octets, 4 are there  [unexplained]"), std::string::npos)
        << text;
}

TEST(Decode, ReadsTextAsPeopleWriteIt) {
    const Octets plain = octets("C001C1000100002B0100FF0200");
    for (const std::string_view text :
         {"C0 01 C1 00 01 00 00 2B 01 00 FF 02 00", "c0:01:c1:00:01:00:00:2b:01:00:ff:02:00",
          "0xC0, 0x01, 0xC1, 0x00, "
          "0x01, 0x00, 0x00, 0x2B, 0x01, 0x00, 0xFF, 0x02, 0x00",
          "<- C001C1000100002B0100FF0200  # a comment", "12:00:01 TX: C001C1000100002B0100FF0200",
          "C001C1000100002B\n0100FF0200\n"}) {
        const auto items = explained(Octets(text.begin(), text.end()));
        ASSERT_EQ(items.size(), 1U) << text;
        EXPECT_EQ(items[0].buffers[0].octets, plain) << text;
    }
    EXPECT_FALSE(parse_hex_text("C00"));
    EXPECT_FALSE(parse_hex_text("hello"));
}

/// Ethernet, IPv4 and TCP around `payload`, as one packet of a pcap file.
void add_packet(Octets& file, std::uint32_t sequence, const Octets& payload) {
    Octets packet = octets("0000000000010000000000020800");
    const Octets ip = octets("4500000000000000400600000A0000010A000002");
    packet.insert(packet.end(), ip.begin(), ip.end());
    const auto total = static_cast<std::uint16_t>(ip.size() + 20 + payload.size());
    packet[16] = static_cast<std::uint8_t>(total >> 8U);
    packet[17] = static_cast<std::uint8_t>(total);
    Octets tcp = octets(
        "0FDBC350"
        "00000000"
        "00000000"
        "50180000"
        "00000000");
    for (std::size_t i = 0; i < 4; ++i) tcp[4 + i] = static_cast<std::uint8_t>(sequence >> (24 - 8 * i));
    packet.insert(packet.end(), tcp.begin(), tcp.end());
    packet.insert(packet.end(), payload.begin(), payload.end());
    const auto put = [&file](std::uint32_t value) {
        for (int i = 0; i < 4; ++i) file.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    };
    put(1'700'000'000);
    put(5);
    put(static_cast<std::uint32_t>(packet.size()));
    put(static_cast<std::uint32_t>(packet.size()));
    file.insert(file.end(), packet.begin(), packet.end());
}

TEST(Decode, PutsTcpSegmentsInOrder) {
    Octets file = octets("D4C3B2A1020004000000000000000000FFFF000001000000");
    const Octets message = octets("000100010010000DC001C1000100002B0100FF0200");
    const Octets head(message.begin(), message.begin() + 10);
    const Octets tail(message.begin() + 10, message.end());
    add_packet(file, 1000, head);
    add_packet(file, 1021, message);  // before what stands in front of it
    add_packet(file, 1000, head);     // sent once more
    add_packet(file, 1010, tail);
    const auto items = explained(file);
    ASSERT_EQ(items.size(), 2U);
    for (const Item& item : items) {
        EXPECT_EQ(item.buffers[0].octets, message);
        EXPECT_EQ(item.buffers[0].name, "TCP 10.0.0.1:4059 to 10.0.0.2:50000");
        EXPECT_EQ(item.time, "2023-11-14T22:13:20.000005Z");
        EXPECT_TRUE(unexplained(item).empty());
    }
    EXPECT_EQ(items[1].buffers[0].start, message.size());
}

const KeyRing nothing;

Octets characters(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Decode, ReadsPcapng) {
    // Section header, an interface of raw IP with nanoseconds, an unknown block, one packet of UDP.
    const Octets file = octets(
        // type, length, byte order magic, version, section length unknown, length
        "0A0D0D0A"
        "1C000000"
        "4D3C2B1A"
        "01000000"
        "FFFFFFFFFFFFFFFF"
        "1C000000"
        // type 1, length, link type 101, snap length, option if_tsresol 9, end of options, length
        "01000000"
        "20000000"
        "65000000"
        "00000000"
        "09000100"
        "09000000"
        "00000000"
        "20000000"
        "0B000000"
        "0C000000"
        "0C000000"
        // type 6, length, interface, time high and low, captured, original
        "06000000"
        "54000000"
        "00000000"
        "FE9C9717"
        "88132A36"
        "31000000"
        "31000000"
        "450000310000000040110000"
        "0A0000010A000002"
        "C3500FDB001D0000"
        "000100100001000D"
        "C001C1000100002B0100FF0200"
        "000000"
        "54000000");
    std::vector<Item> items;
    const InputSummary summary =
        explain_input({nothing, nullptr}, file, [&](Item&& item) { items.push_back(std::move(item)); }, {});
    EXPECT_TRUE(summary.capture);
    EXPECT_EQ(summary.packets, 1U);
    EXPECT_EQ(summary.problem, "");
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].buffers[0].name, "UDP 10.0.0.1:50000 to 10.0.0.2:4059");
    EXPECT_EQ(items[0].time, "2023-11-14T22:13:20.000005Z");
    EXPECT_TRUE(unexplained(items[0]).empty());
    // One that breaks off says where.
    const InputSummary cut =
        explain_input({nothing, nullptr}, ByteView(file).first(file.size() - 8), [](Item&&) {}, {});
    EXPECT_EQ(cut.problem, "the file breaks off at octet 72");
}

TEST(Decode, CountsProgressInOctetsOfTheInput) {
    const Octets log = characters("-> C001C1000100002B0100FF0200\n# nothing\n<- C401C10103\n\n");
    std::vector<std::uint64_t> done;
    (void)explain_input(
        {nothing, nullptr}, log, [](Item&&) {},
        [&](std::uint64_t so_far, std::uint64_t total) {
            EXPECT_EQ(total, log.size());
            done.push_back(so_far);
        });
    EXPECT_EQ(done, (std::vector<std::uint64_t>{30, 54}));
}

TEST(Decode, EscapesHostileText) {
    // visible-string <&>"'
    const auto items = explained(octets("0A053C263E2227"));
    ASSERT_EQ(items.size(), 1U);
    const std::string xml = render_xml(items[0]);
    EXPECT_NE(xml.find("&lt;&amp;"), std::string::npos) << xml;
    EXPECT_EQ(xml.find("<&"), std::string::npos) << xml;
    EXPECT_EQ(xml.find("\"'"), std::string::npos) << xml;
    const auto json = nlohmann::json::parse(render_json(items[0]));
    EXPECT_EQ(json["tree"]["fields"][0]["value"], "\"<&>\"'\"");
}

Octets with_even_parity(std::string_view text) {
    Octets octets(text.begin(), text.end());
    for (std::uint8_t& octet : octets) {
        if (std::popcount(octet) % 2 != 0) octet |= 0x80U;
    }
    return octets;
}

TEST(Decode, UnderstandsCharactersWithTheirParityBits) {
    for (const std::string_view text : {"/?!\r\n", "/ABC5METER\r\n",
                                        "\x06"
                                        "051\r\n",
                                        "\x01R5\x02"
                                        "1.8.0()\x03"
                                        "^"}) {
        const Octets octets = with_even_parity(text);
        const auto items = explained(octets);
        ASSERT_EQ(items.size(), 1U) << text;
        EXPECT_EQ(items[0].node.name, "characters with parity bits") << render_text(items[0]);
        EXPECT_EQ(items[0].buffers[0].octets, octets);
        ASSERT_EQ(items[0].buffers.size(), 2U);
        EXPECT_EQ(items[0].buffers[1].octets, characters(text));
        EXPECT_TRUE(unexplained(items[0]).empty()) << render_text(items[0]);
    }
    // A sign-on that leads to HDLC, which has eight data bits.
    Octets line = with_even_parity("/ABC5\\2METER\r\n");
    const Octets frame = octets("7EA00A00020023219318717E");
    line.insert(line.end(), frame.begin(), frame.end());
    const auto items = explained(line);
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].node.name, "characters with parity bits");
    EXPECT_EQ(items[1].node.name, "HDLC frame");
}

constexpr std::string_view kTelegram =
    "/XMX5LGBBFG1009394887\r\n\r\n1-0:1.8.1(000051.775*kWh)\r\n0-0:96.1.1(4530303331)\r\n!CRC1\r\n";

TEST(Decode, ReadsTelegramsOfCustomerPorts) {
    std::string telegram(kTelegram);
    telegram.replace(telegram.find("CRC1"), 4, "B342");
    const auto items = explained(characters(telegram + telegram));
    ASSERT_EQ(items.size(), 2U);
    for (const Item& item : items) {
        const std::string text = render_text(item);
        EXPECT_EQ(item.node.name, "readout");
        EXPECT_NE(text.find("1-0:1.8.1 = 000051.775 kWh"), std::string::npos) << text;
        EXPECT_NE(text.find("CRC: B342  (right)"), std::string::npos) << text;
        EXPECT_TRUE(unexplained(item).empty()) << text;
    }
    telegram.replace(telegram.find("51.775"), 6, "61.775");
    const auto altered = explained(characters(telegram));
    ASSERT_EQ(altered.size(), 1U);
    EXPECT_EQ(worst(altered[0].node), Verdict::wrong);
}

TEST(Decode, ReadsReadoutsWithoutFrames) {
    const auto items = explained(characters("/ABC5METER\r\n0.0.0(12345678)\r\n1.8.0(000123.456*kWh)\r\n!\r\n"));
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].node.name, "readout");
    EXPECT_TRUE(unexplained(items[0]).empty()) << render_text(items[0]);
    EXPECT_NE(render_text(items[0]).find("1.8.0 = 000123.456 kWh"), std::string::npos) << render_text(items[0]);
}

TEST(Decode, RendersWellFormedJson) {
    const auto items = explained(octets("C001C1000100002B0100FF0200"));
    const auto json = nlohmann::json::parse(render_json(items.at(0)));
    EXPECT_EQ(json["source"], "input");
    EXPECT_EQ(json["buffers"][0]["hex"], "C001C1000100002B0100FF0200");
    EXPECT_EQ(json["tree"]["name"], "get-request-normal");
    EXPECT_EQ(json["tree"]["fields"][3]["fields"][1]["offset"], 5);
    EXPECT_NE(render_xml(items.at(0)).find("<field name=\"get-request-normal\" offset=\"0\" length=\"13\""),
              std::string::npos);
}

}  // namespace
}  // namespace ferraris::decode
