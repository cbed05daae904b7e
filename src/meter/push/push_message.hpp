/// The APDU of a push: the values of its object list, read through the object table with the rights of the push
/// client, as a data-notification (or event-notification), and under that client's keys where its policy says so.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/fixed_vector.hpp"
#include "dlms/server/logical_device.hpp"
#include "meter/instrument.hpp"

namespace ferraris::meter {

/// Why a push that was due cannot go out; it is not tried again.
enum class PushProblem : std::uint8_t {
    none,
    too_long,     ///< more than the buffer holds
    no_client,    ///< the push client is none of this meter's
    unprotected,  ///< the policy wants what the keys or the counter do not give
};

/// One attempt, for the shell to carry out and then to report with `Meter::push_finished`.
struct PushMessage {
    PushCause cause{PushCause::power_up};
    PushProblem problem{PushProblem::none};
    PushTransport transport{PushTransport::tcp};
    FixedVector<std::uint8_t, 64> destination{};
    std::uint16_t client_sap{0};
    unsigned attempt{1};
    std::uint32_t invoke_id{0};
    /// A data-notification-confirm is to be waited for; `Meter::confirms` tells a good one.
    bool confirmation_wanted{false};
    ByteView apdu{};  ///< views into the buffer
};

/// Writes the plain APDU of `cause` from `offset` on. Values that the push client may not read, or that are not there,
/// are null-data: the list keeps its order. The length; nothing when it does not fit.
[[nodiscard]] std::optional<std::size_t> write_push(Instrument& meter, PushCause cause, const PushSettings& settings,
                                                    bool confirmation_wanted, ByteSpan buffer, std::size_t offset);

}  // namespace ferraris::meter
