#include "cli/mechanisms.hpp"

#include <algorithm>
#include <iterator>

namespace ferraris::cli {
namespace {

using dlms::AuthenticationMechanism;

struct MechanismName {
    std::string_view option;
    AuthenticationMechanism mechanism;
    std::string_view name;
};
constexpr MechanismName kMechanisms[] = {
    {"none", AuthenticationMechanism::none, "no authentication"},
    {"low", AuthenticationMechanism::low, "password"},
    {"md5", AuthenticationMechanism::high_md5, "HLS MD5"},
    {"sha1", AuthenticationMechanism::high_sha1, "HLS SHA-1"},
    {"gmac", AuthenticationMechanism::high_gmac, "HLS GMAC"},
    {"sha256", AuthenticationMechanism::high_sha256, "HLS SHA-256"},
    {"ecdsa", AuthenticationMechanism::high_ecdsa, "HLS ECDSA"},
};

}  // namespace

std::optional<AuthenticationMechanism> mechanism_from(std::string_view option) {
    const auto* const found = std::ranges::find(kMechanisms, option, &MechanismName::option);
    if (found == std::end(kMechanisms)) return std::nullopt;
    return found->mechanism;
}

std::string_view option_of(AuthenticationMechanism mechanism) {
    const auto* const found = std::ranges::find(kMechanisms, mechanism, &MechanismName::mechanism);
    return found == std::end(kMechanisms) ? std::string_view{} : found->option;
}

std::string mechanism_name(AuthenticationMechanism mechanism) {
    const auto* const found = std::ranges::find(kMechanisms, mechanism, &MechanismName::mechanism);
    return found == std::end(kMechanisms) ? "unknown authentication" : std::string(found->name);
}

bool needs_secret(AuthenticationMechanism mechanism) {
    return mechanism != AuthenticationMechanism::none && mechanism != AuthenticationMechanism::high_gmac &&
           mechanism != AuthenticationMechanism::high_ecdsa;
}

}  // namespace ferraris::cli
