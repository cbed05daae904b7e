/// The line between a panel and its meter, in a thread of its own: it asks for the picture four times a second, and
/// carries the buttons. A slow line, or one that is gone, never holds up the keyboard.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cli/client.hpp"
#include "cli/panel_view.hpp"

namespace ferraris::cli {

/// One picture; throws CliError where the meter gives none.
[[nodiscard]] PanelView read_panel_view(Client& client);

class PanelLink {
public:
    struct State {
        PanelView view{};
        std::string trouble{};   ///< why there is no newer picture; empty: the line is well
        std::string refusal{};   ///< why the buttons do nothing; empty: they do
        std::uint64_t count{0};  ///< rises with each change
    };

    /// Connects and takes the first picture; throws CliError where that fails.
    explicit PanelLink(const ConnectOptions& options);
    /// Waits for an answer that is under way.
    ~PanelLink();
    PanelLink(const PanelLink&) = delete;
    PanelLink& operator=(const PanelLink&) = delete;

    /// Begins to follow the meter. A line that is lost is looked for again and again.
    void start();
    [[nodiscard]] State state() const;
    /// Buttons that are held from now on: bit n for button n.
    void hold(std::uint8_t buttons);
    /// How long a long press takes, as the meter has it set.
    [[nodiscard]] std::chrono::seconds long_press() const { return long_press_; }

private:
    void run();
    void connect();
    void talk();
    void press(std::uint8_t buttons);
    [[nodiscard]] std::optional<std::uint8_t> next_press();
    void wait(std::chrono::milliseconds time);
    template <class Change>
    void change(Change&& how);

    ConnectOptions options_;
    std::optional<Client> client_{};
    std::chrono::seconds long_press_{8};
    mutable std::mutex mutex_{};
    std::condition_variable wake_{};
    State state_{};
    std::deque<std::uint8_t> presses_{};
    bool ending_{false};
    std::thread thread_{};
};

}  // namespace ferraris::cli
