/// A table of tariffs on its way to a meter and back.
#pragma once

#include <cstdint>

#include "cli/client.hpp"
#include "cli/tou_parts.hpp"

namespace ferraris::cli {

enum class TouSet : std::uint8_t { active, passive };

/// Throws CliError when the meter refuses, or has what cannot be understood.
[[nodiscard]] TouTable read_tou(Client& client, TouSet set);
/// Writes the passive set. What the meter has meanwhile stays active.
void write_passive(Client& client, const TouTable& table);
void write_special_days(Client& client, const TouTable& table);
void activate_now(Client& client);
/// No activation is to come by itself.
void forget_activation(Client& client);
void activate_at(Client& client, const dlms::DateTime& time);

}  // namespace ferraris::cli
