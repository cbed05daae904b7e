// Class 1, Data (IEC 62056-6-2): the tariff that counts while the clock is not valid.
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

void write_fallback(const Context& context, dlms::DataWriter& data) { data.unsigned_(context.meter.tariff.fallback()); }

DataAccessResult take_fallback(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const Rate rate = in.unsigned_();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (rate > kRateCount) return DataAccessResult::other_reason;
    Instrument& meter = context.meter;
    if (!meter.tariff.set_fallback(meter.parameters, rate)) return DataAccessResult::hardware_fault;
    meter.apply_tariff();
    return DataAccessResult::success;
}

constexpr std::array<AttributeRow, 1> kAttributes{{{write_fallback, nullptr, take_fallback}}};

}  // namespace

constexpr ClassTable kFallbackTariffClass{1, 0, kAttributes, {}};

}  // namespace ferraris::meter
