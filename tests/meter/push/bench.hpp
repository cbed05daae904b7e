/// A meter that pushes, and a receiver without a socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hex.hpp"
#include "dlms/apdu/data_notification.hpp"
#include "dlms/security/ciphering.hpp"
#include "meter/fixture.hpp"

namespace ferraris::meter::testing {

using dlms::obis;
using Octets = std::vector<std::uint8_t>;

inline constexpr dlms::LogicalName kOnPowerUp = obis(0, 0, 25, 9, 0);
inline constexpr dlms::LogicalName kOnSchedule = obis(0, 1, 25, 9, 0);
inline constexpr dlms::LogicalName kOnAlarm = obis(0, 4, 25, 9, 0);

template <class Write>
Octets encoded(Write&& write) {
    Octets buffer(2048);
    ByteWriter out(buffer);
    dlms::DataWriter data(out);
    write(data);
    buffer.resize(out.size());
    return buffer;
}

class PushBench : public Bench {
public:
    using Bench::Bench;

    dlms::DataAccessResult set(const dlms::LogicalName& setup, std::int8_t attribute, ByteView value) {
        return write(kUtilitySap, {40, setup, attribute}, value);
    }
    void send_to(const dlms::LogicalName& setup, std::string_view destination,
                 PushTransport transport = PushTransport::tcp, std::uint8_t message = 0) {
        const Octets text(destination.begin(), destination.end());
        EXPECT_EQ(set(setup, 3, encoded([&](dlms::DataWriter& data) {
                          data.structure(3);
                          data.enum_(static_cast<std::uint8_t>(transport));
                          data.octet_string(ByteView(text));
                          data.enum_(message);
                      })),
                  dlms::DataAccessResult::success);
    }
    /// Without protection, so that what goes out can be read as it is.
    void as_reader(const dlms::LogicalName& setup) {
        EXPECT_EQ(set(setup, 9, *from_hex("0F02")), dlms::DataAccessResult::success);
    }
    /// The next push within `seconds`, with the second at which it came due in `waited`.
    std::optional<PushMessage> push_within(std::int64_t seconds) {
        for (waited = 0; waited <= seconds; ++waited) {
            if (meter->push_due()) return meter->next_push(buffer);
            if (waited < seconds) run(1, 1000);
        }
        return std::nullopt;
    }
    std::optional<PushMessage> push_from(std::int64_t seconds, PushOutcome outcome = PushOutcome::sent) {
        const auto message = push_within(seconds);
        if (message) (void)meter->push_finished(*message, outcome);
        return message;
    }

    Octets buffer = Octets(2048);
    std::int64_t waited{0};
};

}  // namespace ferraris::meter::testing
