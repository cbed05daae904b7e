/// `ferraris conform`: the conformance cases against any meter.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

void add_conform(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
