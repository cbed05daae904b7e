/// `ferraris typetest`: the accuracy tables of the standards, performed on the metrology.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

/// Adds the verb to `app`; when it runs, it sets `exit_status` (0 when the type test is passed).
void add_typetest(CLI::App& app, int& exit_status);

}  // namespace ferraris::cli
