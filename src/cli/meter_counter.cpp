#include "cli/meter_counter.hpp"

#include <fmt/format.h>

#include <vector>

#include "cli/dialogue.hpp"
#include "cli/error.hpp"
#include "cli/obis.hpp"
#include "crypto/openssl.hpp"
#include "dlms/client/recovery.hpp"

namespace ferraris::cli {
namespace {

constexpr std::uint16_t kCounterClient = 16;

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

}  // namespace

std::optional<std::uint32_t> read_meter_counter(const ConnectOptions& options) {
    const std::vector<dlms::LogicalName> names = counter_objects(options);
    const auto crypto = make_openssl_crypto();
    dlms::NoInvocationCounters none;
    dlms::ClientConfiguration configuration;
    apply(options.quirks, configuration);
    Dialogue dialogue(options, kCounterClient, configuration, *crypto, none);
    dlms::MeterCounterReader reader(dialogue.session(), names);
    for (dlms::Progress progress = reader.start(); progress.step != dlms::Step::done;) {
        progress = reader.next(dialogue.carry(progress));
    }
    if (!dialogue.session().association().open || reader.counter()) return reader.counter();
    if (!options.counter_object.empty()) {
        throw CliError(fmt::format("the meter shows the public client no counter at {}; check --counter-object",
                                   options.counter_object));
    }
    return std::nullopt;
}

}  // namespace ferraris::cli
