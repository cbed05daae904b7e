/// An explained item as text for people, as JSON and as XML.
#pragma once

#include <string>

#include "decode/tree.hpp"

namespace ferraris::decode {

/// Indented: offset and octets of each field beside its name and what it says. Ends in a line feed.
[[nodiscard]] std::string render_text(const Item& item);

/// One JSON object, indented by one blank a level, `indent` blanks in front of every line:
///     {"source": …, "start": …, "time": …, "buffers": [{"name", "hex"}], "tree": NODE}
///     NODE: {"name", "buffer", "offset", "length", "value", "meaning", "verdict", "fields": [NODE]}
/// What is empty is left out; so is the buffer when it is 0, and the verdict when it is good.
[[nodiscard]] std::string render_json(const Item& item, int indent = 0);

/// One element `message` with elements `buffer` and `field` (docs/command-line.md); without the XML declaration.
[[nodiscard]] std::string render_xml(const Item& item);

}  // namespace ferraris::decode
