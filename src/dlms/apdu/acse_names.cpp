// The object identifiers of application contexts and authentication mechanisms.
#include <array>

#include "dlms/apdu/acse.hpp"

namespace ferraris::dlms {
namespace {

// joint-iso-ccitt(2) country(16) 756 identified-organization(5) DLMS-UA(8), then 1 or 2 and the number.
constexpr std::array<std::uint8_t, 5> kOidPrefix = {0x60, 0x85, 0x74, 0x05, 0x08};
constexpr std::size_t kOidSize = 7;
constexpr std::uint8_t kContextArc = 1;
constexpr std::uint8_t kMechanismArc = 2;

using Oid = std::array<std::uint8_t, kOidSize>;
template <std::size_t N>
constexpr std::array<Oid, N> oids(std::uint8_t arc) {
    std::array<Oid, N> table{};
    for (std::size_t i = 0; i < N; ++i) {
        for (std::size_t k = 0; k < kOidPrefix.size(); ++k) table[i][k] = kOidPrefix[k];
        table[i][5] = arc;
        table[i][6] = static_cast<std::uint8_t>(i);
    }
    return table;
}
constexpr auto kContextOids = oids<5>(kContextArc);
constexpr auto kMechanismOids = oids<8>(kMechanismArc);

template <class Number, std::size_t N>
std::optional<Number> number_of(ByteView oid, const std::array<Oid, N>& table) {
    for (std::size_t i = 0; i < N; ++i) {
        if (equal(oid, table[i])) return static_cast<Number>(i);
    }
    return std::nullopt;
}

}  // namespace

ByteView application_context_oid(ApplicationContext context) { return kContextOids[static_cast<std::size_t>(context)]; }

ByteView mechanism_oid(AuthenticationMechanism mechanism) {
    return kMechanismOids[static_cast<std::size_t>(mechanism)];
}

std::optional<ApplicationContext> application_context_of(ByteView oid) {
    const auto context = number_of<ApplicationContext>(oid, kContextOids);
    if (context == ApplicationContext{}) return std::nullopt;  // the standard counts from 1
    return context;
}

std::optional<AuthenticationMechanism> mechanism_of(ByteView oid) {
    return number_of<AuthenticationMechanism>(oid, kMechanismOids);
}

}  // namespace ferraris::dlms
