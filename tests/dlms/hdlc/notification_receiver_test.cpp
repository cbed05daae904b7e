#include "dlms/hdlc/notification_receiver.hpp"

#include <gtest/gtest.h>

#include "dlms/hdlc/support.hpp"
#include "shared.hpp"

namespace ferraris::dlms {
namespace {

using testing::Octets;
using testing::octets;

constexpr const char* kFile = "facts/vectors_hdlc.json";

class Listener {
public:
    std::vector<Octets> push(const Octets& line) {
        std::vector<Octets> apdus;
        ByteView in = line;
        while (const auto notification = receiver_.push(in, 0)) {
            apdus.emplace_back(notification->apdu.begin(), notification->apdu.end());
            last = *notification;
        }
        return apdus;
    }
    /// All frames of the vectors whose name begins so, one after the other.
    std::vector<Octets> push_vectors(const std::string& name) {
        const auto vectors = ferraris::testing::shared_json(kFile);
        Octets line;
        for (const auto& vector : vectors.at("frames")) {
            if (!vector.at("id").get<std::string>().starts_with(name)) continue;
            const Octets frame = octets(vector.at("frame").get<std::string>());
            line.insert(line.end(), frame.begin(), frame.end());
        }
        return push(line);
    }
    HdlcNotification last{};

private:
    std::array<std::uint8_t, hdlc::frame_room(2030)> frame_buffer_{};
    std::array<std::uint8_t, 2048> apdu_buffer_{};
    HdlcNotificationReceiver receiver_{frame_buffer_, apdu_buffer_};
};

TEST(HdlcNotificationReceiver, SegmentsOfOneNotification) {
    FERRARIS_NEEDS_SHARED(kFile);
    Listener listener;
    const auto apdus = listener.push_vectors("hdlc_iskra550");
    ASSERT_EQ(apdus.size(), 1U);
    EXPECT_EQ(to_hex(ByteView(apdus[0]).first(5)), "0F000026EB");
    EXPECT_EQ(to_hex(ByteView(apdus[0]).last(6)), "02020F00161E");
    EXPECT_EQ(listener.last.destination, hdlc::Address::client(103));
    EXPECT_EQ(listener.last.source, (hdlc::Address{1, 17, 2}));
}

TEST(HdlcNotificationReceiver, OneFrameEach) {
    FERRARIS_NEEDS_SHARED(kFile);
    Listener listener;
    for (const char* name : {"hdlc_norway_han_1phase", "hdlc_norway_han_3phase", "hdlc_kaifa"}) {
        const auto apdus = listener.push_vectors(name);
        ASSERT_EQ(apdus.size(), 1U) << name;
        EXPECT_EQ(apdus[0].front(), 0x0F) << name;
    }
}

TEST(HdlcNotificationReceiver, BlocksWithoutLlcHeader) {
    FERRARIS_NEEDS_SHARED(kFile);
    Listener listener;
    const auto apdus = listener.push_vectors("hdlc_landis");
    ASSERT_EQ(apdus.size(), 3U);
    // general-block-transfer, blocks 1 to 3
    EXPECT_EQ(to_hex(ByteView(apdus[0]).first(4)), "E0400001");
    EXPECT_EQ(to_hex(ByteView(apdus[1]).first(4)), "E0400002");
    EXPECT_EQ(to_hex(ByteView(apdus[2]).first(4)), "E0C00003");
}

TEST(HdlcNotificationReceiver, ANewBeginningEndsWhatIsIncomplete) {
    const hdlc::Address meter{1, 17, 2};
    const hdlc::Address client = hdlc::Address::client(16);
    Listener listener;
    EXPECT_TRUE(listener.push(testing::frame(client, meter, 0x03, octets("E6E7000F01"), true)).empty());
    EXPECT_EQ(listener.push(testing::frame(client, meter, 0x13, octets("E6E7000F02"))),
              std::vector<Octets>{octets("0F02")});
    // A segment whose beginning is lost, and frames that push nothing.
    EXPECT_TRUE(listener.push(testing::frame(client, meter, 0x03, octets("0F03"), true)).empty());
    EXPECT_TRUE(listener.push(testing::frame(client, meter, 0x73, octets("E6E7000F04"))).empty());
}

}  // namespace
}  // namespace ferraris::dlms
