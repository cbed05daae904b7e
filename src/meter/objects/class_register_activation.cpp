// Class 6, Register activation, version 0 (IEC 62056-6-2): the registers of each tariff under one mask, and which mask
// counts now. Totals are in no mask: they always count. What belongs to a tariff follows from the object table.
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

/// Energies, maximum demands and times of a tariff have its number in value group E.
Rate rate_of(const ObjectRow& row) {
    const ClassTable* const kind = row.object_class;
    const bool by_tariff = kind == &kEnergyRegisterClass || kind == &kMaximumDemandClass || kind == &kTariffTimeClass;
    return by_tariff ? static_cast<Rate>(row.name.view()[4]) : Rate{0};
}

/// `use(row, rate, index)` for each register of a tariff; the first index is 1.
template <class Use>
void for_each_register(Use&& use) {
    std::uint8_t index = 0;
    for (const ObjectRow& row : object_table()) {
        if (const Rate rate = rate_of(row); rate != 0) use(row, rate, ++index);
    }
}

std::size_t count_of(Rate rate) {
    std::size_t count = 0;
    for_each_register([&](const ObjectRow&, Rate each, std::uint8_t) { count += rate == 0 || each == rate ? 1U : 0U; });
    return count;
}

void write_assignment(const Context&, dlms::DataWriter& data) {
    data.array(count_of(0));
    for_each_register([&](const ObjectRow& row, Rate, std::uint8_t) {
        data.structure(2);
        data.long_unsigned(row.object_class->class_id);
        data.octet_string(row.name);
    });
}

void write_masks(const Context&, dlms::DataWriter& data) {
    data.array(kRateCount);
    for (Rate rate = 1; rate <= kRateCount; ++rate) {
        data.structure(2);
        data.octet_string(mask_name(rate));
        data.array(count_of(rate));
        for_each_register([&](const ObjectRow&, Rate each, std::uint8_t index) {
            if (each == rate) data.unsigned_(index);
        });
    }
}

void write_active_mask(const Context& context, dlms::DataWriter& data) {
    data.octet_string(mask_name(context.meter.active_rate));
}

constexpr std::array<AttributeRow, 3> kAttributes{{
    {write_assignment, nullptr, nullptr},
    {write_masks, nullptr, nullptr},
    {write_active_mask, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kRegisterActivationClass{6, 0, kAttributes, {}};

}  // namespace ferraris::meter
