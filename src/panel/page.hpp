/// The built page (web/, cmake/panel_page.cmake), as part of the program.
#pragma once

#include <span>
#include <string_view>

namespace ferraris::panel {

struct PageFile {
    std::string_view path{};  ///< as a browser asks for it: "/index.html"
    std::string_view body{};
};

/// Empty where the page could not be built: the program then says so.
[[nodiscard]] std::span<const PageFile> page_files();

}  // namespace ferraris::panel
