/// A bistable relay of the virtual board, whose contact can be stuck.
#pragma once

#include <functional>
#include <utility>

#include "board/relay.hpp"

namespace ferraris::twin {

class RelayModel final : public board::Relay {
public:
    using OnMove = std::function<void(bool closed)>;

    [[nodiscard]] bool drive(bool closed) override {
        if (stuck_ || closed == closed_) return true;
        closed_ = closed;
        if (on_move_) on_move_(closed);
        return true;
    }
    [[nodiscard]] std::optional<bool> sensed() const override { return closed_; }

    [[nodiscard]] bool is_closed() const { return closed_; }
    /// From now on the contact stays where it is, as a welded one does; or moves again when it is driven.
    void stick(bool stuck) { stuck_ = stuck; }
    /// Called whenever the contact moves.
    void on_move(OnMove on_move) { on_move_ = std::move(on_move); }

private:
    OnMove on_move_{};
    bool closed_{true};
    bool stuck_{false};
};

}  // namespace ferraris::twin
