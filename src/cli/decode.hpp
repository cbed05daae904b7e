/// `ferraris decode`: explains frames and APDUs.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

void add_decode(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
