#include "twin/test_factory.hpp"

#include <algorithm>
#include <numeric>

namespace ferraris::twin {
namespace {

constexpr std::size_t kKeySize = 16;

void count_up(meter::Key& key, std::uint8_t from) { std::iota(key.begin(), key.begin() + kKeySize, from); }

void count_down(meter::Key& key, std::uint8_t from) {
    std::iota(key.begin(), key.begin() + kKeySize, from);
    std::reverse(key.begin(), key.begin() + kKeySize);
}

}  // namespace

meter::FactorySettings test_factory_settings(std::uint8_t policy) {
    meter::FactorySettings settings;
    for (const char letter : kTestReaderPassword) {
        (void)settings.secrets[meter::kReaderIndex].push_back(static_cast<std::uint8_t>(letter));
    }
    std::uint8_t first = 0x00;
    for (const std::size_t client : {meter::kUtilityIndex, meter::kTechnicianIndex}) {
        meter::SecuritySettings& security = settings.security[client];
        security.policy = policy;
        count_up(security.unicast_encryption, first);
        count_down(security.broadcast_encryption, first);
        count_up(security.authentication, 0xD0);
        count_up(security.master, 0x50);
        for (std::uint8_t i = 0; i < kKeySize; ++i) {
            (void)settings.secrets[client].push_back(static_cast<std::uint8_t>(0xA0 + first + i));
        }
        first = 0x10;
    }
    return settings;
}

}  // namespace ferraris::twin
