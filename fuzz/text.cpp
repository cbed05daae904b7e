/// What people type: addresses, OBIS codes, objects and typed values. What is taken says the same when it is written
/// and read again. The first octet says what the rest is.
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/address.hpp"
#include "cli/error.hpp"
#include "cli/obis.hpp"
#include "cli/typed_value.hpp"
#include "cli/value.hpp"

using namespace ferraris;

namespace {

void must(bool holds) {
    if (!holds) std::abort();
}

void obis(std::string_view text) {
    const auto name = cli::parse_obis(text);
    if (!name) return;
    must(cli::parse_obis(cli::dotted(*name)) == *name);
    must(cli::parse_obis(cli::obis_text(*name)) == *name);
}

void object(std::string_view text) { (void)cli::parse_object(text); }

void address(std::string_view text) {
    const cli::Address parsed = cli::parse_address(text);
    const std::string written = parsed.text();
    must(cli::parse_address(written).text() == written);
}

void typed_value(std::string_view text) { must(cli::decode_value(cli::encode_typed(text, std::nullopt)).has_value()); }

void untyped_value(std::string_view text) {
    if (text.empty()) return;
    const auto tag = static_cast<dlms::DataTag>(text.front());
    must(cli::decode_value(cli::encode_typed(text.substr(1), tag)).has_value());
}

constexpr void (*kParsers[])(std::string_view) = {obis, object, address, typed_value, untyped_value};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(data + 1, data + size);
    try {
        kParsers[data[0] % std::size(kParsers)](text);
    } catch (const cli::CliError& error) {
        must(!std::string_view(error.what()).empty());
    }
    return 0;
}
