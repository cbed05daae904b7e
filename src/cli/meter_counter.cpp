#include "cli/meter_counter.hpp"

#include <fmt/format.h>

#include <vector>

#include "cli/dialogue.hpp"
#include "cli/error.hpp"
#include "cli/obis.hpp"
#include "cli/sinks.hpp"
#include "cli/value.hpp"
#include "crypto/openssl.hpp"

namespace ferraris::cli {
namespace {

constexpr std::uint16_t kCounterClient = 16;
constexpr std::uint16_t kData = 1;

std::vector<dlms::LogicalName> counter_objects(const ConnectOptions& options) {
    if (options.counter_object.empty() && options.quirks.counter_object) return {*options.quirks.counter_object};
    if (options.counter_object.empty()) {
        return {dlms::obis(0, 0, 43, 1, static_cast<std::uint8_t>(options.client_sap)), dlms::obis(0, 0, 43, 1, 0)};
    }
    const auto name = parse_obis(options.counter_object);
    if (!name) {
        throw CliError(
            fmt::format("--counter-object \"{}\" is no OBIS code; write 0.0.43.1.0.255", options.counter_object));
    }
    return {*name};
}

std::optional<std::uint32_t> read_counter(Dialogue& dialogue, const dlms::LogicalName& name) {
    std::vector<std::uint8_t> octets;
    VectorSink sink(octets);
    const dlms::Progress done = dialogue.carry(dialogue.session().get({{kData, name, 2}, std::nullopt}, sink));
    if (done.step != dlms::Step::done || done.access_result != dlms::DataAccessResult::success) return std::nullopt;
    const auto value = decode_value(octets);
    const auto counter = value ? value->integer() : std::nullopt;
    if (!counter || *counter < 0 || *counter >= 0xFFFFFFFF) return std::nullopt;
    return static_cast<std::uint32_t>(*counter);
}

}  // namespace

std::optional<std::uint32_t> read_meter_counter(const ConnectOptions& options) {
    const std::vector<dlms::LogicalName> names = counter_objects(options);
    const auto crypto = make_openssl_crypto();
    dlms::NoInvocationCounters none;
    dlms::ClientConfiguration configuration;
    apply(options.quirks, configuration);
    Dialogue dialogue(options, kCounterClient, configuration, *crypto, none);
    // The public client may well be refused.
    if (dialogue.carry(dialogue.session().associate()).step != dlms::Step::done) return std::nullopt;
    for (const dlms::LogicalName& name : names) {
        if (const auto counter = read_counter(dialogue, name)) return counter;
    }
    if (!options.counter_object.empty()) {
        throw CliError(fmt::format("the meter shows the public client no counter at {}; check --counter-object",
                                   options.counter_object));
    }
    return std::nullopt;
}

}  // namespace ferraris::cli
