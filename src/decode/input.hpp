/// What a user gives to be explained: hexadecimal text, a log of it, binary files, captures.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/decoder.hpp"

namespace ferraris::decode {

/// One line of hexadecimal text.
struct TextLine {
    Octets octets{};
    std::size_t end{0};  ///< where the next line begins in the text
    bool marked{false};  ///< it has an arrow, TX, RX or the like in front
};

/// Lines of pairs of hexadecimal digits: with blanks, colons, commas, dashes, brackets, quotation marks or 0x between
/// them, a mark of direction in front (`<-`, `->`, `TX`, `RX` …) and comments behind `#`, `//` or `;`. Nothing when any
/// line is something else.
[[nodiscard]] std::optional<std::vector<TextLine>> parse_hex_text(std::string_view text);

/// Told now and then how far it is, in octets of the input.
using ProgressReport = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct InputSummary {
    bool capture{false};
    bool text{false};
    std::uint64_t items{0};
    std::uint64_t packets{0};
    std::uint64_t other_octets{0};  ///< of a capture: carried by TCP and UDP, and no metering protocol
    std::string problem{};          ///< why a capture could not be read to its end
};

/// Explains all of `input`, whatever it is.
InputSummary explain_input(const Toolbox& tools, ByteView input, const Sink& sink, const ProgressReport& progress);

/// The same for octets that are known to be no text: one message, or a stream.
void explain_octets(const Toolbox& tools, ByteView octets, const Sink& sink, const ProgressReport& progress);

}  // namespace ferraris::decode
