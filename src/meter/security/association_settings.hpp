/// What the utility may change about an association: who uses it, and which objects it has (class 15, methods 3 to 6).
#pragma once

#include <cstdint>
#include <optional>

#include "base/fixed_vector.hpp"
#include "dlms/logical_name.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

inline constexpr std::size_t kMaxUsers = 8;
inline constexpr std::size_t kMaxRemovedObjects = 16;

using UserName = FixedVector<std::uint8_t, 16>;

/// Identifications and names side by side: the session looks at the identifications alone.
struct UserList {
    FixedVector<std::uint8_t, kMaxUsers> ids{};
    FixedVector<UserName, kMaxUsers> names{};

    [[nodiscard]] std::optional<std::size_t> find(std::uint8_t id) const;
    /// False, and nothing changed: the list is full, or the identification is taken.
    [[nodiscard]] bool add(std::uint8_t id, ByteView name);
    /// False, and nothing changed: there is no such user of that name.
    [[nodiscard]] bool remove(std::uint8_t id, ByteView name);
};

struct AssociationSettings {
    UserList users{};
    /// Objects that the level may use by the object table, and this association has not.
    FixedVector<dlms::LogicalName, kMaxRemovedObjects> removed_objects{};

    [[nodiscard]] bool has_removed(const dlms::LogicalName& name) const;

    /// What was stored for association `index`; otherwise as it is.
    void recover(const ParameterStore& store, std::size_t index);
    /// Durable when true.
    [[nodiscard]] bool write(ParameterStore& store, std::size_t index) const;
};

}  // namespace ferraris::meter
