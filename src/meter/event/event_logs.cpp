#include "meter/event/event_logs.hpp"

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kStoredRecord = 17;
constexpr std::size_t kStoredCount = 5;
constexpr std::size_t kMostStored = kStoredRecord + sizeof(std::uint32_t) + kStoredCount * kEventCount;

/// The conditions that events of a log begin and end.
std::uint32_t conditions_of(EventLog log) {
    std::uint32_t bits = 0;
    for (const Condition& condition : kConditions) {
        const EventRow* const row = find_event(static_cast<std::uint8_t>(condition.began));
        if (row != nullptr && row->log == log) bits |= condition_bit(condition.began);
    }
    return bits;
}

std::size_t index_of(const EventRow& row) { return static_cast<std::size_t>(&row - event_table().data()); }

}  // namespace

void EventLogs::recover(const ParameterStore& store) {
    conditions_ = 0;
    for (std::size_t log = 0; log < kEventLogCount; ++log) {
        std::array<std::uint8_t, kMostStored> octets{};
        const auto size = store.read(key_number(ParameterKey::event_log, log), octets);
        if (!size) continue;
        ByteReader in(ByteView(octets).first(*size));
        EventRecord& record = last_[log];
        record.sequence = in.u32();
        record.stamp = in.u32();
        record.code = in.u8();
        record.value = static_cast<std::int32_t>(in.u32());
        record.duration_cs = in.u32();
        conditions_ |= in.u32();
        while (in.remaining() >= kStoredCount) {
            const EventRow* const row = find_event(in.u8());
            const std::uint32_t count = in.u32();
            if (row != nullptr) counts_[index_of(*row)] = count;
        }
    }
}

bool EventLogs::note(ParameterStore& store, EventLog log, const EventRecord& record) {
    last_[static_cast<std::size_t>(log)] = record;
    account(static_cast<Event>(record.code));
    return write(store, log);
}

std::uint32_t EventLogs::count(Event event) const {
    const EventRow* const row = find_event(static_cast<std::uint8_t>(event));
    return row == nullptr ? 0 : counts_[index_of(*row)];
}

std::uint32_t EventLogs::count(EventLog log) const {
    std::uint32_t sum = 0;
    for (const EventRow& row : event_table()) {
        if (row.log == log) sum += counts_[index_of(row)];
    }
    return sum;
}

void EventLogs::account(Event event) {
    const EventRow* const row = find_event(static_cast<std::uint8_t>(event));
    if (row == nullptr) return;
    std::uint32_t& count = counts_[index_of(*row)];
    if (count != UINT32_MAX) ++count;
    for (const Condition& condition : kConditions) {
        if (condition.began == event) conditions_ |= condition_bit(condition.began);
        if (condition.ended == event) conditions_ &= ~condition_bit(condition.began);
    }
}

bool EventLogs::write(ParameterStore& store, EventLog log) const {
    std::array<std::uint8_t, kMostStored> octets{};
    ByteWriter out(octets);
    const EventRecord& record = last(log);
    out.u32(record.sequence);
    out.u32(record.stamp);
    out.u8(record.code);
    out.u32(static_cast<std::uint32_t>(record.value));
    out.u32(record.duration_cs);
    out.u32(conditions_ & conditions_of(log));
    for (const EventRow& row : event_table()) {
        if (row.log != log || counts_[index_of(row)] == 0) continue;
        out.u8(static_cast<std::uint8_t>(row.event));
        out.u32(counts_[index_of(row)]);
    }
    return store.write(key_number(ParameterKey::event_log, static_cast<std::size_t>(log)), out.written());
}

}  // namespace ferraris::meter
