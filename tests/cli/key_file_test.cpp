#include "cli/key_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

class KeyFileTest : public ::testing::Test {
protected:
    std::filesystem::path write(const std::string& text, mode_t mode = 0600) {
        const auto path = folder_ / "keys.toml";
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
        return path;
    }
    std::string complaint(const std::string& text, mode_t mode = 0600) {
        try {
            (void)read_key_file(write(text, mode));
        } catch (const CliError& error) {
            return error.what();
        }
        return "";
    }
    testing::ScratchFolder folder_;
};

constexpr const char* kGood = R"(
system_title = "4652530000000001"
[client.1]
unicast_key = "000102030405060708090A0B0C0D0E0F"
authentication_key = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
dedicated = true
[client.2]
secret = "text"
[client.3]
secret_hex = "00FF"
)";

TEST_F(KeyFileTest, HoldsTheSecretsOfEachClient) {
    const KeyFile keys = read_key_file(write(kGood));
    ASSERT_TRUE(keys.system_title);
    EXPECT_EQ(to_hex(*keys.system_title), "4652530000000001");
    EXPECT_EQ(to_hex(keys.client(1).unicast_key), "000102030405060708090A0B0C0D0E0F");
    EXPECT_EQ(to_hex(keys.client(1).authentication_key), "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    EXPECT_TRUE(keys.client(1).dedicated);
    EXPECT_EQ(keys.client(2).secret, (Octets{'t', 'e', 'x', 't'}));
    EXPECT_FALSE(keys.client(2).dedicated);
    EXPECT_EQ(keys.client(3).secret, (Octets{0x00, 0xFF}));
    EXPECT_THROW((void)keys.client(4), CliError);
}

TEST_F(KeyFileTest, HoldsTheKeysOfSuitesWithCurves) {
    const std::string private_key(64, 'A');
    const std::string public_key(128, 'B');
    const std::string table =
        "[client.1]\nsuite = 1\nunicast_key = \"000102030405060708090A0B0C0D0E0F\"\nsigning_key = \"" + private_key +
        "\"\nmeter_signing_key = \"" + public_key + "\"\n";
    KeyFile keys = read_key_file(write(table));
    EXPECT_EQ(keys.client(1).suite_or_default(), 1);
    EXPECT_EQ(to_hex(keys.client(1).signing_key), private_key);
    keys.path = folder_ / "again.toml";
    write_key_file(keys);
    const KeyFile again = read_key_file(keys.path);
    EXPECT_EQ(again.client(1).suite, std::uint8_t{1});
    EXPECT_EQ(to_hex(again.client(1).meter_signing_key), public_key);
    EXPECT_NE(complaint("[client.1]\nsuite = 3\n").find("write 0, 1 or 2"), std::string::npos);
    EXPECT_NE(complaint("[client.1]\nsigning_key = \"00\"\n").find("needed are 32 or 48"), std::string::npos);
    EXPECT_NE(complaint("[client.1]\nsingning_key = \"00\"\n").find("signing_key"), std::string::npos);
}

TEST_F(KeyFileTest, IsRefusedWhenOthersCanReadIt) {
    for (const mode_t mode : {0640U, 0604U, 0660U, 0644U}) {
        const std::string text = complaint(kGood, mode);
        EXPECT_NE(text.find("chmod 600 "), std::string::npos) << text;
    }
    EXPECT_EQ(complaint(kGood, 0400), "");
}

TEST_F(KeyFileTest, NamesEntryAndReasonButNoSecret) {
    const std::string secret = "AABBCCDDEEFF";
    for (const std::string& text :
         {complaint("[client.1]\nunicast_key = \"" + secret + "\"\n"), complaint("[client.1]\nunicast_key = " + secret),
          complaint("[client.1]\nunicast_key = \"" + secret + "XY\"\n"),
          complaint("[client.1]\npassword = \"" + secret + "\"\n"),
          complaint("[client.x]\nsecret = \"" + secret + "\"\n"), complaint("secret = \"" + secret + "\"\n")}) {
        EXPECT_NE(text.find("key file "), std::string::npos) << text;
        EXPECT_EQ(text.find(secret), std::string::npos) << text;
    }
    EXPECT_NE(complaint("[client.1]\nunicast_key = \"AABB\"\n")
                  .find("[client.1] unicast_key: it has 2 octets, needed are 16 or 32"),
              std::string::npos);
    EXPECT_NE(complaint("system_title = \"01\"\n").find("needed are 8"), std::string::npos);
}

std::string repeated(std::string_view pair, int octets) {
    std::string text;
    for (int i = 0; i < octets; ++i) text += pair;
    return text;
}

TEST_F(KeyFileTest, HoldsTheKeysOfMetersByTheirTitles) {
    const KeyFile keys = read_key_file(
        write("[meter.4d45540000000001]\nunicast_key = \"" + repeated("01", 16) + "\"\nauthentication_key = \"" +
              repeated("02", 16) + "\"\nbroadcast_key = \"" + repeated("03", 32) + "\"\ndedicated_key = \"" +
              repeated("04", 16) + "\"\nmaster_key = \"" + repeated("05", 16) +
              "\"\n[meter.4D45540000000002]\nagreement_key = \"" + repeated("06", 32) + "\"\nmeter_agreement_key = \"" +
              repeated("07", 64) + "\"\nmeter_signing_key = \"" + repeated("08", 96) + "\"\n"));
    ASSERT_EQ(keys.meters.size(), 2U);
    const ClientSecrets& first = keys.meters.at({0x4D, 0x45, 0x54, 0, 0, 0, 0, 1});
    EXPECT_EQ(first.unicast_key, Octets(16, 1));
    EXPECT_EQ(first.authentication_key, Octets(16, 2));
    EXPECT_EQ(first.broadcast_key, Octets(32, 3));
    EXPECT_EQ(first.dedicated_key, Octets(16, 4));
    EXPECT_EQ(first.master_key, Octets(16, 5));
    const ClientSecrets& second = keys.meters.at({0x4D, 0x45, 0x54, 0, 0, 0, 0, 2});
    EXPECT_TRUE(second.unicast_key.empty());
    EXPECT_EQ(second.agreement_key, Octets(32, 6));
    EXPECT_EQ(second.meter_agreement_key, Octets(64, 7));
    EXPECT_EQ(second.meter_signing_key, Octets(96, 8));
}

TEST_F(KeyFileTest, NamesWhatIsWrongWithAMeter) {
    const std::string secret = repeated("AB", 15);
    const auto expect = [&](const std::string& text, std::string_view part) {
        const std::string said = complaint(text);
        EXPECT_NE(said.find(part), std::string::npos) << said;
        EXPECT_EQ(said.find(secret), std::string::npos) << said;
    };
    expect("[meter.01]\nunicast_key = \"" + secret + "\"\n",
           "[meter.01]: a meter goes by the 8 octets of its system title in hex, as in [meter.4D45540000000001]");
    expect("[meter.4D45540000000001]\nmaster_key = \"" + secret + "\"\n",
           "[meter.4D45540000000001] master_key: it has 15 octets, needed are 16 or 32");
    expect("[meter.4D45540000000001]\nmeter_signing_key = \"" + secret + "\"\n", "needed are 64 or 96");
    expect("[meter.4D45540000000001]\nkek = \"" + secret + "\"\n",
           "[meter.4D45540000000001] kek: unknown; known are unicast_key, authentication_key, broadcast_key, "
           "dedicated_key, wireless_key, master_key, ");
    expect("[meter]\n4D45540000000001 = \"" + secret + "\"\n", "write it as a table, [meter.4D45540000000001]");
    expect("[meter.4D45540000000aa1]\n[meter.4D45540000000AA1]\nunicast_key = \"" + secret + "AB\"\n",
           "this meter has a table already");
    expect("meter = \"" + secret + "\"\n",
           "known are system_title, trust_anchor and tables [client.N], [meter.TITLE] and [virtual_meter]");
}

TEST_F(KeyFileTest, MissingFileIsSaidPlainly) {
    try {
        (void)read_key_file(folder_ / "none.toml");
        FAIL();
    } catch (const CliError& error) {
        EXPECT_NE(std::string(error.what()).find("cannot be opened: No such file"), std::string::npos);
    }
}

TEST_F(KeyFileTest, IsWrittenForItsOwnerOnly) {
    KeyFile keys;
    keys.path = folder_ / "written.toml";
    keys.system_title = SystemTitle{0x46, 0x52, 0x53, 0, 0, 0, 0, 1};
    keys.clients[1].unicast_key = Octets(16, 0x11);
    keys.clients[1].authentication_key = Octets(16, 0x22);
    keys.clients[1].dedicated = true;
    keys.clients[2].secret = {'p', '"', '\n'};
    const SystemTitle meter{0x4D, 0x45, 0x54, 0, 0, 0, 0, 0xAA};
    keys.meters[meter].master_key = Octets(16, 0x33);
    keys.meters[meter].meter_signing_key = Octets(64, 0x44);
    write_key_file(keys);
    struct stat status {};
    ASSERT_EQ(::stat(keys.path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    const KeyFile again = read_key_file(keys.path);
    EXPECT_EQ(again.system_title, keys.system_title);
    EXPECT_EQ(again.client(1).unicast_key, keys.clients[1].unicast_key);
    EXPECT_EQ(again.client(1).authentication_key, keys.clients[1].authentication_key);
    EXPECT_TRUE(again.client(1).dedicated);
    EXPECT_EQ(again.client(2).secret, keys.clients[2].secret);
    ASSERT_EQ(again.meters.size(), 1U);
    EXPECT_EQ(again.meters.at(meter).master_key, keys.meters[meter].master_key);
    EXPECT_EQ(again.meters.at(meter).meter_signing_key, keys.meters[meter].meter_signing_key);
}

}  // namespace
}  // namespace ferraris::cli
