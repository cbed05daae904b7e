/// What the utility does to an association: secrets, objects and users (class 15, attribute 7 and methods 1 to 6).
#pragma once

#include <array>

#include "meter/objects/object_table.hpp"

namespace ferraris::meter {

/// Which association the row describes, as an index into `kClients`: its own, or the caller's.
[[nodiscard]] std::size_t association_index(const Context& context);

/// Attribute 7. A new secret counts from the next association on; the present one goes on.
[[nodiscard]] dlms::DataAccessResult take_association_secret(const Context& context, ByteView value);

/// Methods 1 to 6, in order.
extern const std::array<Invoke, 6> kAssociationMethods;

}  // namespace ferraris::meter
