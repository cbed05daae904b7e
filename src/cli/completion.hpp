/// `ferraris completion`: a script for the shell's completion.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

/// Adds the verb to `app`; when it runs, it sets `exit_status` (0 on success).
void add_completion(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
