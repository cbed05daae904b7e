// Class 1, Data, and class 3, Register, of values that are not energies (IEC 62056-6-2).
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/objects/quantities.hpp"

namespace ferraris::meter {
namespace {

void write_octets(dlms::DataWriter& data, std::string_view text) {
    std::array<std::uint8_t, 64> octets{};
    ByteWriter out(octets);
    for (const char character : text) out.u8(static_cast<std::uint8_t>(character));
    data.octet_string(out.written());
}
static_assert(kTypeDesignation.size() <= 64);

void write_text(const Context& context, dlms::DataWriter& data) {
    const MeterIdentity& identity = context.meter.identity;
    switch (static_cast<Text>(context.row.address)) {
        case Text::serial_number:
            return data.octet_string(identity.serial_number.view());
        case Text::type_designation:
            return write_octets(data, kTypeDesignation);
        case Text::logical_device_name:
            return data.octet_string(identity.logical_device_name);
        case Text::firmware_version:
            return data.octet_string(text_of(identity.firmware_version).view());
        case Text::firmware_signature: {
            std::array<std::uint8_t, 4> signature{};
            ByteWriter(signature).u32(identity.firmware_signature);
            return data.octet_string(signature);
        }
    }
}

std::int64_t number(const Instrument& meter, std::uint16_t address) {
    return quantity_row(static_cast<Quantity>(address)).value(meter);
}

dlms::DataTag number_type(std::uint16_t address) { return quantity_row(static_cast<Quantity>(address)).tag; }

void write_number(const Context& context, dlms::DataWriter& data) {
    write_scalar(data, number_type(context.row.address), number(context.meter, context.row.address));
}

void write_scaler_unit(const Context& context, dlms::DataWriter& data) {
    const QuantityRow& row = quantity_row(static_cast<Quantity>(context.row.address));
    data.scaler_unit(row.scaler, row.unit);
}

constexpr std::array<AttributeRow, 1> kTextAttributes{{{write_text, nullptr, nullptr}}};
constexpr std::array<AttributeRow, 1> kDataAttributes{{{write_number, nullptr, nullptr}}};
constexpr std::array<AttributeRow, 2> kRegisterAttributes{{
    {write_number, nullptr, nullptr},
    {write_scaler_unit, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kTextDataClass{1, 0, kTextAttributes, {}};
constexpr ClassTable kQuantityDataClass{1, 0, kDataAttributes, {}};
constexpr ClassTable kQuantityRegisterClass{3, 0, kRegisterAttributes, {}};

}  // namespace ferraris::meter
