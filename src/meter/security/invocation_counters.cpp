#include "meter/security/invocation_counters.hpp"

#include <algorithm>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::uint64_t kEnd = 0x1'0000'0000;

bool write_bound(ParameterStore& store, std::uint16_t key, std::uint64_t bound) {
    std::array<std::uint8_t, 8> octets{};
    ByteWriter(octets).u64(bound);
    return store.write(key, octets);
}

std::uint64_t read_bound(const ParameterStore& store, std::uint16_t key) {
    std::array<std::uint8_t, 8> octets{};
    if (store.read(key, octets) != octets.size()) return 0;
    return ByteReader(octets).u64();
}

}  // namespace

InvocationCounters::InvocationCounters(std::uint32_t first_sent) { sent_.fill({first_sent, first_sent}); }

void InvocationCounters::recover(const ParameterStore& store) {
    for (std::size_t i = 0; i < received_.size(); ++i) {
        const std::uint64_t bound = read_bound(store, key_number(ParameterKey::received_counter, i));
        received_[i] = {bound, bound};
    }
    for (std::size_t i = 0; i < sent_.size(); ++i) {
        const std::uint64_t bound = read_bound(store, key_number(ParameterKey::sent_counter, i));
        if (bound != 0) sent_[i] = {bound, bound};
    }
}

bool InvocationCounters::accept(ParameterStore& store, std::size_t client, dlms::KeySet key, std::uint32_t counter) {
    const auto index = received_index(client, key);
    if (!index) return false;
    Counter& received = received_[*index];
    if (counter < received.next) return false;
    if (counter >= received.bound) {
        const std::uint64_t bound = std::min(std::uint64_t{counter} + kReceiveBlock, kEnd);
        if (!write_bound(store, key_number(ParameterKey::received_counter, *index), bound)) return false;
        received.bound = bound;
    }
    received.next = std::uint64_t{counter} + 1;
    return true;
}

std::uint32_t InvocationCounters::expected(std::size_t client, dlms::KeySet key) const {
    const auto index = received_index(client, key);
    if (!index) return 0;
    return static_cast<std::uint32_t>(std::min(received_[*index].next, kEnd - 1));
}

std::uint32_t InvocationCounters::last(std::size_t client, dlms::KeySet key) const {
    const auto index = received_index(client, key);
    if (!index || received_[*index].next == 0) return 0;
    return static_cast<std::uint32_t>(received_[*index].next - 1);
}

std::optional<std::uint32_t> InvocationCounters::next(ParameterStore& store, std::size_t client) {
    if (client >= sent_.size()) return std::nullopt;
    Counter& sent = sent_[client];
    if (sent.next >= kEnd) return std::nullopt;
    if (sent.next >= sent.bound) {
        const std::uint64_t bound = std::min(sent.next + kSendBlock, kEnd);
        if (!write_bound(store, key_number(ParameterKey::sent_counter, client), bound)) return std::nullopt;
        sent.bound = bound;
    }
    return static_cast<std::uint32_t>(sent.next++);
}

bool InvocationCounters::settle(ParameterStore& store) {
    const auto settle_one = [&store](Counter& counter, ParameterKey key, std::size_t index) {
        if (counter.bound == counter.next) return true;
        counter.bound = counter.next;
        return write_bound(store, key_number(key, index), counter.bound);
    };
    bool settled = true;
    for (std::size_t i = 0; i < received_.size(); ++i) {
        settled = settle_one(received_[i], ParameterKey::received_counter, i) && settled;
    }
    for (std::size_t i = 0; i < sent_.size(); ++i) {
        settled = settle_one(sent_[i], ParameterKey::sent_counter, i) && settled;
    }
    return settled;
}

std::optional<std::size_t> InvocationCounters::received_index(std::size_t client, dlms::KeySet key) {
    if (client >= kSecretClientCount || key == dlms::KeySet::dedicated) return std::nullopt;
    return client * kKeyCount + (key == dlms::KeySet::global_broadcast ? 1 : 0);
}

}  // namespace ferraris::meter
