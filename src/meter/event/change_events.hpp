/// Which event a change by a client is: most are parameters, some are keys, and some tell of themselves.
#pragma once

#include <cstdint>
#include <optional>

#include "dlms/apdu/apdu.hpp"
#include "meter/event/event_table.hpp"

namespace ferraris::meter {

/// After a successful write; nothing where the change has an event of its own.
[[nodiscard]] std::optional<Occurrence> event_of_write(const dlms::AttributeDescriptor& attribute,
                                                       std::uint16_t client_sap);
/// After a successful call; nothing for methods that change no parameter.
[[nodiscard]] std::optional<Occurrence> event_of_call(const dlms::MethodDescriptor& method, std::uint16_t client_sap);

}  // namespace ferraris::meter
