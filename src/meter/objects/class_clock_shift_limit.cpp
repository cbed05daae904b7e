// Class 3, Register (IEC 62056-6-2): the clock time shift limit. What the clock is moved by less is an adjustment, what
// it is moved by more a new time.
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

/// As far as the shift of class 8 goes.
constexpr std::uint16_t kMostSeconds = 900;

void write_limit(const Context& context, dlms::DataWriter& data) {
    data.long_unsigned(context.meter.clock.shift_limit_s);
}

void write_scaler_unit(const Context&, dlms::DataWriter& data) { data.scaler_unit(0, dlms::Unit::second); }

DataAccessResult take_limit(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint16_t seconds = in.long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (seconds > kMostSeconds) return DataAccessResult::other_reason;
    return context.meter.store_shift_limit(seconds) ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 2> kAttributes{{
    {write_limit, nullptr, take_limit},
    {write_scaler_unit, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kClockShiftLimitClass{3, 0, kAttributes, {}};

}  // namespace ferraris::meter
