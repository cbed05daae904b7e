#include "cli/counters_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>

#include "cli/error.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

class CountersFileTest : public ::testing::Test {
protected:
    testing::ScratchFolder folder_;
    std::filesystem::path keys_{folder_ / "keys.toml"};
};

TEST_F(CountersFileTest, ReservesBeforeUseAndForEachClientAlone) {
    CountersFile file(keys_);
    EXPECT_EQ(file.next(1), 1U);
    EXPECT_EQ(file.reserve(1, 0, 100), 1U);
    EXPECT_EQ(file.next(1), 101U);
    EXPECT_EQ(file.next(2), 1U);
    EXPECT_EQ(CountersFile(keys_).reserve(1, 0, 10), 101U);
    struct stat status {};
    ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(CountersFileTest, TakesTheGreaterOfItsOwnAndTheMetersCounter) {
    CountersFile file(keys_);
    EXPECT_EQ(file.reserve(1, 5000, 10), 5000U);
    EXPECT_EQ(file.reserve(1, 7, 10), 5010U);
}

TEST_F(CountersFileTest, GivesBackOnlyWhatNobodyReservedBeyond) {
    CountersFile file(keys_);
    EXPECT_EQ(file.reserve(1, 0, 100), 1U);
    file.give_back(1, 4, 101);
    EXPECT_EQ(file.next(1), 4U);
    EXPECT_EQ(file.reserve(1, 0, 100), 4U);
    EXPECT_EQ(file.reserve(1, 0, 100), 104U);
    file.give_back(1, 5, 104);
    EXPECT_EQ(file.next(1), 204U);
}

TEST_F(CountersFileTest, NoCounterIsUsedTwiceNotEvenAfterACrash) {
    std::set<std::uint32_t> used;
    CountersFile file(keys_);
    for (int round = 0; round < 5; ++round) {
        CounterSource clean(&file, 1, 0);
        for (int i = 0; i < 300; ++i) EXPECT_TRUE(used.insert(clean.take()).second);
    }
    // A crash is a source that is never destroyed.
    auto* const crashed = new CounterSource(&file, 1, 0);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(used.insert(crashed->take()).second);
    CounterSource after(&file, 1, 0);
    EXPECT_TRUE(used.insert(after.take()).second);
    delete crashed;
    CounterSource last(&file, 1, 0);
    EXPECT_TRUE(used.insert(last.take()).second);
}

TEST_F(CountersFileTest, CleanEndsLeaveNoGap) {
    CountersFile file(keys_);
    {
        CounterSource source(&file, 1, 40);
        EXPECT_EQ(source.take(), 40U);
        EXPECT_EQ(source.take(), 41U);
    }
    EXPECT_EQ(CounterSource(&file, 1, 0).take(), 42U);
}

TEST_F(CountersFileTest, WithoutAFileCountsFromTheMeter) {
    CounterSource source(nullptr, 1, 77);
    EXPECT_EQ(source.take(), 77U);
    EXPECT_EQ(source.take(), 78U);
}

TEST_F(CountersFileTest, KeepsWhatMetersSentWithAndNeverLess) {
    constexpr SystemTitle kOne{'F', 'R', 'S', 0, 0, 0, 0, 1};
    constexpr SystemTitle kTwo{'F', 'R', 'S', 0, 0, 0, 0, 2};
    CountersFile file(keys_);
    EXPECT_TRUE(file.heard(1).empty());
    file.hear(1, kOne, 100);
    file.hear(1, kOne, 90);
    file.hear(3, kOne, 7);
    EXPECT_EQ(file.reserve(1, 0, 10), 1U);
    file.hear(1, kTwo, 0);
    const CountersFile again(keys_);
    EXPECT_EQ(again.heard(1), (std::map<SystemTitle, std::uint32_t>{{kOne, 100}, {kTwo, 0}}));
    EXPECT_EQ(again.heard(3), (std::map<SystemTitle, std::uint32_t>{{kOne, 7}}));
    EXPECT_TRUE(again.heard(2).empty());
    EXPECT_EQ(again.next(1), 11U);
}

TEST_F(CountersFileTest, RefusesWhatItCannotUnderstandAndWhatIsUsedUp) {
    CountersFile file(keys_);
    std::ofstream(file.path()) << "client 1 next many\n";
    EXPECT_THROW((void)file.next(1), CliError);
    std::ofstream(file.path()) << "client 1 next 4294967297\n";
    EXPECT_THROW((void)file.next(1), CliError);
    std::ofstream(file.path()) << "client 1 meter 46525300 heard 1\n";
    EXPECT_THROW((void)file.next(1), CliError);
    std::ofstream(file.path()) << "client 1 next 4294967290\n";
    EXPECT_THROW((void)file.reserve(1, 0, 256), CliError);
    CountersFile nowhere(folder_ / "missing/keys.toml");
    EXPECT_THROW((void)nowhere.reserve(1, 0, 1), CliError);
}

}  // namespace
}  // namespace ferraris::cli
