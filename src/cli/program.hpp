/// `ferraris program`: commands in the programming mode of IEC 62056-21, mode C.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

void add_program(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
