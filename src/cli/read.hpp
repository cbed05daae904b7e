/// `ferraris read`: values out of a meter.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

/// Adds the verb to `app`; when it runs, it sets `exit_status` (0 on success).
void add_read(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
