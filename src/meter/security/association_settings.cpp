#include "meter/security/association_settings.hpp"

#include <algorithm>
#include <array>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kNameSize = 6;
/// Count, then each user's id, length of the name and name; count, then each removed object's name.
constexpr std::size_t kRecordSize = 2 + kMaxUsers * (2 + UserName::capacity()) + kMaxRemovedObjects * kNameSize;

}  // namespace

std::optional<std::size_t> UserList::find(std::uint8_t id) const {
    const auto found = std::find(ids.begin(), ids.end(), id);
    if (found == ids.end()) return std::nullopt;
    return static_cast<std::size_t>(found - ids.begin());
}

bool UserList::add(std::uint8_t id, ByteView name) {
    UserName taken;
    if (find(id) || ids.full() || !taken.assign(name)) return false;
    return ids.push_back(id) && names.push_back(taken);
}

bool UserList::remove(std::uint8_t id, ByteView name) {
    const auto index = find(id);
    if (!index || !equal(names[*index].view(), name)) return false;
    ids.erase(*index);
    names.erase(*index);
    return true;
}

bool AssociationSettings::has_removed(const dlms::LogicalName& name) const {
    return std::find(removed_objects.begin(), removed_objects.end(), name) != removed_objects.end();
}

void AssociationSettings::recover(const ParameterStore& store, std::size_t index) {
    std::array<std::uint8_t, kRecordSize> octets{};
    const auto size = store.read(key_number(ParameterKey::association_settings, index), octets);
    if (!size) return;
    ByteReader in(ByteView(octets).first(*size));
    AssociationSettings taken;
    const std::uint8_t user_count = in.u8();
    for (std::uint8_t i = 0; i < user_count; ++i) {
        const std::uint8_t id = in.u8();
        if (!taken.users.add(id, in.take(in.u8()))) return;
    }
    const std::uint8_t removed = in.u8();
    for (std::uint8_t i = 0; i < removed; ++i) {
        dlms::LogicalName name{};
        std::ranges::copy(in.take(kNameSize), name.groups.begin());
        if (!taken.removed_objects.push_back(name)) return;
    }
    if (!in.failed()) *this = taken;
}

bool AssociationSettings::write(ParameterStore& store, std::size_t index) const {
    std::array<std::uint8_t, kRecordSize> octets{};
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(users.ids.size()));
    for (std::size_t i = 0; i < users.ids.size(); ++i) {
        out.u8(users.ids[i]);
        out.u8(static_cast<std::uint8_t>(users.names[i].size()));
        out.put(users.names[i].view());
    }
    out.u8(static_cast<std::uint8_t>(removed_objects.size()));
    for (const dlms::LogicalName& name : removed_objects) out.put(name.view());
    return store.write(key_number(ParameterKey::association_settings, index), out.written());
}

}  // namespace ferraris::meter
