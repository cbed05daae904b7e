/// What the page can do to the meter and its world: one table of commands, each with the values that it takes. Nothing
/// that is not in it is carried out.
///
///     {"do": "voltage", "value": 207.5}
///     {"do": "switch.kettle", "value": true}
///     {"do": "dip", "value": 160, "milliseconds": 240}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "board/buttons.hpp"
#include "twin/scenario/scenario.hpp"

namespace ferraris::panel {

struct Command {
    enum class Kind : std::uint8_t {
        change,  ///< `change` happens to the world or the board
        hold,    ///< `button` goes down or up
        speed,   ///< `speed` seconds in a second; time goes on
        pause,   ///< time stands still
        leap,    ///< to the next tariff change
    };
    Kind kind{};
    twin::scenario::Change change{};
    board::Button button{};
    bool down{false};
    double speed{1};
    /// Chosen by the client, for the answer; absent: it wants none.
    std::optional<std::int64_t> id{};
};

/// Why a message is no command, and the id of the answer, as far as one could be read.
struct Refusal {
    std::string why{};
    std::optional<std::int64_t> id{};
};

/// The longest message that is looked at.
inline constexpr std::size_t kMostCommandOctets = 512;

[[nodiscard]] Result<Command, Refusal> parse_command(std::string_view json);

/// {"done": id} or {"refused": id or null, "why": "…"}
[[nodiscard]] std::string done_message(std::int64_t id);
[[nodiscard]] std::string refused_message(const Refusal& refusal);

}  // namespace ferraris::panel
