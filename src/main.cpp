/// One program, a verb for each role.
#include "cli/app.hpp"

int main(int argc, char** argv) { return ferraris::cli::run(argc, argv); }
