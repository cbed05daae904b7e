/// Messages of IEC 62056-21, 6.3: sign-on, identification, option select, commands, data sets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "dlms/iec62056_21/characters.hpp"

namespace ferraris::dlms::iec62056_21 {

inline constexpr std::size_t kMaxDeviceAddress = 32;
inline constexpr std::size_t kMaxIdentificationText = 16;

enum class MessageError : std::uint8_t {
    none,
    bad_parity,
    bad_block_check,
    too_long,            ///< for the buffer, or for the standard
    bad_request,         ///< not `/?address!`
    bad_identification,  ///< not `/XXXZ...`
    bad_selection,       ///< not `ACK V Z Y CR LF`
    bad_command,         ///< no letter and digit, or operand not behind STX
    bad_data_set,        ///< not `address(value*unit)`
    interrupted,         ///< silence or another message's beginning in mid-message
};
[[nodiscard]] std::string_view name_of(MessageError error);

/// Text of the program as octets.
[[nodiscard]] inline ByteView text_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Request message. The address in `line`, which is without CR LF: `/?address!`; may be empty.
[[nodiscard]] Result<ByteView, MessageError> parse_request(ByteView line);
/// `address` may be empty.
void write_request(ByteView address, ByteWriter& out);
/// Leading zeros do not count (IEC 62056-21, 6.3.2, 22); an empty `asked` is for everybody.
[[nodiscard]] bool is_addressed(ByteView asked, ByteView own);

/// Identification message: `/XXXZ\W text CR LF`.
struct Identification {
    std::array<std::uint8_t, 3> manufacturer{'F', 'E', 'R'};
    /// '0' to '6': mode C; 'A' to 'F': mode B; else mode A.
    std::uint8_t baud_character{'5'};
    bool hdlc{false};  ///< `\2`: mode E with HDLC
    ByteView text{};   ///< without the escape sequences

    /// A lower case third letter: reaction time of 20 ms instead of 200 ms.
    [[nodiscard]] constexpr bool is_fast() const { return manufacturer[2] >= 'a' && manufacturer[2] <= 'z'; }
    [[nodiscard]] constexpr std::uint32_t reaction_time_ms() const { return is_fast() ? 20 : 200; }
};
/// `line` is without CR LF; the text views into it.
[[nodiscard]] Result<Identification, MessageError> parse_identification(ByteView line);
void write_identification(const Identification& identification, ByteWriter& out);

/// Acknowledgement and option select message: `ACK V Z Y CR LF`, as characters.
struct Selection {
    std::uint8_t protocol{'0'};  ///< '0' normal, '1' secondary, '2' HDLC
    std::uint8_t baud_character{'0'};
    std::uint8_t mode{'0'};  ///< '0' readout, '1' programming, '2' binary
    friend constexpr bool operator==(const Selection&, const Selection&) = default;
};
inline constexpr std::size_t kSelectionSize = 6;
/// `message` is whole, from ACK to LF.
[[nodiscard]] Result<Selection, MessageError> parse_selection(ByteView message);
void write_selection(const Selection& selection, ByteWriter& out);

/// `address(value*unit)`. In a line of several values those after the first have no address.
struct DataSet {
    ByteView address{};
    ByteView value{};
    ByteView unit{};
};
/// The first data set of `text`.
[[nodiscard]] Result<DataSet, MessageError> parse_data_set(ByteView text);
void write_data_set(const DataSet& data_set, ByteWriter& out);

/// Programming command message: `SOH C D STX operand ETX BCC`.
struct Command {
    /// 'P' password, 'W' write, 'R' read, 'E' execute, 'B' break.
    std::uint8_t type{'R'};
    /// P: '0' operand for a secure algorithm, '1' password, '2' result of the algorithm. W, R: '0' reserved, '1' ASCII,
    /// '2' formatted, '3' and '4' the same in partial blocks; by load profile conventions also '5', and '6' in partial
    /// blocks. E: '2'. B: '0' complete, '1' for battery devices.
    std::uint8_t digit{'1'};
    /// Behind STX, as it is on the line: `address(value*unit)`, `(password)`. Empty: no STX either.
    ByteView operand{};
    bool partial{false};  ///< EOT instead of ETX: more of the same follows

    /// The answer to a read comes, and a write goes, in several acknowledged blocks.
    [[nodiscard]] constexpr bool in_blocks() const {
        return (type == 'R' || type == 'W') && (digit == '3' || digit == '4' || digit == '6');
    }
};
/// `content` is what lies between SOH and ETX or EOT; the operand views into it.
[[nodiscard]] Result<Command, MessageError> parse_command(ByteView content, bool partial = false);
void write_command(const Command& command, ByteWriter& out);
/// What `write_command` adds to an operand: SOH, two characters, STX, ETX, BCC.
inline constexpr std::size_t kCommandOverhead = 6;

/// `STX content ETX BCC`, or with EOT where more blocks follow.
void write_data_block(ByteView content, bool partial, ByteWriter& out);

/// Numbers of the error answer `(ERnn)`. The standard leaves them to the manufacturer; these are common usage.
enum class DeviceError : std::uint8_t {
    none = 0,
    unknown_command = 1,
    invalid_command = 2,
    command_format = 3,
    read_only = 4,
    write_only = 5,
    not_permitted = 6,
    access_denied = 7,
    not_executed = 10,
    unknown_address = 17,
    wrong_value = 18,
};
/// `(ERnn)`, without a block around it.
void write_error(DeviceError error, ByteWriter& out);

}  // namespace ferraris::dlms::iec62056_21
