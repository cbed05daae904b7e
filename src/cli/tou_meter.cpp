#include "cli/tou_meter.hpp"

#include <fmt/format.h>

#include <array>

#include "cli/error.hpp"
#include "cli/obis.hpp"
#include "cli/results.hpp"

namespace ferraris::cli {
namespace {

constexpr std::int8_t kActivatePassive = 1;
constexpr std::int8_t kActivationTime = 10;

void send_part(Client& client, const TouPart& part, const TouTable& table) {
    const dlms::DataAccessResult result = client.set({part.class_id, part.name, part.passive}, encoded(part, table));
    if (result == dlms::DataAccessResult::success) return;
    throw CliError(
        fmt::format("{} was not written ({}:{}): {}", part.what, obis_text(part.name), part.passive, explain(result)));
}

dlms::DataAccessResult set_activation_time(Client& client, const dlms::DateTime& time) {
    std::array<std::uint8_t, 2 + dlms::kDateTimeSize> octets{};
    ByteWriter out(octets);
    dlms::DataWriter(out).octet_string(dlms::encode(time));
    return client.set({20, kActivityCalendar, kActivationTime}, out.written());
}

}  // namespace

TouTable read_tou(Client& client, TouSet which) {
    TouTable table;
    for (const TouPart& part : kTouParts) {
        const std::int8_t attribute = which == TouSet::active ? part.active : part.passive;
        const GetAnswer answer = client.get({part.class_id, part.name, attribute});
        if (answer.result != dlms::DataAccessResult::success) {
            throw CliError(fmt::format("{} was not read ({}:{}): {}", part.what, obis_text(part.name), attribute,
                                       explain(answer.result)));
        }
        const auto fault = part.take(table, answer.value);
        if (fault == meter::CalendarFault::none) continue;
        throw CliError(
            fmt::format("the meter has {} that this program cannot take over ({}:{}): {}; `ferraris read` "
                        "shows it as it is",
                        part.what, obis_text(part.name), attribute, fault_text(fault)));
    }
    std::ranges::sort(table.special_days, {}, &meter::SpecialDay::index);
    return table;
}

void write_passive(Client& client, const TouTable& table) {
    for (const TouPart& part : kTouParts) {
        if (part.name == kActivityCalendar) send_part(client, part, table);
    }
}

void write_special_days(Client& client, const TouTable& table) { send_part(client, kTouParts.back(), table); }

void activate_now(Client& client) {
    const std::vector<std::uint8_t> zero{0x0F, 0x00};
    const CallAnswer answer = client.call({20, kActivityCalendar, kActivatePassive}, zero);
    if (answer.result == dlms::ActionResult::success) return;
    throw CliError(fmt::format("the passive table was written, but not activated: {}", explain(answer.result)));
}

void forget_activation(Client& client) {
    const dlms::DataAccessResult result = set_activation_time(client, {});
    if (result == dlms::DataAccessResult::success) return;
    throw CliError(fmt::format("the activation time was not cleared, nothing was written: {}", explain(result)));
}

void activate_at(Client& client, const dlms::DateTime& time) {
    const dlms::DataAccessResult result = set_activation_time(client, time);
    if (result == dlms::DataAccessResult::success) return;
    throw CliError(fmt::format("the passive table was written, but not its activation time: {}", explain(result)));
}

}  // namespace ferraris::cli
