/// `ferraris panel`: the display and the buttons of a meter in a terminal.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

void add_panel(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
