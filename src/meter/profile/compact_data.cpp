#include "meter/profile/compact_data.hpp"

#include <array>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kCompactHeadOctets = 4;
constexpr std::size_t kMaxCompactSetup = kCompactHeadOctets + kMaxCompactColumns * kProfileColumnOctets;
static_assert(kMaxCompactSetup <= ParameterStore::kMaxValue && 1 + kMaxCompactBuffer <= ParameterStore::kMaxValue);

std::uint16_t setup_key(std::size_t index) { return key_number(ParameterKey::compact_data_setup, index); }
std::uint16_t buffer_key(std::size_t index) { return key_number(ParameterKey::compact_data_buffer, index); }

/// Setup and buffer carry the same number, which each new setup raises: a buffer of before counts no more.
std::optional<std::uint8_t> number_of(const ParameterStore& store, std::uint16_t key, ByteSpan octets) {
    const auto size = store.read(key, octets);
    if (!size || *size == 0) return std::nullopt;
    return octets[0];
}

std::uint8_t setup_number(const ParameterStore& store, std::size_t index) {
    std::array<std::uint8_t, kMaxCompactSetup> octets{};
    return number_of(store, setup_key(index), octets).value_or(0);
}

}  // namespace

std::size_t CompactDataSetup::most_octets() const {
    std::size_t octets = 0;
    for (const ProfileColumn& column : columns) octets += column.octets;
    return octets;
}

std::optional<CompactDataSetup> read_compact_setup(const ParameterStore& store, std::size_t index) {
    std::array<std::uint8_t, kMaxCompactSetup> octets{};
    const auto size = store.read(setup_key(index), octets);
    if (!size) return std::nullopt;
    ByteReader in(ByteView(octets).first(*size));
    CompactDataSetup setup;
    in.skip(1);
    setup.template_id = in.u8();
    setup.method = static_cast<CompactCaptureMethod>(in.u8());
    const bool fits = setup.columns.resize(in.u8());
    for (ProfileColumn& column : setup.columns) take(in, column);
    if (!fits || in.failed()) return std::nullopt;
    return setup;
}

bool write_compact_setup(ParameterStore& store, std::size_t index, const CompactDataSetup& setup) {
    std::array<std::uint8_t, kMaxCompactSetup> octets{};
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(setup_number(store, index) + 1));
    out.u8(setup.template_id);
    out.u8(static_cast<std::uint8_t>(setup.method));
    out.u8(static_cast<std::uint8_t>(setup.columns.size()));
    for (const ProfileColumn& column : setup.columns) put(out, column);
    if (!store.write(setup_key(index), out.written())) return false;
    // The new setup counts from here on. A number comes again after 256 setups: the old buffer must not wait for that.
    (void)write_compact_buffer(store, index, {});
    return true;
}

CompactBuffer read_compact_buffer(const ParameterStore& store, std::size_t index) {
    std::array<std::uint8_t, 1 + kMaxCompactBuffer> octets{};
    CompactBuffer buffer;
    const auto size = store.read(buffer_key(index), octets);
    if (size && *size != 0 && octets[0] == setup_number(store, index)) {
        (void)buffer.assign(ByteView(octets).subspan(1, *size - 1));
    }
    return buffer;
}

bool write_compact_buffer(ParameterStore& store, std::size_t index, ByteView buffer) {
    std::array<std::uint8_t, 1 + kMaxCompactBuffer> octets{};
    ByteWriter out(octets);
    out.u8(setup_number(store, index));
    out.put(buffer);
    return !out.overflowed() && store.write(buffer_key(index), out.written());
}

}  // namespace ferraris::meter
