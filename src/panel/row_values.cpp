#include "panel/row_values.hpp"

namespace ferraris::panel {

std::optional<std::int64_t> RowValues::of(const meter::ProfileRow& row, const dlms::LogicalName& name) const {
    std::size_t at = 0;
    for (const meter::ProfileColumn& column : setup_.columns) {
        const bool wanted = column.object.attribute.instance == name && column.object.attribute.attribute == 2;
        if (wanted && column.kind() == meter::ColumnKind::number) {
            std::uint64_t number = 0;
            for (std::size_t i = 0; i < column.octets; ++i) number = number << 8U | row.octets[at + i];
            const bool negative =
                dlms::is_signed(column.tag) && column.octets < 8 && column.octets > 0 && (row.octets[at] & 0x80U) != 0;
            if (negative) number |= ~std::uint64_t{0} << (8U * column.octets);
            return static_cast<std::int64_t>(number);
        }
        at += column.octets;
    }
    return std::nullopt;
}

}  // namespace ferraris::panel
