/// `ferraris profile`: intervals and logs out of a profile.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

/// Adds the verb to `app`; when it runs, it sets `exit_status` (0 on success).
void add_profile(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
