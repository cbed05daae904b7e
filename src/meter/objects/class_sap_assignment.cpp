// Class 17, SAP assignment (IEC 62056-6-2): one logical device.
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

void write_list(const Context& context, dlms::DataWriter& data) {
    data.array(1);
    data.structure(2);
    data.long_unsigned(kManagementLogicalDeviceSap);
    data.octet_string(context.meter.identity.logical_device_name);
}

constexpr std::array<AttributeRow, 1> kAttributes{{{write_list, nullptr, nullptr}}};

}  // namespace

constexpr ClassTable kSapAssignmentClass{17, 0, kAttributes, {}};

}  // namespace ferraris::meter
