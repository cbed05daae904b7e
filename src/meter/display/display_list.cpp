#include "meter/display/display_list.hpp"

#include <algorithm>
#include <span>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

using dlms::CaptureObject;
using dlms::obis;

/// class(2) name(6) attribute(1) index(2) decimals(1) length(1), then the id text.
constexpr std::size_t kItemHead = 13;
constexpr std::size_t kMaxListOctets = 1 + kMaxDisplayItems * (kItemHead + kMaxDisplayId);
static_assert(kMaxListOctets <= ParameterStore::kMaxValue);

/// A row of a factory list.
struct FactoryItem {
    CaptureObject object;
    std::uint8_t decimals{0};
    std::string_view id{};
};

constexpr FactoryItem energy(std::uint8_t c, std::uint8_t rate) { return {{{3, obis(1, 0, c, 8, rate), 2}, 0}, 0}; }
constexpr FactoryItem present(std::uint8_t c, std::uint8_t decimals) {
    return {{{3, obis(1, 0, c, 7, 0), 2}, 0}, decimals};
}
constexpr FactoryItem data(const dlms::LogicalName& name, DisplayView view = DisplayView::plain,
                           std::string_view id = {}) {
    return {{{1, name, 2}, static_cast<std::uint16_t>(view)}, 0, id};
}
constexpr FactoryItem clock(DisplayView view, std::string_view id) {
    return {{{8, obis(0, 0, 1, 0, 0), 2}, static_cast<std::uint16_t>(view)}, 0, id};
}

/// What a household wants to know.
constexpr std::array kNormalList{
    energy(1, 0),
    energy(1, 1),
    energy(1, 2),
    energy(1, 3),
    energy(1, 4),
    energy(2, 0),
    present(1, 3),
    clock(DisplayView::date, "0.9.2"),
    clock(DisplayView::time_of_day, "0.9.1"),
};

/// What somebody who came to look after the meter wants to know; version and check sum of the program as WELMEC 7.2
/// has it.
constexpr std::array kServiceList{
    data(obis(1, 0, 0, 2, 0)),
    data(obis(1, 0, 0, 2, 8), DisplayView::hexadecimal),
    data(obis(0, 0, 96, 1, 0)),
    data(obis(0, 0, 97, 97, 0), DisplayView::hexadecimal, "F.F"),
    data(obis(0, 0, 97, 98, 0), DisplayView::hexadecimal),
    energy(1, 0),
    energy(1, 1),
    energy(1, 2),
    energy(1, 3),
    energy(1, 4),
    energy(1, 5),
    energy(1, 6),
    energy(2, 0),
    energy(3, 0),
    energy(4, 0),
    energy(5, 0),
    energy(6, 0),
    energy(7, 0),
    energy(8, 0),
    FactoryItem{{{4, obis(1, 0, 1, 6, 0), 2}, 0}, 3},
    present(1, 3),
    present(2, 3),
    present(3, 3),
    present(4, 3),
    present(32, 1),
    present(31, 2),
    present(13, 3),
    present(14, 2),
    data(obis(0, 0, 96, 7, 21)),
    data(obis(1, 0, 0, 1, 0)),
    clock(DisplayView::date, "0.9.2"),
    clock(DisplayView::time_of_day, "0.9.1"),
};
static_assert(kServiceList.size() <= kMaxDisplayItems);

constexpr std::array<std::span<const FactoryItem>, kDisplayListCount> kFactoryLists{kNormalList, kServiceList};

void put(ByteWriter& out, const DisplayItem& item) {
    out.u16(item.object.attribute.class_id);
    out.put(item.object.attribute.instance.view());
    out.u8(static_cast<std::uint8_t>(item.object.attribute.attribute));
    out.u16(item.object.data_index);
    out.u8(item.decimals);
    out.u8(static_cast<std::uint8_t>(item.id.size()));
    out.put(item.id.view());
}

void take(ByteReader& in, DisplayItem& item) {
    item.object.attribute.class_id = in.u16();
    std::ranges::copy(in.take(item.object.attribute.instance.groups.size()),
                      item.object.attribute.instance.groups.begin());
    item.object.attribute.attribute = static_cast<std::int8_t>(in.u8());
    item.object.data_index = in.u16();
    item.decimals = in.u8();
    const std::size_t length = in.u8();
    if (!item.id.assign(in.take(length))) in.fail();
}

std::uint16_t key_of(DisplayListIndex index) {
    return key_number(ParameterKey::display_list, static_cast<std::size_t>(index));
}

}  // namespace

DisplayList default_display_list(DisplayListIndex index) {
    DisplayList list;
    for (const FactoryItem& row : kFactoryLists[static_cast<std::size_t>(index)]) {
        DisplayItem item{row.object, row.decimals};
        for (const char character : row.id) (void)item.id.push_back(static_cast<std::uint8_t>(character));
        (void)list.push_back(item);
    }
    return list;
}

DisplayList read_display_list(const ParameterStore& store, DisplayListIndex index) {
    std::array<std::uint8_t, kMaxListOctets> octets{};
    const auto size = store.read(key_of(index), octets);
    if (!size) return default_display_list(index);
    ByteReader in(ByteView(octets).first(*size));
    DisplayList list;
    if (!list.resize(in.u8())) return default_display_list(index);
    for (DisplayItem& item : list) take(in, item);
    return in.failed() ? default_display_list(index) : list;
}

bool write_display_list(ParameterStore& store, DisplayListIndex index, const DisplayList& list) {
    std::array<std::uint8_t, kMaxListOctets> octets{};
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(list.size()));
    for (const DisplayItem& item : list) put(out, item);
    return !out.overflowed() && store.write(key_of(index), out.written());
}

}  // namespace ferraris::meter
