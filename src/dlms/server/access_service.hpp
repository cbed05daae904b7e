/// ACCESS on the server's side (IEC 62056-5-3, 6.9): reads, writes and calls in the order of the request, each with a
/// result of its own. ACCESS has no blocks: an answer that does not fit needs general block transfer.
#pragma once

#include "dlms/apdu/access.hpp"
#include "dlms/server/service.hpp"

namespace ferraris::dlms {

/// Carries out what `request` asks for. An item that fails does not stop those behind it, unless the request says
/// break on error: those are then not tried, and answered with other-reason. An unconfirmed request is carried out
/// and answered with silence. Results wait in `long_memory`, so that its size bounds the list.
void answer_access(const ServiceRequest& request, MethodTarget& target, Answer& answer);

}  // namespace ferraris::dlms
