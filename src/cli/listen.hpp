/// `ferraris listen`: receives what meters push.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

void add_listen(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
