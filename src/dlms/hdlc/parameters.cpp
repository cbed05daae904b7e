#include "dlms/hdlc/parameters.hpp"

namespace ferraris::dlms::hdlc {

namespace {

constexpr std::uint8_t kFormatIdentifier = 0x81;
constexpr std::uint8_t kGroupIdentifier = 0x80;

enum class Parameter : std::uint8_t {
    max_information_transmit = 5,
    max_information_receive = 6,
    window_transmit = 7,
    window_receive = 8,
};

std::uint16_t length_in_range(std::uint64_t value) {
    return static_cast<std::uint16_t>(std::clamp<std::uint64_t>(value, kMinInformationField, kMaxInformationField));
}

std::uint8_t window_in_range(std::uint64_t value) {
    return static_cast<std::uint8_t>(std::clamp<std::uint64_t>(value, 1, kMaxWindow));
}

void put_length(Parameter parameter, std::uint16_t length, LengthWidth width, ByteWriter& out) {
    out.u8(static_cast<std::uint8_t>(parameter));
    const std::uint8_t octets = width == LengthWidth::shortest && length <= 0xFF ? 1 : 2;
    out.u8(octets);
    out.unsigned_of(length, octets);
}

void put_window(Parameter parameter, std::uint8_t window, ByteWriter& out) {
    out.u8(static_cast<std::uint8_t>(parameter));
    out.u8(4);
    out.u32(window);
}

}  // namespace

std::optional<LinkParameters> parse_parameters(ByteView information, const LinkParameters& absent) {
    LinkParameters parameters = absent;
    if (information.empty()) return parameters;
    ByteReader reader(information);
    if (reader.u8() != kFormatIdentifier || reader.u8() != kGroupIdentifier) return std::nullopt;
    const std::size_t group_length = reader.u8();
    ByteReader group(reader.take(group_length));
    if (reader.failed()) return std::nullopt;
    while (!group.at_end()) {
        const auto identifier = static_cast<Parameter>(group.u8());
        const std::size_t width = group.u8();
        if (width > 4) {
            group.skip(width);
            continue;
        }
        const std::uint64_t value = group.unsigned_of(width);
        if (group.failed()) return std::nullopt;
        if (width == 0) continue;
        switch (identifier) {
            case Parameter::max_information_transmit:
                parameters.max_information_transmit = length_in_range(value);
                break;
            case Parameter::max_information_receive:
                parameters.max_information_receive = length_in_range(value);
                break;
            case Parameter::window_transmit:
                parameters.window_transmit = window_in_range(value);
                break;
            case Parameter::window_receive:
                parameters.window_receive = window_in_range(value);
                break;
            default:
                break;
        }
    }
    if (group.failed()) return std::nullopt;
    return parameters;
}

void write_parameters(const LinkParameters& parameters, LengthWidth width, ByteWriter& out) {
    std::uint8_t octets[kMaxParameterField];
    ByteWriter group(octets);
    put_length(Parameter::max_information_transmit, parameters.max_information_transmit, width, group);
    put_length(Parameter::max_information_receive, parameters.max_information_receive, width, group);
    put_window(Parameter::window_transmit, parameters.window_transmit, group);
    put_window(Parameter::window_receive, parameters.window_receive, group);
    out.u8(kFormatIdentifier);
    out.u8(kGroupIdentifier);
    out.u8(static_cast<std::uint8_t>(group.size()));
    out.put(group.written());
}

}  // namespace ferraris::dlms::hdlc
