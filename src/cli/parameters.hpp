/// `ferraris parameters`: the configuration of a meter as one file.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

void add_parameters(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
