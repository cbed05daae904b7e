/// Hexadecimal text as octets, APDUs as hexadecimal text, and the golden APDUs of the shared facts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/hex.hpp"
#include "shared.hpp"

namespace ferraris::testing {

using Octets = std::vector<std::uint8_t>;

inline Octets octets(const std::string& hex) { return from_hex(hex).value(); }
inline Octets octets(std::string_view hex) { return from_hex(hex).value(); }
inline Octets octets(const char* hex) { return from_hex(hex).value(); }

/// What `encode(out, apdu)` writes, as text.
template <class Apdu>
std::string encoded(const Apdu& apdu) {
    Octets buffer(4096);
    ByteWriter out(buffer);
    encode(out, apdu);
    EXPECT_FALSE(out.overflowed());
    return to_hex(out.written());
}

/// `field` of the item `id` in the array `list` of a file of facts.
inline std::string fact(const std::string& file, const std::string& list, const std::string& id,
                        const std::string& field = "apdu") {
    const auto facts = shared_json("facts/" + file);
    for (const auto& item : facts.at(list)) {
        if (item.at("id") == id) return item.at(field).get<std::string>();
    }
    ADD_FAILURE() << "no " << id << " in " << file;
    return {};
}

}  // namespace ferraris::testing
