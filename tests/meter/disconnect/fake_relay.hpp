/// A relay of which a test can see everything, and which fails as told.
#pragma once

#include "board/relay.hpp"

namespace ferraris::meter::testing {

class FakeRelay final : public board::Relay {
public:
    [[nodiscard]] bool drive(bool to_closed) override {
        ++driven;
        if (!answers) return false;
        if (!welded) closed = to_closed;
        return true;
    }
    [[nodiscard]] std::optional<bool> sensed() const override { return senses ? std::optional(closed) : std::nullopt; }

    bool closed{true};
    bool answers{true};
    bool welded{false};
    bool senses{true};
    int driven{0};
};

}  // namespace ferraris::meter::testing
