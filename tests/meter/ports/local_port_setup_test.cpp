/// Class 19 and the passwords of a port, as clients of DLMS and readers of IEC 62056-21 see them.
#include "meter/ports/local_port_setup.hpp"

#include <gtest/gtest.h>

#include "meter/fixture.hpp"
#include "meter/local_port.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::iec62056_21::DeviceError;
using dlms::iec62056_21::text_of;

enum class LocalSetup : std::int8_t {
    default_mode = 2,
    default_baud = 3,
    proposed_baud = 4,
    response_time = 5,
    device_address = 6,
    pass_p1 = 7,
    pass_p2 = 8,
    pass_w5 = 9,
};

class LocalPortSetupTest : public ::testing::Test {
protected:
    static dlms::AttributeDescriptor attribute(LocalSetup which, Port port = Port::optical) {
        return {19, dlms::obis(0, static_cast<std::uint8_t>(port), 20, 0, 0), static_cast<std::int8_t>(which)};
    }
    DataAccessResult set(LocalSetup which, const std::string& value, Port port = Port::optical) {
        return bench_.write(kUtilitySap, attribute(which, port), testing::octets(value));
    }
    std::uint8_t password(std::string_view operand) {
        LocalPort port(*bench_.meter, &setup());
        return port.password({'P', '1', text_of(operand), false});
    }
    std::string read(std::uint8_t level, std::string_view operand) {
        LocalPort port(*bench_.meter, &setup());
        std::array<std::uint8_t, 128> octets{};
        ByteWriter out(octets);
        const auto piece = port.read(level, {'R', '1', text_of(operand), false}, 0, out);
        if (piece.error != DeviceError::none) return "ER" + std::to_string(static_cast<int>(piece.error));
        return {out.written().begin(), out.written().end()};
    }
    const LocalPortSetup& setup() { return bench_.meter->instrument().ports.local_of(Port::optical); }

    testing::Bench bench_;
};

TEST_F(LocalPortSetupTest, EachPortHasItsOwnAndItOutlastsALossOfPower) {
    EXPECT_EQ(testing::Bench{}.read(kUtilitySap, attribute(LocalSetup::proposed_baud)), testing::octets("1606"));
    ASSERT_EQ(set(LocalSetup::proposed_baud, "1604"), DataAccessResult::success);       // enum: 4,800 Bd
    ASSERT_EQ(set(LocalSetup::response_time, "1600"), DataAccessResult::success);       // enum: 20 ms
    ASSERT_EQ(set(LocalSetup::device_address, "09024142"), DataAccessResult::success);  // octet-string "AB"
    ASSERT_EQ(set(LocalSetup::pass_p2, "09083837363534333231"), DataAccessResult::success);
    bench_.power_up();
    EXPECT_EQ(bench_.read(kTechnicianSap, attribute(LocalSetup::proposed_baud)), testing::octets("1604"));
    EXPECT_EQ(bench_.read(kTechnicianSap, attribute(LocalSetup::response_time)), testing::octets("1600"));
    EXPECT_EQ(bench_.read(kTechnicianSap, attribute(LocalSetup::device_address)), testing::octets("09024142"));
    EXPECT_EQ(password("(87654321)"), kTechnicianSap);
    // RS485 rests at 9,600 Bd, and was left alone.
    EXPECT_EQ(bench_.read(kUtilitySap, attribute(LocalSetup::default_baud, Port::rs485)), testing::octets("1605"));
    EXPECT_EQ(bench_.read(kUtilitySap, attribute(LocalSetup::proposed_baud, Port::rs485)), testing::octets("1605"));
}

TEST_F(LocalPortSetupTest, RefusesWhatIsOutOfRange) {
    EXPECT_EQ(set(LocalSetup::default_mode, "1602"), DataAccessResult::other_reason);
    EXPECT_EQ(set(LocalSetup::default_baud, "1607"), DataAccessResult::other_reason) << "beyond 19,200 Bd";
    EXPECT_EQ(set(LocalSetup::response_time, "1602"), DataAccessResult::other_reason);
    EXPECT_EQ(set(LocalSetup::device_address, "0902412F"), DataAccessResult::other_reason) << "a slash";
    EXPECT_EQ(set(LocalSetup::pass_p1, "090731323334353637"), DataAccessResult::other_reason) << "7 characters";
    EXPECT_EQ(set(LocalSetup::pass_p1, "09083132333435363729"), DataAccessResult::other_reason) << "a parenthesis";
    EXPECT_EQ(set(LocalSetup::proposed_baud, "1104"), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench_.read(kUtilitySap, attribute(LocalSetup::default_mode)), testing::octets("1600"));
    EXPECT_EQ(password("(12345678)"), kReaderSap) << "the secret of the client, as before";
}

TEST_F(LocalPortSetupTest, PasswordsAreWrittenByTheUtilityAndReadByNobody) {
    const std::string value = "09083030303030303031";
    for (const LocalSetup which : {LocalSetup::pass_p1, LocalSetup::pass_p2, LocalSetup::pass_w5}) {
        EXPECT_EQ(bench_.write(kTechnicianSap, attribute(which), testing::octets(value)),
                  DataAccessResult::read_write_denied);
        (void)bench_.read(kUtilitySap, attribute(which));
        EXPECT_EQ(bench_.result, DataAccessResult::read_write_denied);
    }
    bench_.protection = {};  // neither authenticated nor encrypted
    EXPECT_NE(set(LocalSetup::pass_p1, value), DataAccessResult::success);
}

TEST_F(LocalPortSetupTest, FourLevelsOnePasswordEach) {
    ASSERT_EQ(set(LocalSetup::pass_p1, "09083131313131313131"), DataAccessResult::success);
    ASSERT_EQ(set(LocalSetup::pass_p2, "09083232323232323232"), DataAccessResult::success);
    ASSERT_EQ(set(LocalSetup::pass_w5, "09083333333333333333"), DataAccessResult::success);
    EXPECT_EQ(password("(11111111)"), kReaderSap);
    EXPECT_EQ(password("(22222222)"), kTechnicianSap);
    EXPECT_EQ(password("(33333333)"), kUtilitySap);
    EXPECT_EQ(password("(12345678)"), 0) << "the client's secret opens nothing here any more";
    // The public, without a password: who the meter is, and what time it has.
    EXPECT_EQ(read(0, "C.1.0()"), "C.1.0(0000000004711)");
    EXPECT_EQ(read(0, "1.8.0()"), "ER7");
    EXPECT_EQ(read(0, "1.99.0()"), "ER17");
    EXPECT_EQ(read(kReaderSap, "1.8.0()"), "1.8.0(00000000.000*kWh)");
}

TEST_F(LocalPortSetupTest, AnEmptyPasswordClosesItsLevelAtThisPort) {
    ASSERT_EQ(set(LocalSetup::pass_p1, "0900"), DataAccessResult::success);
    EXPECT_EQ(password("(12345678)"), 0);
    EXPECT_EQ(password("()"), 0);
}

}  // namespace
}  // namespace ferraris::meter
