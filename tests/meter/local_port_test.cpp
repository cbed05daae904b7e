#include "meter/local_port.hpp"

#include <gtest/gtest.h>

#include <string>

#include "meter/fixture.hpp"
#include "meter/objects/object_table.hpp"
#include "meter/objects/readout_list.hpp"

namespace ferraris::meter {
namespace {

using dlms::iec62056_21::Command;
using dlms::iec62056_21::DeviceError;
using dlms::iec62056_21::text_of;

class LocalPortTest : public ::testing::Test {
protected:
    /// The answer to a command with one piece; `ERn` when it is refused.
    std::string read(std::uint8_t level, std::string_view operand, char digit = '1') {
        std::array<std::uint8_t, 128> octets{};
        ByteWriter out(octets);
        const auto piece = port_.read(level, command('R', digit, operand), 0, out);
        EXPECT_FALSE(piece.more);
        if (piece.error != DeviceError::none) return "ER" + std::to_string(static_cast<int>(piece.error));
        return {out.written().begin(), out.written().end()};
    }
    DeviceError write(std::uint8_t level, std::string_view operand) {
        return port_.write(level, command('W', '1', operand));
    }
    std::uint8_t password(std::string_view operand, char digit = '1') {
        return port_.password(command('P', digit, operand));
    }
    std::vector<std::string> readout() {
        std::vector<std::string> lines;
        for (std::size_t piece = 0;; ++piece) {
            std::array<std::uint8_t, 128> octets{};
            ByteWriter out(octets);
            const auto produced = port_.readout(piece, out);
            lines.emplace_back(out.written().begin(), out.written().end());
            if (!produced.more) return lines;
        }
    }
    static Command command(char type, char digit, std::string_view operand) {
        return {static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(digit), text_of(operand), false};
    }

    testing::Bench bench_{testing::utc(2026, 1, 15, 10, 30)};
    LocalPort port_{*bench_.meter};
};

TEST_F(LocalPortTest, TheReadoutShowsEveryRowOfItsList) {
    bench_.run(3600, 1234);
    const auto lines = readout();
    ASSERT_EQ(lines.size(), kReadoutList.size());
    for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_FALSE(lines[i].empty()) << "row " << i;
    EXPECT_EQ(lines[0], "C.1.0(0000000004711)");
    EXPECT_EQ(lines[3].substr(0, 6), "0.9.1(");
    EXPECT_EQ(lines[6], "1.8.0(00000001.234*kWh)");
    EXPECT_EQ(lines[13], "2.8.0(00000000.000*kWh)");
    EXPECT_NE(std::find(lines.begin(), lines.end(), "32.7.0(230.00*V)"), lines.end());
    EXPECT_NE(std::find(lines.begin(), lines.end(), "1.7.0(1234.000*W)"), lines.end());
}

TEST_F(LocalPortTest, EveryRowOfTheListIsAnObject) {
    for (const ReadoutRow& row : kReadoutList) EXPECT_NE(find_object(row.object), nullptr);
}

TEST_F(LocalPortTest, APasswordOpensItsLevel) {
    EXPECT_EQ(password("(12345678)"), kReaderSap);
    EXPECT_EQ(password("(12345679)"), 0);
    EXPECT_EQ(password("12345678"), 0) << "not in parentheses";
    EXPECT_EQ(password("(12345678)", '2'), 0) << "no algorithm is offered";
    EXPECT_EQ(password("()"), 0) << "who has no secret cannot be entered as";
}

TEST_F(LocalPortTest, WrongPasswordsLockTheirClientHereAndEverywhere) {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(password("(12345679)"), 0);
    EXPECT_EQ(password("(12345678)"), 0) << "locked out";
    EXPECT_TRUE(bench_.meter->client(kReaderSap)->locked);
    EXPECT_FALSE(bench_.meter->client(kUtilitySap)->locked) << "whose secret was compared with nothing";
    bench_.meter->observe(testing::plus_seconds(bench_.now, 10));
    EXPECT_EQ(password("(12345678)"), kReaderSap);
    EXPECT_EQ(bench_.meter->instrument().logins.failed_attempts(kReaderIndex), 0U);
}

TEST_F(LocalPortTest, ReadsByShortAndByWholeCode) {
    bench_.run(3600, 500);
    EXPECT_EQ(read(kReaderSap, "1.8.0()"), "1.8.0(00000000.500*kWh)");
    EXPECT_EQ(read(kReaderSap, "1-0:1.8.0*255()"), "1.8.0(00000000.500*kWh)");
    EXPECT_EQ(read(kReaderSap, "0-0:96.1.0()"), "C.1.0(0000000004711)");
    EXPECT_EQ(read(kReaderSap, "C.1.0()"), "C.1.0(0000000004711)");
    EXPECT_EQ(read(kReaderSap, "9.9.9()"), "ER17") << "unknown address";
    EXPECT_EQ(read(kReaderSap, "1.8()"), "ER17");
    EXPECT_EQ(read(kReaderSap, "1.8.0"), "ER3") << "no data set";
    EXPECT_EQ(read(kReaderSap, "1.8.0()", '2'), "ER2");
    EXPECT_EQ(read(kReaderSap, "1-0:99.1.0()"), "ER10") << "a profile is no value of one line";
}

TEST_F(LocalPortTest, TheTechnicianSetsTheClockAndTheReaderDoesNot) {
    EXPECT_EQ(write(kReaderSap, "0.9.1(123456)"), DeviceError::not_permitted);
    EXPECT_EQ(write(kTechnicianSap, "0.9.1(123456)"), DeviceError::none);
    EXPECT_EQ(write(kTechnicianSap, "0.9.2(260704)"), DeviceError::none);
    EXPECT_EQ(read(kReaderSap, "0.9.1()"), "0.9.1(123456)");
    EXPECT_EQ(read(kReaderSap, "0.9.2()"), "0.9.2(260704)");
    EXPECT_EQ(write(kTechnicianSap, "0.9.1(250000)"), DeviceError::wrong_value);
    EXPECT_EQ(write(kTechnicianSap, "0.9.2(260231)"), DeviceError::wrong_value);
    EXPECT_EQ(write(kTechnicianSap, "0.9.1(12345)"), DeviceError::wrong_value);
    EXPECT_EQ(write(kTechnicianSap, "0.9.1(12a456)"), DeviceError::wrong_value);
    EXPECT_EQ(write(kTechnicianSap, "1.8.0(1)"), DeviceError::read_only);
    EXPECT_EQ(write(kTechnicianSap, "9.9.9(1)"), DeviceError::unknown_address);
    EXPECT_EQ(port_.execute(kUtilitySap, command('E', '2', "x()")), DeviceError::invalid_command);
}

TEST_F(LocalPortTest, TheTechnicianBeginsAndEndsTheTestModeOfTheDisplay) {
    EXPECT_EQ(read(kReaderSap, "0-0:128.30.4()"), "0-0:128.30.4(0)");
    EXPECT_EQ(write(kReaderSap, "0-0:128.30.4(1)"), DeviceError::not_permitted);
    EXPECT_EQ(write(kTechnicianSap, "0-0:128.30.4(2)"), DeviceError::wrong_value);
    EXPECT_EQ(write(kTechnicianSap, "0-0:128.30.4(10)"), DeviceError::wrong_value);
    EXPECT_EQ(write(kTechnicianSap, "0-0:128.30.4()"), DeviceError::wrong_value);
    EXPECT_EQ(read(kReaderSap, "0-0:128.30.4()"), "0-0:128.30.4(0)");
    EXPECT_EQ(write(kTechnicianSap, "0-0:128.30.4(1)"), DeviceError::none);
    EXPECT_EQ(read(kReaderSap, "0-0:128.30.4()"), "0-0:128.30.4(1)");
    EXPECT_EQ(write(kTechnicianSap, "0-0:128.30.4(0)"), DeviceError::none);
    EXPECT_EQ(read(kReaderSap, "0-0:128.30.4()"), "0-0:128.30.4(0)");
    EXPECT_EQ(write(kTechnicianSap, "0-0:96.5.1(1)"), DeviceError::not_permitted) << "a status, which nobody sets";
}

}  // namespace
}  // namespace ferraris::meter
