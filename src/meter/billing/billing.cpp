#include "meter/billing/billing.hpp"

#include <algorithm>

#include "meter/schedule/execution_times.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::uint16_t kMagic = 0x4252;
constexpr std::size_t kCountOctets = 6;
constexpr std::uint16_t kPayload = 13 + kRateCount * (4 + metrology::kEnergyCount * kCountOctets) + kMaximaOctets;
/// Value group F: 0 to 99 by the period's number, from 101 on counted back from now.
constexpr std::uint8_t kNumbersModulo = 100;
constexpr std::uint8_t kLastPeriod = 101;

void put(ByteWriter& out, const BillingRecord& record) {
    out.u32(record.period);
    out.u32(record.stamp);
    out.u32(record.board_s);
    out.u8(record.status);
    for (Rate rate = 1; rate <= kRateCount; ++rate) {
        out.u32(record.registers.seconds(rate));
        for (const std::uint64_t count : record.registers.counts(rate)) out.unsigned_of(count, kCountOctets);
    }
    put(out, record.maxima);
}

void take(ByteReader& in, BillingRecord& record) {
    record.period = in.u32();
    record.stamp = in.u32();
    record.board_s = in.u32();
    record.status = in.u8();
    for (Rate rate = 1; rate <= kRateCount; ++rate) {
        const std::uint32_t seconds = in.u32();
        RateCounts counts{};
        for (std::uint64_t& count : counts) count = in.unsigned_of(kCountOctets);
        record.registers.restore(rate, counts, seconds);
    }
    take(in, record.maxima);
}

std::uint32_t board_seconds(UtcTime board) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(board.seconds(), 0, UINT32_MAX));
}

void write_default_schedule(dlms::DataWriter& data) {
    data.array(1);
    data.structure(2);
    data.octet_string(dlms::encode(dlms::Time{0, 0, 0, 0}));
    dlms::Date first_of_month;
    first_of_month.day_of_month = 1;
    data.octet_string(dlms::encode(first_of_month));
}

}  // namespace

Billing::Billing(board::Flash& flash, FlashRegion region) : ring_(flash, region, kPayload, kMagic) {}

bool Billing::recover(const ParameterStore& store) {
    std::array<std::uint8_t, 4> lockout{};
    if (store.read(key_number(ParameterKey::billing_lockout), lockout)) lockout_s_ = ByteReader(lockout).u32();
    if (!ring_.recover()) return false;
    BillingRecord record;
    for (std::uint32_t sequence = ring_.next(); sequence != ring_.oldest(); --sequence) {
        if (!read_sequence(sequence - 1, record)) continue;
        note(record);
        break;
    }
    return true;
}

bool Billing::end_period(BillingRecord& record) {
    record.period = period_ + 1;
    std::array<std::uint8_t, kPayload> octets{};
    ByteWriter out(octets);
    put(out, record);
    if (!ring_.append(octets)) return false;
    note(record);
    return true;
}

bool Billing::read(std::uint8_t f, BillingRecord& record) const {
    const bool by_number = f < kNumbersModulo;
    std::uint32_t back = 0;
    for (std::uint32_t sequence = ring_.next(); sequence != ring_.oldest() && back < kHistory; --sequence) {
        if (!read_sequence(sequence - 1, record)) continue;
        if (by_number ? record.period % kNumbersModulo == f : kLastPeriod + back == f) return true;
        ++back;
    }
    return false;
}

bool Billing::is_locked(UtcTime board) const {
    const std::uint32_t now = board_seconds(board);
    return period_ != 0 && (now < board_s_ || now - board_s_ < lockout_s_);
}

bool Billing::store_lockout(ParameterStore& store, std::uint32_t seconds) {
    std::array<std::uint8_t, 4> octets{};
    ByteWriter(octets).u32(seconds);
    if (!store.write(key_number(ParameterKey::billing_lockout), octets)) return false;
    lockout_s_ = seconds;
    return true;
}

ByteView Billing::schedule(const ParameterStore& store, Schedule& buffer) {
    if (const auto size = store.read(key_number(ParameterKey::billing_schedule), buffer)) {
        return ByteView(buffer).first(*size);
    }
    ByteWriter out(buffer);
    dlms::DataWriter data(out);
    write_default_schedule(data);
    return out.written();
}

bool Billing::store_schedule(ParameterStore& store, ByteView times, const MeterClock& clock) {
    if (!store.write(key_number(ParameterKey::billing_schedule), times)) return false;
    refresh(store, clock, clock.seconds());
    return true;
}

void Billing::refresh(const ParameterStore& store, const MeterClock& clock, std::int64_t after_s) {
    Schedule buffer;
    next_scheduled_s_ = next_execution_s(schedule(store, buffer), clock.rule, after_s);
}

void Billing::note(const BillingRecord& record) {
    period_ = record.period;
    stamp_ = record.stamp;
    board_s_ = record.board_s;
}

bool Billing::read_sequence(std::uint32_t sequence, BillingRecord& record) const {
    std::array<std::uint8_t, kPayload> octets{};
    if (!ring_.read(sequence, octets)) return false;
    ByteReader in(octets);
    take(in, record);
    return true;
}

}  // namespace ferraris::meter
