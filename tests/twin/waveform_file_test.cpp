#include "twin/waveform_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace ferraris::twin {
namespace {

class WaveformFile : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove(path_); }
    std::filesystem::path write(const std::string& octets) {
        std::ofstream(path_, std::ios::binary) << octets;
        return path_;
    }
    const std::filesystem::path path_ =
        std::filesystem::path(testing::TempDir()) /
        (std::string("waveform_") + testing::UnitTest::GetInstance()->current_test_info()->name() + ".i16");
};

TEST_F(WaveformFile, PairsAreLittleEndianCurrentFirst) {
    using namespace std::string_literals;
    const auto samples = read_waveform(write("\x01\x00\xFE\xFF\x00\x80\xFF\x7F"s));
    ASSERT_TRUE(samples.has_value());
    ASSERT_EQ(samples->size(), 2U);
    EXPECT_EQ((*samples)[0].current, 1);
    EXPECT_EQ((*samples)[0].voltage, -2);
    EXPECT_EQ((*samples)[1].current, -32768);
    EXPECT_EQ((*samples)[1].voltage, 32767);
}

TEST_F(WaveformFile, SaysWhichFileAndWhatIsWrong) {
    const auto error = [](const std::filesystem::path& path) {
        const auto result = read_waveform(path);
        return result ? std::string() : result.error();
    };
    const auto contains = [](const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    };
    for (const std::size_t size : {1U, 2U, 3U, 4001U, 4002U}) {
        const std::string text = error(write(std::string(size, 'x')));
        EXPECT_TRUE(contains(text, path_.string())) << text;
        EXPECT_TRUE(contains(text, std::to_string(size) + " octets")) << text;
    }
    EXPECT_TRUE(contains(error(write("")), "is empty"));
    std::filesystem::remove(path_);
    EXPECT_TRUE(contains(error(path_), "cannot be opened"));
    EXPECT_TRUE(contains(error(testing::TempDir()), "directory"));
}

}  // namespace
}  // namespace ferraris::twin
