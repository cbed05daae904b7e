#include "meter/audit/audit_trail.hpp"

#include <algorithm>

#include "base/crc.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kChained = 32;  ///< octets of an entry before its chain
constexpr std::size_t kChecked = 64;  ///< and before its check sum

bool is_blank_entry(ByteView octets) {
    return std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0xFF; });
}

/// An entry that power cut short has no right check sum; nobody was told of it.
bool is_whole(ByteView octets) {
    ByteReader in(octets);
    return crc32(in.take(kChecked)) == in.u32();
}

AuditTrail::Entry decode_entry(ByteView octets) {
    ByteReader in(octets);
    AuditTrail::Entry entry;
    entry.sequence = in.u32();
    entry.change.time = in.u32();
    entry.change.client_sap = in.u8();
    entry.change.parameter.instance = dlms::LogicalName::from(in.take(6));
    entry.change.parameter.attribute = static_cast<std::int8_t>(in.u8());
    entry.change.before = in.u64();
    entry.change.after = in.u64();
    std::ranges::copy(in.take(entry.chain.size()), entry.chain.begin());
    return entry;
}

/// What the parameters know of the newest entry.
struct Head {
    std::uint32_t sequence{0};  ///< 0: of none
    AuditTrail::Chain chain{};
};
constexpr std::size_t kHeadOctets = 36;

Head read_head(const ParameterStore& store) {
    std::array<std::uint8_t, kHeadOctets> octets{};
    Head head;
    if (store.read(key_number(ParameterKey::audit_head), octets) != octets.size()) return head;
    ByteReader in(octets);
    head.sequence = in.u32();
    std::ranges::copy(in.take(head.chain.size()), head.chain.begin());
    return head;
}

bool write_head(ParameterStore& store, const Head& head) {
    std::array<std::uint8_t, kHeadOctets> octets{};
    ByteWriter out(octets);
    out.u32(head.sequence);
    out.put(head.chain);
    return store.write(key_number(ParameterKey::audit_head), octets);
}

bool is_same(const dlms::AttributeDescriptor& a, const dlms::AttributeDescriptor& b) {
    return a.instance == b.instance && a.attribute == b.attribute;
}

}  // namespace

bool AuditTrail::recover(const ParameterStore& store) {
    const Head head = read_head(store);
    chain_ = {};
    count_ = next_place_ = 0;
    intact_ = true;
    std::uint32_t last_used = 0;
    EntryOctets octets{};
    for (std::uint32_t place = 0; place < capacity(); ++place) {
        if (!read_place(place, octets)) return false;
        if (is_blank_entry(octets)) continue;
        // Entries stand side by side: a blank place among them was never left by this meter.
        if (place != last_used) intact_ = false;
        last_used = place + 1;
        if (!is_whole(octets)) continue;
        const Entry entry = decode_entry(octets);
        Chain expected{};
        if (!make_chain(ByteView(octets).first(kChained), chain_, expected)) return false;
        if (entry.sequence != count_ + 1 || !constant_time_equal(expected, entry.chain)) intact_ = false;
        chain_ = entry.chain;
        ++count_;
        if (count_ == head.sequence && !constant_time_equal(chain_, head.chain)) intact_ = false;
    }
    if (count_ < head.sequence) intact_ = false;
    next_place_ = last_used;
    return true;
}

bool AuditTrail::append(ParameterStore& store, const SealedChange& change) {
    if (!intact_ || free() == 0) return false;
    EntryOctets octets{};
    ByteWriter out(octets);
    out.u32(count_ + 1);
    out.u32(change.time);
    out.u8(change.client_sap);
    out.put(change.parameter.instance.view());
    out.u8(static_cast<std::uint8_t>(change.parameter.attribute));
    out.u64(change.before);
    out.u64(change.after);
    Chain chain{};
    if (!make_chain(out.written(), chain_, chain)) return false;
    out.put(chain);
    out.u32(crc32(out.written()));
    if (!flash_.program(address_of(next_place_), octets)) {
        // What it left cannot be written again.
        if (!read_place(next_place_, octets) || !is_blank_entry(octets)) ++next_place_;
        return false;
    }
    ++next_place_;
    chain_ = chain;
    ++count_;
    // The entry is there already; a head that is behind is caught up with by the next one.
    (void)write_head(store, {count_, chain_});
    return true;
}

std::optional<AuditTrail::Entry> AuditTrail::read(std::uint32_t place) const {
    EntryOctets octets{};
    if (place >= next_place_ || !read_place(place, octets) || !is_whole(octets)) return std::nullopt;
    return decode_entry(octets);
}

std::optional<std::uint64_t> AuditTrail::last_value(const dlms::AttributeDescriptor& parameter) const {
    std::optional<std::uint64_t> value;
    for (std::uint32_t place = 0; place < next_place_; ++place) {
        const auto entry = read(place);
        if (entry && is_same(entry->change.parameter, parameter)) value = entry->change.after;
    }
    return value;
}

bool AuditTrail::read_place(std::uint32_t place, EntryOctets& octets) const {
    return flash_.read(address_of(place), octets);
}

bool AuditTrail::make_chain(ByteView entry, const Chain& before, Chain& chain) {
    const std::array<ByteView, 2> pieces{entry, before};
    return crypto_.hash(Digest::sha256, pieces, chain);
}

}  // namespace ferraris::meter
