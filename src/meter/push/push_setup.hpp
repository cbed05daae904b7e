/// The push setups of this meter and what each says (Push setup, class 40, version 2, IEC 62056-6-2). Their attributes
/// live in the parameter store just as they were written, so that a meter that pushes nothing needs no memory for them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/civil_time.hpp"
#include "base/fixed_vector.hpp"
#include "dlms/data.hpp"
#include "dlms/logical_name.hpp"
#include "meter/objects/selected_attribute.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// Which setup; also its row in `kPushSetups`.
enum class PushCause : std::uint8_t { power_up, schedule, alarm };
inline constexpr std::size_t kPushSetupCount = 3;

struct PushSetupRow {
    dlms::LogicalName name{};
    std::uint16_t script{0};  ///< of the push script table
};

/// In the order of `PushCause`.
inline constexpr std::array<PushSetupRow, kPushSetupCount> kPushSetups{{
    {dlms::obis(0, 0, 25, 9, 0), 1},
    {dlms::obis(0, 1, 25, 9, 0), 2},
    {dlms::obis(0, 4, 25, 9, 0), 3},
}};
inline constexpr dlms::LogicalName kPushScriptTable = dlms::obis(0, 0, 10, 0, 108);

/// transport_service_type of send_destination_and_method: those that this meter has.
enum class PushTransport : std::uint8_t { tcp = 0, udp = 1, hdlc = 5 };
/// message_type: data-notification in A-XDR, or, from the range for manufacturers, an event-notification of the first
/// object of the list.
enum class PushMessageType : std::uint8_t { data_notification = 0, event_notification = 128 };
/// push_operation_method: what makes a push a success.
enum class PushOperation : std::uint8_t {
    unconfirmed_failure = 0,  ///< the layer below has taken it
    unconfirmed_missing = 1,  ///< the layer below has confirmed it
    confirmed = 2,            ///< the client has confirmed it
};

/// Seconds before attempt n + 1: `least` * (`exponent` / 100)^(n - 1), and not more than `most`.
struct RepetitionDelay {
    std::uint16_t least{60};
    std::uint16_t exponent{100};
    std::uint16_t most{3600};

    [[nodiscard]] std::uint32_t seconds_after(unsigned attempt) const;
};

/// What the engine needs of a setup; lists and windows are read where they are needed.
struct PushSettings {
    PushTransport transport{PushTransport::tcp};
    FixedVector<std::uint8_t, 64> destination{};  ///< "host:port"; empty: nothing is sent
    PushMessageType message{PushMessageType::data_notification};
    std::uint16_t randomisation_start_interval_s{0};
    std::uint8_t number_of_retries{0};
    RepetitionDelay repetition_delay{};
    std::uint8_t client_sap{0};
    PushOperation operation{PushOperation::unconfirmed_failure};
    std::int64_t confirmation_start_s{0};  ///< pushes before this are not confirmed
    std::uint32_t confirmation_interval_s{0};
};

/// Attributes 2 to 12 have a value in the store; 13 is state.
inline constexpr int kFirstPushAttribute = 2;
inline constexpr int kLastPushAttribute = 12;
/// The most octets that an attribute may have.
inline constexpr std::size_t kMaxPushAttribute = 768;
inline constexpr std::size_t kMaxPushObjects = 32;
inline constexpr std::size_t kMaxPushWindows = 4;
inline constexpr std::size_t kMaxScheduleEntries = 24;
using PushAttribute = std::array<std::uint8_t, kMaxPushAttribute>;

/// The attribute as encoded `Data`, the default where none was written. A view into `buffer`.
[[nodiscard]] ByteView read_push_attribute(const ParameterStore& store, PushCause cause, int attribute,
                                           PushAttribute& buffer);
/// Durable when true. The value must be one that `check_push_attribute` likes.
[[nodiscard]] bool write_push_attribute(ParameterStore& store, PushCause cause, int attribute, ByteView value);

enum class PushValue : std::uint8_t { good, wrong_type, impossible };
/// Type and range. Whether the objects of the list exist is for the object table to say.
[[nodiscard]] PushValue check_push_attribute(int attribute, ByteView value);

[[nodiscard]] PushSettings read_push_settings(const ParameterStore& store, PushCause cause);
/// Whether `local` lies in one of the communication windows; without any, always.
[[nodiscard]] bool in_communication_window(const ParameterStore& store, PushCause cause, const CivilTime& local);

/// execution_time of the schedule that starts `PushCause::schedule` (Single action schedule, class 22).
[[nodiscard]] ByteView read_push_schedule(const ParameterStore& store, PushAttribute& buffer);
[[nodiscard]] bool write_push_schedule(ParameterStore& store, ByteView value);
[[nodiscard]] PushValue check_push_schedule(ByteView value);

}  // namespace ferraris::meter
