#include "meter/event/security_reporter.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace ferraris::meter {
namespace {

constexpr std::int64_t kQuietMilliseconds = 60'000;

struct Attack {
    dlms::SecurityEvent what;
    Event event;
};
constexpr std::array<Attack, 3> kAttacks{{
    {dlms::SecurityEvent::authentication_failed, Event::authentication_failed},
    {dlms::SecurityEvent::deciphering_failed, Event::deciphering_failed},
    {dlms::SecurityEvent::replay_refused, Event::replay_attack},
}};

std::size_t attack_of(dlms::SecurityEvent event) {
    return static_cast<std::size_t>(std::ranges::find(kAttacks, event, &Attack::what) - kAttacks.begin());
}

}  // namespace

bool SecurityReporter::is_attack(dlms::SecurityEvent event) { return attack_of(event) != kAttacks.size(); }

void SecurityReporter::happened(dlms::SecurityEvent event, UtcTime board, Occurrences& due) {
    const std::size_t attack = attack_of(event);
    if (attack == kAttacks.size()) return;
    if (states_[attack].untold < std::numeric_limits<std::int32_t>::max()) ++states_[attack].untold;
    tell(attack, board, due);
}

void SecurityReporter::tick(UtcTime board, Occurrences& due) {
    for (std::size_t attack = 0; attack < states_.size(); ++attack) {
        if (states_[attack].untold != 0) tell(attack, board, due);
    }
}

void SecurityReporter::tell(std::size_t attack, UtcTime board, Occurrences& due) {
    State& state = states_[attack];
    if (board < state.quiet_until) return;
    (void)due.push_back({kAttacks[attack].event, static_cast<std::int32_t>(state.untold), 0, 0});
    state = {0, {board.milliseconds + kQuietMilliseconds}};
}

}  // namespace ferraris::meter
