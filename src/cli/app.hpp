/// The frame of the program: its verbs, help, errors and exit status.
#pragma once

namespace CLI {
class App;
}

namespace ferraris::cli {

/// Registers every verb; each sets `exit_status` when it ran. For the program and for the completion script.
void add_verbs(CLI::App& app, int& exit_status);

/// The whole program. 0 only when the verb did what it was asked; 2 for a wrong command line; 1 for everything else.
/// Errors are one line on standard error: "ferraris VERB: what is wrong; what to do".
[[nodiscard]] int run(int argc, const char* const* argv);

}  // namespace ferraris::cli
