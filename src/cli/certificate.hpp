/// `ferraris certificate`: the key pairs and certificates of a meter, through its security setup (class 64).
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

void add_certificate(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
