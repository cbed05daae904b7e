/// What goes over the meter's ports, as lines for people: what each APDU is, and what a deciphered request wanted.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "decode/decoder.hpp"
#include "twin/heard.hpp"

namespace ferraris::panel {

enum class TalkPort : std::uint8_t { network, optical, rs485, module };
inline constexpr std::size_t kTalkPortCount = 4;

struct TalkLine {
    enum class From : std::uint8_t { client, meter, inside };
    TalkPort port{};
    From from{};
    std::string peer{};  ///< as the log of the ports calls it
    std::string text{};
    std::size_t octets{0};  ///< of the message; 0 for what was inside it
};

class Talk {
public:
    using Sink = std::function<void(const TalkLine&)>;
    explicit Talk(Sink sink) : sink_(std::move(sink)) {}

    void hear(const twin::Heard& heard);

private:
    void apdu(const twin::Heard& heard, TalkLine::From from);
    void characters(const twin::Heard& heard, TalkLine::From from);
    void flush_characters();

    Sink sink_;
    std::string peer_{};
    TalkPort port_{};
    decode::KeyRing no_keys_{};
    decode::Link link_{};
    TalkLine pending_{};  ///< characters of one direction, until the line ends or the other side speaks
};

[[nodiscard]] TalkPort port_of_peer(std::string_view peer);
[[nodiscard]] std::string_view name_of(TalkPort port);

/// A value of `Data` in a few words: "231.4 V" needs its scaler, so here "2314"; nested ones by their size.
[[nodiscard]] std::string short_value(ByteView encoded);

}  // namespace ferraris::panel
