// Class 1, Data, that says how buffers of profiles are encoded: an object of this meter's own (IEC 62056-6-1 leaves
// value group C from 128 on to the manufacturer).
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

void write_encoding(const Context& context, dlms::DataWriter& data) {
    data.enum_(static_cast<std::uint8_t>(context.meter.buffer_encoding));
}

DataAccessResult take_encoding(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint8_t number = in.enum_();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (number >= static_cast<std::uint8_t>(BufferEncoding::count)) return DataAccessResult::other_reason;
    return context.meter.store_buffer_encoding(static_cast<BufferEncoding>(number)) ? DataAccessResult::success
                                                                                    : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 1> kAttributes{{{write_encoding, nullptr, take_encoding}}};

}  // namespace

constexpr ClassTable kBufferEncodingClass{1, 0, kAttributes, {}};

}  // namespace ferraris::meter
