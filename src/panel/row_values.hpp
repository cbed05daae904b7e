/// Numbers of a profile's row, by the object that each column is of.
#pragma once

#include <cstdint>
#include <optional>

#include "meter/profile/profile.hpp"

namespace ferraris::panel {

class RowValues {
public:
    explicit RowValues(const meter::ProfileSetup& setup) : setup_(setup) {}

    /// The value of attribute 2 of `name` in `row`; nothing where that is not captured as a number.
    [[nodiscard]] std::optional<std::int64_t> of(const meter::ProfileRow& row, const dlms::LogicalName& name) const;

private:
    const meter::ProfileSetup& setup_;
};

}  // namespace ferraris::panel
