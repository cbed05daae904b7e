#include "cli/private_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/error.hpp"

namespace ferraris::cli {

std::string read_private_file(const std::filesystem::path& path, std::string_view what, std::string_view advice) {
    // Through one descriptor, so that what was checked is what is read.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        throw CliError(
            fmt::format("the {} {} cannot be opened: {}; {}", what, path.string(), std::strerror(errno), advice));
    }
    struct stat status {};
    const bool known = ::fstat(file, &status) == 0;
    if (!known || (status.st_mode & 0077U) != 0) {
        ::close(file);
        throw CliError(fmt::format("others can read the {} {} (mode {:04o}); run: chmod 600 {}", what, path.string(),
                                   status.st_mode & 07777U, path.string()));
    }
    std::string text;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(file, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(file);
    return text;
}

void write_private_file(const std::filesystem::path& path, std::string_view what, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool good = file >= 0 && ::fchmod(file, 0600) == 0 &&
                      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int error = errno;
    if (file >= 0) ::close(file);
    if (!good)
        throw CliError(fmt::format("the {} {} cannot be written: {}", what, path.string(), std::strerror(error)));
}

}  // namespace ferraris::cli
