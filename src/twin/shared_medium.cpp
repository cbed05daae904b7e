#include "twin/shared_medium.hpp"

#include <algorithm>
#include <utility>

namespace ferraris::twin {
namespace {

constexpr std::int64_t kMediumOctet_us = 10'000'000;  ///< ten bits at one baud
constexpr std::int64_t kMicrosecondsInMs = 1000;
/// What a receiver makes of two octets at once, or of one at another speed.
constexpr std::uint8_t kGarbled = 0x55;

}  // namespace

std::int64_t SharedMedium::End::over_us() const { return begun_us + kMediumOctet_us / baud; }

SharedMedium::Station SharedMedium::join(std::uint32_t baud) {
    ends_[next_].baud = baud;
    return next_++;
}

void SharedMedium::leave(Station station) { ends_.erase(station); }

void SharedMedium::set_baud(Station station, std::uint32_t baud) {
    if (const auto end = ends_.find(station); end != ends_.end()) end->second.baud = baud;
}

void SharedMedium::transmit(Station station, ByteView octets, std::int64_t now_ms) {
    const auto end = ends_.find(station);
    if (end == ends_.end() || octets.empty()) return;
    if (timeless_) {
        for (const std::uint8_t octet : octets) deliver(station, octet, false);
        return;
    }
    End& sender = end->second;
    if (sender.sending.empty()) sender.begun_us = std::max(sender.ended_us, now_ms * kMicrosecondsInMs);
    sender.sending.insert(sender.sending.end(), octets.begin(), octets.end());
}

bool SharedMedium::meets_another(Station station, std::int64_t from_us, std::int64_t to_us) const {
    return std::ranges::any_of(ends_, [&](const auto& entry) {
        const auto& [other, end] = entry;
        if (other == station) return false;
        return end.ended_us > from_us || (!end.sending.empty() && end.begun_us < to_us);
    });
}

void SharedMedium::deliver(Station from, std::uint8_t octet, bool met) {
    const std::uint32_t baud = ends_.at(from).baud;
    for (auto& [station, end] : ends_) {
        if (station == from) continue;
        const bool clear = !met && end.baud == baud;
        end.heard.push_back(clear ? octet : static_cast<std::uint8_t>(octet ^ kGarbled));
    }
}

void SharedMedium::advance(std::int64_t now_ms) {
    while (true) {
        // In the order in which octets end, so that whoever overlaps one is either still sending or has just ended.
        auto first = ends_.end();
        for (auto end = ends_.begin(); end != ends_.end(); ++end) {
            if (end->second.sending.empty()) continue;
            if (first == ends_.end() || end->second.over_us() < first->second.over_us()) first = end;
        }
        if (first == ends_.end() || first->second.over_us() > now_ms * kMicrosecondsInMs) return;
        End& sender = first->second;
        const std::int64_t over_us = sender.over_us();
        const bool met = meets_another(first->first, sender.begun_us, over_us);
        if (met) ++collisions_;
        deliver(first->first, sender.sending.front(), met);
        sender.sending.pop_front();
        sender.ended_us = over_us;
        sender.begun_us = over_us;
    }
}

std::vector<std::uint8_t> SharedMedium::take(Station station) {
    const auto end = ends_.find(station);
    return end == ends_.end() ? std::vector<std::uint8_t>{} : std::exchange(end->second.heard, {});
}

std::optional<std::int64_t> SharedMedium::next_ms() const {
    std::optional<std::int64_t> next_us;
    for (const auto& [station, end] : ends_) {
        if (!end.sending.empty()) next_us = std::min(next_us.value_or(end.over_us()), end.over_us());
    }
    if (!next_us) return std::nullopt;
    return (*next_us + kMicrosecondsInMs - 1) / kMicrosecondsInMs;
}

}  // namespace ferraris::twin
