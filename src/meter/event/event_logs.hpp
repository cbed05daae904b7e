/// What the event logs (0-0:99.98.e) have to say besides their rows: the last event of each, how often every event
/// happened, and which conditions hold.
///
/// A row is captured like that of any other profile, with the values that this class shows as objects. So that none is
/// lost and none comes twice, what the row is to say is in flash first, together with the sequence number that the row
/// will have; when power comes and that row is not there, it is captured then.
#pragma once

#include <array>
#include <cstdint>

#include "meter/event/event_table.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

struct EventRecord {
    std::uint32_t sequence{0};  ///< of its row
    std::uint32_t stamp{0};     ///< seconds since 1970 by the meter's clock
    std::uint8_t code{0};       ///< 0: nothing has happened yet
    std::int32_t value{0};
    std::uint32_t duration_cs{0};
};

class EventLogs {
public:
    void recover(const ParameterStore& store);

    /// Before the row is captured: durable when true. It counts also where the flash does not take it.
    bool note(ParameterStore& store, EventLog log, const EventRecord& record);

    /// The newest event of a log.
    [[nodiscard]] const EventRecord& last(EventLog log) const { return last_[static_cast<std::size_t>(log)]; }
    /// How often since the meter was made.
    [[nodiscard]] std::uint32_t count(Event event) const;
    [[nodiscard]] std::uint32_t count(EventLog log) const;
    /// The conditions that have begun and not ended, as `condition_bit`.
    [[nodiscard]] std::uint32_t conditions() const { return conditions_; }

private:
    void account(Event event);
    [[nodiscard]] bool write(ParameterStore& store, EventLog log) const;

    std::array<EventRecord, kEventLogCount> last_{};
    std::array<std::uint32_t, kEventCount> counts_{};  ///< in the order of the event table
    std::uint32_t conditions_{0};
};

}  // namespace ferraris::meter
