/// What the panel answers to an HTTP request, without a socket.
#pragma once

#include <string_view>

namespace ferraris::panel {

struct HttpQuestion {
    std::string_view method{};
    std::string_view target{};
    std::string_view host{};
    std::string_view origin{};  ///< empty: the header was not there
    bool upgrade{false};        ///< to WebSocket
};

struct HttpAnswer {
    unsigned status{200};
    std::string_view type{"text/plain; charset=utf-8"};
    std::string_view body{};
    std::string_view allow{};        ///< methods, with status 405
    bool immutable{false};           ///< its name has its check sum
    bool switch_protocols{false};    ///< go on as WebSocket
    const char* complaint{nullptr};  ///< for the log
};

/// Where browsers listen and speak.
inline constexpr std::string_view kLiveTarget = "/live";

[[nodiscard]] HttpAnswer answer_to(const HttpQuestion& question);

/// Headers of every answer: nothing but the page's own files is loaded or run, nobody frames it, nobody guesses types.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

}  // namespace ferraris::panel
