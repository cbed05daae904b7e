/// What goes over a meter's ports, for somebody who looks on and takes no part.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/bytes.hpp"

namespace ferraris::twin {

struct Heard {
    enum class What : std::uint8_t {
        request,         ///< an APDU from a client
        answer,          ///< an APDU to a client
        characters_in,   ///< IEC 62056-21, from a reader
        characters_out,  ///< IEC 62056-21, to a reader
        access,          ///< what a request wanted of the meter, and what became of it
    };
    What what{};
    std::string_view peer{};  ///< as the log calls it; empty: the one of the request before
    ByteView octets{};        ///< of an access that read something: the value, as A-XDR
    std::string_view text{};  ///< of an access: "GET 1-0:1.8.0*255:2, success"
};

/// The views are valid during the call. May be empty.
using Listener = std::function<void(const Heard&)>;

}  // namespace ferraris::twin
