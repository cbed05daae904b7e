#include "cli/wireless_option.hpp"

#include <gtest/gtest.h>

#include <string>

#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

using Destination = twin::RadioDestination;

TEST(WirelessOption, HasDefaults) {
    const WirelessOption option = parse_wireless("hex");
    EXPECT_EQ(option.destination.kind, Destination::Kind::hex);
    EXPECT_FALSE(option.destination.chips);
    EXPECT_EQ(option.setup.format, meter::RadioFormat::c1_format_a);
    EXPECT_EQ(option.setup.security, mbus::Security::mode_7);
    EXPECT_EQ(option.setup.interval_s, 450);
}

TEST(WirelessOption, ReadsDestinationsAndWhatIsNotDefault) {
    const WirelessOption file = parse_wireless("file:/tmp/air.txt?chips&mode=t1&security=5&interval=60");
    EXPECT_EQ(file.destination.kind, Destination::Kind::file);
    EXPECT_EQ(file.destination.name, "/tmp/air.txt");
    EXPECT_TRUE(file.destination.chips);
    EXPECT_EQ(file.setup.format, meter::RadioFormat::t1);
    EXPECT_EQ(file.setup.security, mbus::Security::mode_5);
    EXPECT_EQ(file.setup.interval_s, 60);
    const WirelessOption udp = parse_wireless("udp://[::1]:9000?mode=c1b&security=none");
    EXPECT_EQ(udp.destination.kind, Destination::Kind::udp);
    EXPECT_EQ(udp.destination.name, "::1");
    EXPECT_EQ(udp.destination.port, 9000);
    EXPECT_EQ(udp.setup.format, meter::RadioFormat::c1_format_b);
    EXPECT_EQ(udp.setup.security, mbus::Security::none);
}

TEST(WirelessOption, RefusesTheRestAndSaysWhatItWants) {
    for (const char* bad :
         {"", "hexx", "file:", "udp://127.0.0.1", "udp://127.0.0.1:0", "udp://:9000", "udp://host:99999",
          "udp://example.org:9000", "hex?mode=s1", "hex?security=8", "hex?interval=1", "hex?interval=3601",
          "hex?interval=6x", "hex?speed=1", "udp://127.0.0.1:9000?chips"}) {
        try {
            (void)parse_wireless(bad);
            FAIL() << bad << " was taken";
        } catch (const CliError& error) {
            EXPECT_NE(std::string(error.what()).find("--wireless wants"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace ferraris::cli
