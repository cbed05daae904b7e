/// Frames, telegrams and records of wireless M-Bus. The first octet says how the rest is taken: bit 0 as a telegram
/// instead of a frame, bit 1 format B, bit 2 in symbols of three out of six.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "crypto/openssl.hpp"
#include "mbus/record.hpp"
#include "mbus/telegram.hpp"
#include "require.hpp"

namespace {

using namespace ferraris;
using namespace ferraris::mbus;
using fuzz::require;

// Of annex N of OMS volume 2, so that its telegrams in the corpus open.
constexpr std::array<std::uint8_t, kKeySize> kKey{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// The symbols of what symbols stood for are the same, but for the bits that fill the last octet up.
std::vector<std::uint8_t> from_symbols(ByteView symbols) {
    const std::size_t count = std::min(kMaxFrame, symbols.size() * 2 / 3);
    std::vector<std::uint8_t> octets(count);
    const auto found = decode_three_of_six(symbols, count, octets);
    if (!found) return {};
    require(*found == count);
    std::vector<std::uint8_t> again(symbols.size() + 2);
    const std::size_t size = code_three_of_six(octets, again);
    const std::size_t whole = count * 3 / 2;
    require(size >= whole &&
            std::equal(again.begin(), again.begin() + static_cast<std::ptrdiff_t>(whole), symbols.begin()));
    return octets;
}

std::vector<std::uint8_t> from_frame(FrameFormat format, ByteView frame) {
    std::vector<std::uint8_t> telegram(kMaxTelegram);
    const auto size = remove_check_octets(format, frame, telegram);
    if (!size) return {};
    require(*size <= kMaxTelegram);
    telegram.resize(*size);
    std::vector<std::uint8_t> again(kMaxFrame);
    // Format B counts its check octets in L: what fits one way need not fit the other.
    if (const auto length = add_check_octets(format, telegram, again)) {
        require(*length <= frame.size() && equal(ByteView(again).first(*length), frame.first(*length)));
    }
    return telegram;
}

void read_records(ByteView records) {
    ByteReader in(records);
    while (!in.at_end()) {
        const std::size_t before = in.remaining();
        const auto record = read_record(in);
        if (!record) return;
        require(in.remaining() < before);
        require(record->value.size() <= records.size() && record->quantity.size() <= records.size());
        const bool number = record->head.coding != Coding::variable && record->head.coding != Coding::special;
        if (number && !record->filler && !record->manufacturer) (void)integer_of(*record);
    }
}

void read(ByteView octets) {
    static const auto crypto = make_openssl_crypto();
    const auto telegram = read_telegram(octets);
    if (!telegram) return;
    require(telegram->protected_records.size() % kAesBlockSize == 0);
    read_records(telegram->open_records);
    std::array<std::uint8_t, kMaxTelegram> plain{};
    const auto size = open_records(*telegram, kKey, *crypto, plain);
    if (size) read_records(ByteView(plain).first(*size));
    // What has no key to show for itself is read all the same.
    if (telegram->head.security == Security::none) require(telegram->protected_records.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    std::vector<std::uint8_t> octets(data + 1, data + size);
    if ((data[0] & 4U) != 0) octets = from_symbols(octets);
    if ((data[0] & 1U) == 0) octets = from_frame((data[0] & 2U) != 0 ? FrameFormat::b : FrameFormat::a, octets);
    read(octets);
    read_records(octets);
    return 0;
}
