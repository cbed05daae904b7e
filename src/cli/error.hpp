/// What a verb throws when it cannot go on: one line, what is wrong and what to do.
#pragma once

#include <stdexcept>
#include <string>

namespace ferraris::cli {

/// `what()` reads as "what is wrong; what to do", without the name of the verb, which the frame puts in front. Never
/// contains a secret.
class CliError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace ferraris::cli
