/// `ferraris disconnect` and `ferraris reconnect`: the supply behind a meter, and what became of it.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

/// Adds both verbs to `app`; when one runs, it sets `exit_status` (0: the supply is as it was called for).
void add_supply(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
