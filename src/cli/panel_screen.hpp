/// The terminal as the panel's own: keys one by one, a picture that is drawn over and over, and signals as events, so
/// that the terminal is left as it was whatever ends the program.
#pragma once

#include <termios.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ferraris::cli {

/// Signals that end, stop or resize the panel, from `block` on held back for its screen. Threads that begin later hold
/// them back too.
class PanelSignals {
public:
    PanelSignals();
    ~PanelSignals();
    PanelSignals(const PanelSignals&) = delete;
    PanelSignals& operator=(const PanelSignals&) = delete;

    void block();
    /// Readable when one has come.
    [[nodiscard]] int file() const { return file_; }
    /// The next one that has come.
    [[nodiscard]] std::optional<int> take() const;

private:
    sigset_t set_{};
    sigset_t before_{};
    bool blocked_{false};
    int file_{-1};
};

class PanelScreen {
public:
    explicit PanelScreen(PanelSignals& signals);
    ~PanelScreen();
    PanelScreen(const PanelScreen&) = delete;
    PanelScreen& operator=(const PanelScreen&) = delete;

    /// Waits until something is there or the time is over. Gives the keys; q where the user, the terminal or a signal
    /// wants the end.
    [[nodiscard]] std::string keys(std::chrono::milliseconds patience);
    /// Draws over what was there; what does not fit is cut off.
    void draw(const std::vector<std::string>& lines);
    [[nodiscard]] std::size_t columns() const;

private:
    void enter();
    void leave();
    void handle_signals(std::string& keys);

    PanelSignals& signals_;
    termios before_{};
    bool entered_{false};
};

}  // namespace ferraris::cli
