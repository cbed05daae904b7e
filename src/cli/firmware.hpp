/// `ferraris firmware`: images of a meter's program, made, signed, sent and activated.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

/// Adds the verb to `app`; when it runs, it sets `exit_status` (0 on success).
void add_firmware(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
