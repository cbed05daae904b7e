/// `ferraris write` and `ferraris call`: values into a meter, methods of its objects.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

/// Adds the verb to `app`; when it runs, it sets `exit_status` (0 on success).
void add_write(CLI::App& app, int& exit_status);
void add_call(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
