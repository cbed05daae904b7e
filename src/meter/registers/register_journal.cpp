#include "meter/registers/register_journal.hpp"

#include <array>

namespace ferraris::meter {
namespace {

constexpr std::uint16_t kMagic = 0x524A;
constexpr std::size_t kCountOctets = 6;
constexpr std::size_t kRemainderOctets = 3;
constexpr std::uint16_t kPayload =
    10 + VoltageExtremes::kOctets + 4 + metrology::kEnergyCount * (kCountOctets + kRemainderOctets);
constexpr std::uint8_t kOrderlyFlag = 0x01;
constexpr std::uint8_t kDueBillingFlag = 0x02;

}  // namespace

RegisterJournal::RegisterJournal(board::Flash& flash, FlashRegion region) : ring_(flash, region, kPayload, kMagic) {}

bool RegisterJournal::recover(EnergyRegisters& registers, JournalEntry& last) {
    if (!ring_.recover()) return false;
    checkpoint_due_ = true;
    for (std::uint32_t sequence = ring_.oldest(); sequence != ring_.next(); ++sequence) {
        std::array<std::uint8_t, kPayload> record{};
        if (!ring_.read(sequence, record)) continue;
        ByteReader in(record);
        const Rate rate = in.u8();
        if (rate < 1 || rate > kRateCount) continue;
        const std::uint8_t flags = in.u8();
        last.orderly = (flags & kOrderlyFlag) != 0;
        last.due_billing = (flags & kDueBillingFlag) != 0;
        last.time = in.u32();
        last.previous = in.u32();
        last.voltage.take(in);
        const std::uint32_t seconds = in.u32();
        RateCounts counts{};
        for (std::uint64_t& count : counts) count = in.unsigned_of(kCountOctets);
        std::array<std::uint32_t, metrology::kEnergyCount> remainders{};
        for (std::uint32_t& remainder : remainders) {
            remainder = static_cast<std::uint32_t>(in.unsigned_of(kRemainderOctets));
        }
        registers.restore(rate, counts, seconds);
        registers.restore_remainders(remainders);
    }
    return true;
}

bool RegisterJournal::save(const EnergyRegisters& registers, Rate rate, const JournalEntry& entry) {
    if (checkpoint_due_) {
        // The active tariff comes last, so that the newest record always has the circumstances of now.
        for (Rate other = 1; other <= kRateCount; ++other) {
            const bool counted = registers.seconds(other) != 0;
            if (other != rate && counted && !append(registers, other, entry)) return false;
        }
        checkpoint_due_ = false;
    }
    if (!append(registers, rate, entry)) return false;
    checkpoint_due_ = checkpoint_due_ || ring_.next() % ring_.records_per_sector() == 0;
    return true;
}

bool RegisterJournal::append(const EnergyRegisters& registers, Rate rate, const JournalEntry& entry) {
    std::array<std::uint8_t, kPayload> record{};
    ByteWriter out(record);
    out.u8(rate);
    out.u8(static_cast<std::uint8_t>((entry.orderly ? kOrderlyFlag : 0U) | (entry.due_billing ? kDueBillingFlag : 0U)));
    out.u32(entry.time);
    out.u32(entry.previous);
    entry.voltage.put(out);
    out.u32(registers.seconds(rate));
    for (const std::uint64_t count : registers.counts(rate)) out.unsigned_of(count, kCountOctets);
    for (const std::uint32_t remainder : registers.remainders()) out.unsigned_of(remainder, kRemainderOctets);
    return ring_.append(record);
}

}  // namespace ferraris::meter
