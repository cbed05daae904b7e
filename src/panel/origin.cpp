#include "panel/origin.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <string>

namespace ferraris::panel {
namespace {

bool is_digits(std::string_view text) {
    return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Without the port; empty when that is none.
std::string_view name_of_host(std::string_view host) {
    const bool bracketed = host.starts_with('[');
    const std::size_t end = bracketed ? host.find(']') : host.find(':');
    if (bracketed && end == std::string_view::npos) return {};
    const std::string_view rest = end == std::string_view::npos ? "" : host.substr(bracketed ? end + 1 : end);
    if (!rest.empty() && (rest.front() != ':' || !is_digits(rest.substr(1)))) return {};
    return bracketed ? host.substr(1, end - 1) : host.substr(0, end);
}

}  // namespace

bool is_own_host(std::string_view host) {
    const std::string name(name_of_host(host));
    if (name == "localhost") return true;
    boost::system::error_code error;
    boost::asio::ip::make_address(name, error);
    return !error;
}

bool is_own_origin(std::string_view origin, std::string_view host) {
    constexpr std::string_view kScheme = "http://";
    return origin.starts_with(kScheme) && origin.substr(kScheme.size()) == host;
}

}  // namespace ferraris::panel
