/// `ferraris tou`: tables of tariffs, checked, sent, read back and drawn.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

void add_tou(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
