#include "meter/identity.hpp"

#include "base/bytes.hpp"

namespace ferraris::meter {

MeterIdentity MeterIdentity::from_serial_number(std::uint64_t number) {
    constexpr std::size_t kDigits = 13;
    std::array<std::uint8_t, kDigits> digits{};
    std::uint64_t rest = number;
    for (std::size_t i = kDigits; i-- > 0; rest /= 10) digits[i] = static_cast<std::uint8_t>('0' + rest % 10);

    MeterIdentity identity;
    (void)identity.serial_number.assign(digits);
    ByteWriter title(identity.system_title);
    for (const char letter : kManufacturer) title.u8(static_cast<std::uint8_t>(letter));
    title.unsigned_of(number, 5);
    ByteWriter name(identity.logical_device_name);
    for (const char letter : kManufacturer) name.u8(static_cast<std::uint8_t>(letter));
    name.put(digits);
    return identity;
}

}  // namespace ferraris::meter
