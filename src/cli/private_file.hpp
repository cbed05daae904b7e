/// Files with secrets in them, which nobody but their owner may read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ferraris::cli {

/// The whole file. Throws CliError when it cannot be opened or when others can read it (mode beyond 0600); `what` is it
/// called there ("key file"), `advice` says what to do when it is not there. Wipe what is returned.
[[nodiscard]] std::string read_private_file(const std::filesystem::path& path, std::string_view what,
                                            std::string_view advice);

/// With mode 0600 from the start. Throws CliError when it cannot be written.
void write_private_file(const std::filesystem::path& path, std::string_view what, std::string_view text);

}  // namespace ferraris::cli
