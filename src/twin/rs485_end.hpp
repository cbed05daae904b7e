/// The meter's end of RS485: it answers whoever begins, and asks the devices behind it for its other ports while nobody
/// else speaks.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "twin/local_line.hpp"
#include "twin/pass_through.hpp"

namespace ferraris::twin {

class Rs485End final : public LineEnd {
public:
    /// As `LocalLine`; `pass_through` outlives it.
    Rs485End(const MeterService& meter, const HdlcLineSettings& settings, std::string serial_number, std::string peer,
             PassThrough& pass_through)
        : own_(meter, settings, std::move(serial_number), std::move(peer)), pass_through_(pass_through) {}

    void receive(ByteView& in, std::int64_t now_ms) override {
        pass_through_.heard(now_ms);
        if (pass_through_.active()) return pass_through_.receive(in, now_ms);
        own_.receive(in, now_ms);
    }
    [[nodiscard]] ByteView pull(std::int64_t now_ms) override {
        return pass_through_.active() ? pass_through_.pull(now_ms) : own_.pull(now_ms);
    }
    void poll(std::int64_t now_ms) override {
        own_.poll(now_ms);
        pass_through_.poll(now_ms, own_.idle());
    }
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const override {
        const auto own = own_.next_timeout();
        const auto other = pass_through_.next_timeout();
        return own && other ? std::min(*own, *other) : own ? own : other;
    }
    [[nodiscard]] std::uint32_t baud() const override { return own_.baud(); }

private:
    LocalLine own_;
    PassThrough& pass_through_;
};

}  // namespace ferraris::twin
