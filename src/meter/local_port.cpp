#include "meter/local_port.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "crypto/crypto.hpp"
#include "dlms/data.hpp"
#include "dlms/date_time.hpp"
#include "meter/objects/object_table.hpp"
#include "meter/objects/readout_list.hpp"
#include "meter/security/client_level.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::DataTag;
using dlms::LogicalName;
using dlms::Unit;
using dlms::iec62056_21::Command;
using dlms::iec62056_21::DeviceError;
using dlms::iec62056_21::Piece;
using dlms::iec62056_21::text_of;

/// The longest value that is shown: a text object, or the clock.
constexpr std::size_t kMaxValue = 80;
/// Digits before the decimal point of an energy: as many as the display has.
constexpr int kEnergyDigits = 8;
constexpr int kEnergyDecimals = 3;
constexpr std::uint8_t kAnyGroup = 255;

/// Value group C of abstract objects, by its letter in a short code (IEC 62056-61, 5.6).
struct GroupLetter {
    char letter;
    std::uint8_t group;
};
constexpr std::array kGroupLetters{GroupLetter{'C', 96}, GroupLetter{'F', 97}, GroupLetter{'L', 98},
                                   GroupLetter{'P', 99}};

struct UnitText {
    Unit unit;
    std::string_view text;
};
constexpr std::array kUnitTexts{
    UnitText{Unit::watt, "W"},
    UnitText{Unit::volt_ampere, "VA"},
    UnitText{Unit::var, "var"},
    UnitText{Unit::watt_hour, "Wh"},
    UnitText{Unit::volt_ampere_hour, "VAh"},
    UnitText{Unit::var_hour, "varh"},
    UnitText{Unit::ampere, "A"},
    UnitText{Unit::volt, "V"},
    UnitText{Unit::hertz, "Hz"},
    UnitText{Unit::percent, "%"},
};

constexpr bool is_energy(Unit unit) {
    return unit == Unit::watt_hour || unit == Unit::volt_ampere_hour || unit == Unit::var_hour;
}

void write_number(std::uint64_t value, int least_digits, ByteWriter& out) {
    std::array<std::uint8_t, 20> digits{};
    int count = 0;
    do {
        digits[static_cast<std::size_t>(count++)] = static_cast<std::uint8_t>('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (int zeros = count; zeros < least_digits; ++zeros) out.u8('0');
    while (count > 0) out.u8(digits[static_cast<std::size_t>(--count)]);
}

/// `value` times ten to the `scaler`, with as many decimals as that has.
void write_scaled(std::int64_t value, int scaler, int least_digits, ByteWriter& out) {
    auto magnitude = static_cast<std::uint64_t>(value);
    if (value < 0) {
        out.u8('-');
        magnitude = 0 - magnitude;
    }
    for (; scaler > 0; --scaler) magnitude *= 10;
    std::uint64_t divisor = 1;
    for (int i = scaler; i < 0; ++i) divisor *= 10;
    write_number(magnitude / divisor, least_digits, out);
    if (scaler == 0) return;
    out.u8('.');
    write_number(magnitude % divisor, -scaler, out);
}

/// `1.8.0`; with A and B in front where they are not those that the short form means.
void write_address(const LogicalName& name, ByteWriter& out) {
    const auto& g = name.groups;
    const auto* const letter = std::ranges::find(kGroupLetters, g[2], &GroupLetter::group);
    const bool lettered = letter != kGroupLetters.end() && g[0] == 0 && g[1] == 0;
    if (!lettered && !(g[0] == 1 && g[1] == 0)) {
        write_number(g[0], 1, out);
        out.u8('-');
        write_number(g[1], 1, out);
        out.u8(':');
    }
    if (lettered) {
        out.u8(static_cast<std::uint8_t>(letter->letter));
    } else {
        write_number(g[2], 1, out);
    }
    for (const std::size_t i : {std::size_t{3}, std::size_t{4}}) {
        out.u8('.');
        write_number(g[i], 1, out);
    }
}

std::optional<std::uint8_t> take_group(ByteView& text) {
    unsigned value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && value <= 255) {
        value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
    }
    if (digits == 0 || value > 255) return std::nullopt;
    text = text.subspan(digits);
    return static_cast<std::uint8_t>(value);
}

bool take_character(ByteView& text, char character) {
    if (text.empty() || text.front() != static_cast<std::uint8_t>(character)) return false;
    text = text.subspan(1);
    return true;
}

/// The reverse of `write_address`; takes also `A-B:` and `*255` where they could be left out.
std::optional<LogicalName> parse_address(ByteView text) {
    LogicalName name = dlms::obis(1, 0, 0, 0, 0, kAnyGroup);
    const bool has_medium = std::ranges::find(text, static_cast<std::uint8_t>(':')) != text.end();
    if (has_medium) {
        const auto a = take_group(text);
        const auto b = a && take_character(text, '-') ? take_group(text) : std::nullopt;
        if (!b || !take_character(text, ':')) return std::nullopt;
        name.groups[0] = *a;
        name.groups[1] = *b;
    }
    const auto* const letter =
        text.empty() ? kGroupLetters.end()
                     : std::ranges::find(kGroupLetters, static_cast<char>(text.front()), &GroupLetter::letter);
    if (letter != kGroupLetters.end()) {
        text = text.subspan(1);
        name.groups[2] = letter->group;
        if (!has_medium) name.groups[0] = 0;
    } else if (const auto c = take_group(text)) {
        name.groups[2] = *c;
    } else {
        return std::nullopt;
    }
    for (const std::size_t i : {std::size_t{3}, std::size_t{4}}) {
        const auto group = take_character(text, '.') ? take_group(text) : std::nullopt;
        if (!group) return std::nullopt;
        name.groups[i] = *group;
    }
    if (take_character(text, '*')) {
        const auto f = take_group(text);
        if (!f) return std::nullopt;
        name.groups[5] = *f;
    }
    return text.empty() ? std::optional(name) : std::nullopt;
}

ReadoutRow row_of(const LogicalName& name) {
    const auto* const clock = std::ranges::find_if(kReadoutList, [&name](const ReadoutRow& row) {
        return row.part != ReadoutPart::whole && row.shown_as == name;
    });
    return clock != kReadoutList.end() ? *clock : readout::row(name);
}

/// One reader at one level.
class Reader {
public:
    Reader(dlms::LogicalDevice& meter, std::uint16_t client_sap) : meter_(meter) {
        association_.client_sap = client_sap;
        association_.server_sap = kManagementLogicalDeviceSap;
        association_.status = dlms::AssociationStatus::associated;
    }

    /// The data set of `row`.
    DeviceError show(const ReadoutRow& row, ByteWriter& out) {
        std::array<std::uint8_t, kMaxValue> octets{};
        ByteWriter value(octets);
        const ObjectRow* const object = find_object(row.object);
        if (object == nullptr) return DeviceError::unknown_address;
        const DeviceError error = attribute(*object, 2, value);
        if (error != DeviceError::none) return error;
        write_address(row.shown_as, out);
        out.u8('(');
        const bool shown = show_value(*object, row.part, value.written(), out);
        out.u8(')');
        return shown ? DeviceError::none : DeviceError::not_executed;
    }

    /// Changes the part of the clock that `row` is to the six digits of `text`.
    DeviceError set(const ReadoutRow& row, ByteView text) {
        const ObjectRow* const object = find_object(row.object);
        if (object == nullptr) return DeviceError::unknown_address;
        if (row.part == ReadoutPart::whole) return switch_to(*object, text);
        std::array<std::uint8_t, 3> numbers{};
        if (text.size() != 2 * numbers.size()) return DeviceError::wrong_value;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] < '0' || text[i] > '9') return DeviceError::wrong_value;
            numbers[i / 2] = static_cast<std::uint8_t>(numbers[i / 2] * 10 + (text[i] - '0'));
        }
        std::array<std::uint8_t, kMaxValue> octets{};
        ByteWriter value(octets);
        const DeviceError error = attribute(*object, 2, value);
        if (error != DeviceError::none) return error;
        auto now = dlms::decode_date_time(dlms::DataReader(value.written()).octet_string());
        if (!now) return DeviceError::not_executed;
        if (row.part == ReadoutPart::time_of_day) {
            now->time = {numbers[0], numbers[1], numbers[2], 0};
        } else {
            now->date = {static_cast<std::uint16_t>(2000 + numbers[0]), numbers[1], numbers[2], dlms::kNotSpecified};
        }
        // Whether it is summer then is for the meter to know.
        now->deviation = dlms::kDeviationNotSpecified;
        now->status = dlms::clock_status::kNotSpecified;
        if (!dlms::possible(*now)) return DeviceError::wrong_value;
        std::array<std::uint8_t, 2 + dlms::kDateTimeSize> encoded{};
        ByteWriter out(encoded);
        dlms::DataWriter(out).octet_string(dlms::encode(*now));
        return error_of(
            meter_.write({association_}, {object->object_class->class_id, row.object, 2}, nullptr, out.written()));
    }

private:
    /// Of what is on or off: 1 or 0.
    DeviceError switch_to(const ObjectRow& object, ByteView text) {
        std::array<std::uint8_t, kMaxValue> octets{};
        ByteWriter now(octets);
        if (attribute(object, 2, now) != DeviceError::none) return DeviceError::read_only;
        const auto element = dlms::DataReader(now.written()).any();
        if (!element || element->tag != DataTag::boolean) return DeviceError::read_only;
        if (text.size() != 1 || (text[0] != '0' && text[0] != '1')) return DeviceError::wrong_value;
        std::array<std::uint8_t, 2> encoded{};
        ByteWriter out(encoded);
        dlms::DataWriter(out).boolean(text[0] == '1');
        return error_of(
            meter_.write({association_}, {object.object_class->class_id, object.name, 2}, nullptr, out.written()));
    }

    static DeviceError error_of(DataAccessResult result) {
        switch (result) {
            case DataAccessResult::success:
                return DeviceError::none;
            case DataAccessResult::object_undefined:
                return DeviceError::unknown_address;
            case DataAccessResult::read_write_denied:
                return DeviceError::not_permitted;
            case DataAccessResult::type_unmatched:
            case DataAccessResult::other_reason:
                return DeviceError::wrong_value;
            default:
                return DeviceError::not_executed;
        }
    }

    DeviceError attribute(const ObjectRow& object, std::int8_t number, ByteWriter& out) {
        dlms::ReadCursor cursor;
        const dlms::ReadOutcome outcome =
            meter_.read({association_}, {object.object_class->class_id, object.name, number}, nullptr, cursor, out);
        if (outcome.result != DataAccessResult::success) return error_of(outcome.result);
        return outcome.complete ? DeviceError::none : DeviceError::not_executed;
    }

    bool show_value(const ObjectRow& object, ReadoutPart part, ByteView encoded, ByteWriter& out) {
        dlms::DataReader in(encoded);
        const auto element = in.any();
        if (!element) return false;
        if (element->tag == DataTag::octet_string || element->tag == DataTag::visible_string) {
            return part == ReadoutPart::whole ? show_text(element->content, out)
                                              : show_clock(part, element->content, out);
        }
        const auto number = dlms::integer_of(*element);
        if (!number) return false;
        std::array<std::uint8_t, 8> octets{};
        ByteWriter scaler_unit(octets);
        // Only registers have a scaler and a unit.
        constexpr std::uint16_t kRegister = 3;
        if (object.object_class->class_id != kRegister || attribute(object, 3, scaler_unit) != DeviceError::none) {
            write_scaled(*number, 0, 1, out);
            return true;
        }
        dlms::DataReader reader(scaler_unit.written());
        (void)reader.structure();
        const std::int8_t scaler = reader.integer();
        const auto unit = static_cast<Unit>(reader.enum_());
        if (!reader.finished()) return false;
        show_quantity(*number, scaler, unit, out);
        return true;
    }

    static bool show_text(ByteView text, ByteWriter& out) {
        // What would be read as the end of the value cannot be part of it.
        const auto plain = [](std::uint8_t c) {
            return c >= 0x20 && c < 0x7F && c != '(' && c != ')' && c != '/' && c != '!' && c != '*';
        };
        for (const std::uint8_t c : text) out.u8(plain(c) ? c : std::uint8_t{' '});
        return true;
    }

    static bool show_clock(ReadoutPart part, ByteView octets, ByteWriter& out) {
        const auto now = dlms::decode_date_time(octets);
        if (!now) return false;
        const std::array<std::uint8_t, 3> time{now->time.hour, now->time.minute, now->time.second};
        const std::array<std::uint8_t, 3> date{static_cast<std::uint8_t>(now->date.year % 100), now->date.month,
                                               now->date.day_of_month};
        for (const std::uint8_t number : part == ReadoutPart::time_of_day ? time : date) write_number(number, 2, out);
        return true;
    }

    /// Energies in thousands of their unit, as on the display.
    static void show_quantity(std::int64_t number, int scaler, Unit unit, ByteWriter& out) {
        const bool energy = is_energy(unit);
        if (energy) {
            for (scaler -= kEnergyDecimals; scaler < -kEnergyDecimals; ++scaler) number /= 10;
            for (; scaler > -kEnergyDecimals; --scaler) number *= 10;
        }
        write_scaled(number, scaler, energy ? kEnergyDigits : 1, out);
        const auto* const text = std::ranges::find(kUnitTexts, unit, &UnitText::unit);
        if (text == kUnitTexts.end()) return;
        out.u8('*');
        if (energy) out.u8('k');
        out.put(text_of(text->text));
    }

    dlms::LogicalDevice& meter_;
    dlms::Association association_{};
};

/// Without a password there are the rights of the public.
std::uint16_t sap_of(std::uint8_t level) { return level == 0 ? kPublicSap : level; }

/// What the public may not touch is there, and a password would open it: that is the answer, not that it is missing.
DeviceError judged(std::uint8_t level, const ReadoutRow& row, DeviceError error) {
    const bool hidden = error == DeviceError::unknown_address || error == DeviceError::not_permitted;
    return level == 0 && hidden && find_object(row.object) != nullptr ? DeviceError::access_denied : error;
}

/// `operand` without its parentheses.
std::optional<ByteView> inside_parentheses(ByteView operand) {
    if (operand.size() < 2 || operand.front() != '(' || operand.back() != ')') return std::nullopt;
    return operand.subspan(1, operand.size() - 2);
}

}  // namespace

Piece LocalPort::readout(std::size_t piece, ByteWriter& out) {
    Piece result{piece + 1 < kReadoutList.size(), DeviceError::none};
    if (piece >= kReadoutList.size()) return result;
    std::array<std::uint8_t, kMaxValue + 24> line{};
    ByteWriter set(line);
    // The list is what is open to whoever stands before the meter.
    if (Reader(meter_, kReaderSap).show(kReadoutList[piece], set) == DeviceError::none) out.put(set.written());
    return result;
}

void LocalPort::challenge(ByteWriter& /*out*/) {}

ByteView LocalPort::password_of(const dlms::ClientAccess& access) const {
    for (std::size_t i = 0; setup_ != nullptr && i < kLocalPasswordCount; ++i) {
        if (client_of(static_cast<LocalPassword>(i)) != access.client_sap) continue;
        if (const auto& own = setup_->passwords[i]) return own->view();
    }
    return access.secret;
}

std::uint8_t LocalPort::password(const Command& command) {
    const auto given = command.digit == '1' ? inside_parentheses(command.operand) : std::nullopt;
    std::uint8_t level = 0;
    FixedVector<std::uint16_t, kLevelCount> compared;
    for (const Client& client : kClients) {
        if (!client.has_secret || !given) continue;
        const auto access = meter_.client(client.sap);
        if (!access || access->locked) continue;
        const ByteView password = password_of(*access);
        if (password.empty()) continue;
        (void)compared.push_back(client.sap);
        if (constant_time_equal(password, *given) && level == 0) level = static_cast<std::uint8_t>(client.sap);
    }
    if (!compared.empty()) meter_.security_event(level, dlms::SecurityEvent::local_login_tried);
    if (level != 0) {
        meter_.security_event(level, dlms::SecurityEvent::association_established);
        return level;
    }
    // A password here names nobody: a wrong one was a guess at each of them.
    for (const std::uint16_t sap : compared) meter_.security_event(sap, dlms::SecurityEvent::authentication_failed);
    return level;
}

Piece LocalPort::read(std::uint8_t level, const Command& command, std::size_t /*piece*/, ByteWriter& out) {
    if (command.digit != '1') return {false, DeviceError::invalid_command};
    const auto data_set = dlms::iec62056_21::parse_data_set(command.operand);
    if (!data_set) return {false, DeviceError::command_format};
    const auto name = parse_address(data_set->address);
    if (!name) return {false, DeviceError::unknown_address};
    return {false, judged(level, row_of(*name), Reader(meter_, sap_of(level)).show(row_of(*name), out))};
}

DeviceError LocalPort::write(std::uint8_t level, const Command& command) {
    if (command.digit != '1') return DeviceError::invalid_command;
    const auto data_set = dlms::iec62056_21::parse_data_set(command.operand);
    if (!data_set) return DeviceError::command_format;
    const auto name = parse_address(data_set->address);
    if (!name) return DeviceError::unknown_address;
    return judged(level, row_of(*name), Reader(meter_, sap_of(level)).set(row_of(*name), data_set->value));
}

DeviceError LocalPort::execute(std::uint8_t /*level*/, const Command& /*command*/) {
    return DeviceError::invalid_command;
}

}  // namespace ferraris::meter
