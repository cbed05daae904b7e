/// Values that are nearly another one: what a client that is wrong, or hostile, writes in its place.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hex.hpp"
#include "dlms/data.hpp"

namespace ferraris::meter::testing {

/// A-XDR as a tree: `encoded` of a simple type, `elements` of an array or a structure.
struct DataTree {
    dlms::DataTag tag{dlms::DataTag::null_data};
    std::vector<std::uint8_t> encoded{};
    std::vector<DataTree> elements{};

    [[nodiscard]] bool is_node() const { return tag == dlms::DataTag::array || tag == dlms::DataTag::structure; }
    [[nodiscard]] std::vector<std::uint8_t> octets() const {
        if (!is_node()) return encoded;
        std::vector<std::uint8_t> all(16);
        ByteWriter out(all);
        out.u8(static_cast<std::uint8_t>(tag));
        dlms::put_length(out, elements.size());
        all.resize(out.size());
        for (const DataTree& element : elements) {
            const auto inner = element.octets();
            all.insert(all.end(), inner.begin(), inner.end());
        }
        return all;
    }
};

inline std::optional<DataTree> data_tree(dlms::DataReader& in) {
    const auto element = in.any();
    if (!element) return std::nullopt;
    DataTree tree;
    tree.tag = element->tag;
    tree.encoded.assign(element->encoded.begin(), element->encoded.end());
    if (!tree.is_node()) return tree;
    dlms::DataReader inner(element->content);
    for (std::size_t i = 0; i < element->count; ++i) {
        auto child = data_tree(inner);
        if (!child) return std::nullopt;
        tree.elements.push_back(std::move(*child));
    }
    return tree;
}

/// One of each type, small, large and empty.
inline std::vector<std::vector<std::uint8_t>> values_of_all_types() {
    std::vector<std::vector<std::uint8_t>> values;
    for (const std::string_view hex : {"00",
                                       "0100",
                                       "010100",
                                       "0200",
                                       "020100",
                                       "020300",
                                       "0300",
                                       "03FF",
                                       "0400",
                                       "0403A0",
                                       "0500000000",
                                       "057FFFFFFF",
                                       "0600000000",
                                       "06FFFFFFFF",
                                       "0900",
                                       "090101",
                                       "0906000000000000",
                                       "0906FFFFFFFFFFFF",
                                       "090CFFFFFFFFFFFFFFFFFFFFFFFF",
                                       "090C07E70101FF00000000800000",
                                       "090C07E70D20FF19000000800000",
                                       "0A00",
                                       "0A03313233",
                                       "0C00",
                                       "0C03313233",
                                       "0D12",
                                       "0F00",
                                       "0F7F",
                                       "0F80",
                                       "100000",
                                       "107FFF",
                                       "1100",
                                       "11FF",
                                       "120000",
                                       "12FFFF",
                                       "13030000",
                                       "140000000000000000",
                                       "150000000000000000",
                                       "15FFFFFFFFFFFFFFFF",
                                       "1600",
                                       "16FF",
                                       "1700000000",
                                       "180000000000000000",
                                       "1907E70101FF00000000800000",
                                       "1A07E70101FF",
                                       "1B00000000",
                                       "FF",
                                       "0B"}) {
        values.push_back(*from_hex(hex));
    }
    std::vector<std::uint8_t> text{0x09, 0x82, 0x01, 0x2C};
    text.resize(4 + 300, 'x');
    values.push_back(text);
    return values;
}

namespace detail {

inline constexpr std::array<std::uint8_t, 5> kFills{0x00, 0x01, 0x7F, 0x80, 0xFF};
/// Wild cards of dates and times, and what is out of range in one of their places.
inline constexpr std::array<std::uint8_t, 8> kOthers{0x00, 0x0D, 0x20, 0x3D, 0xFC, 0xFD, 0xFE, 0xFF};

/// The same with another simple value in it: extremes of a number, strings that are a bit shorter and longer.
inline std::vector<DataTree> near_values(const DataTree& leaf) {
    std::vector<DataTree> near;
    const auto add = [&](std::vector<std::uint8_t> octets) { near.push_back({leaf.tag, std::move(octets), {}}); };
    if (const auto width = dlms::fixed_width(leaf.tag); width && *width != 0) {
        for (const std::uint8_t fill : kFills) {
            std::vector<std::uint8_t> octets = leaf.encoded;
            std::fill(octets.begin() + 1, octets.end(), fill);
            add(octets);
            octets = leaf.encoded;
            octets.back() = fill;
            add(octets);
        }
    } else if (leaf.encoded.size() > 2 && leaf.encoded[1] < 0x7F) {
        std::vector<std::uint8_t> octets = leaf.encoded;
        octets.push_back(0x31);
        ++octets[1];
        add(octets);
        octets = leaf.encoded;
        octets.pop_back();
        --octets[1];
        add(octets);
        for (std::size_t i = 2; i < leaf.encoded.size(); ++i) {
            for (const std::uint8_t other : kOthers) {
                octets = leaf.encoded;
                octets[i] = other;
                add(octets);
            }
        }
    }
    return near;
}

template <class Use>
void vary(DataTree& root, DataTree& part, Use&& use) {
    const DataTree whole = part;
    const auto put = [&](DataTree other) {
        part = std::move(other);
        use(root.octets());
        part = whole;
    };
    for (const auto& value : values_of_all_types()) put({dlms::DataTag::null_data, value, {}});
    if (!whole.is_node()) {
        for (DataTree& near : near_values(whole)) put(std::move(near));
        return;
    }
    DataTree other = whole;
    other.tag = whole.tag == dlms::DataTag::array ? dlms::DataTag::structure : dlms::DataTag::array;
    put(other);
    if (whole.elements.empty()) return;
    other = whole;
    other.elements.pop_back();
    put(other);
    other = whole;
    other.elements.push_back(whole.elements.back());
    put(other);
    other = whole;
    for (int i = 0; i < 130; ++i) other.elements.push_back(whole.elements.back());
    put(other);
    // The first of many elements of one kind stands for them.
    const std::size_t count = whole.tag == dlms::DataTag::array ? 1 : whole.elements.size();
    for (std::size_t i = 0; i < count; ++i) vary(root, part.elements[i], use);
}

}  // namespace detail

/// `value` with every part of it replaced by every other type and by values near it, cut short, and with more behind.
inline std::vector<std::vector<std::uint8_t>> variants_of(const std::vector<std::uint8_t>& value) {
    std::vector<std::vector<std::uint8_t>> all{value};
    const auto add = [&all](std::vector<std::uint8_t> other) { all.push_back(std::move(other)); };
    for (std::size_t size = 0; size < value.size() && size < 48; ++size) {
        add({value.begin(), value.begin() + static_cast<std::ptrdiff_t>(size)});
    }
    std::vector<std::uint8_t> longer = value;
    longer.push_back(0x00);
    add(longer);
    dlms::DataReader in(value);
    auto tree = data_tree(in);
    if (tree) detail::vary(*tree, *tree, add);
    return all;
}

}  // namespace ferraris::meter::testing
