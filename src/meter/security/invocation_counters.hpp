/// Invocation counters that survive any loss of power without a flash write on the common path (IEC
/// 62056-5-3, 5.3.4.5).
///
///                     last            ceiling (in flash)
///     ----------------|---------------|------------------->   received: refused up to `last`;
///                                                             after a kill refused up to the ceiling
///                     next            reserved (in flash)
///     ----------------|---------------|------------------->   sent: after a kill goes on at `reserved`
///
/// A bound is made durable before it is passed. When the meter goes down in order, the exact values are written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dlms/server/logical_device.hpp"
#include "meter/security/client_level.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

class InvocationCounters {
public:
    /// How far ahead a received counter may run before the next flash write, and how many to send with are reserved.
    static constexpr std::uint32_t kReceiveBlock = 256;
    static constexpr std::uint32_t kSendBlock = 1000;

    InvocationCounters() = default;
    /// For a meter that never sent: the first counter that it sends with.
    explicit InvocationCounters(std::uint32_t first_sent);
    void recover(const ParameterStore& store);
    /// True, and remembered, when `counter` is greater than all before.
    [[nodiscard]] bool accept(ParameterStore& store, std::size_t client, dlms::KeySet key, std::uint32_t counter);
    /// The least that would be accepted.
    [[nodiscard]] std::uint32_t expected(std::size_t client, dlms::KeySet key) const;
    /// The greatest that was accepted.
    [[nodiscard]] std::uint32_t last(std::size_t client, dlms::KeySet key) const;
    /// Nothing: used up, or the flash fails.
    [[nodiscard]] std::optional<std::uint32_t> next(ParameterStore& store, std::size_t client);
    /// Writes the exact values; the next use of each reserves again.
    [[nodiscard]] bool settle(ParameterStore& store);

private:
    /// Everything below `next` was accepted or is refused; `bound` is what the flash says. 64 bits: the number after
    /// the last of 32.
    struct Counter {
        std::uint64_t next{0};
        std::uint64_t bound{0};
    };

    static constexpr std::size_t kKeyCount = 2;

    [[nodiscard]] static std::optional<std::size_t> received_index(std::size_t client, dlms::KeySet key);

    std::array<Counter, kSecretClientCount * kKeyCount> received_{};
    std::array<Counter, kSecretClientCount> sent_{};
};

}  // namespace ferraris::meter
