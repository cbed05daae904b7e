/// Read, Write and InformationReport: the services of short-name referencing (IEC 62056-5-3, 6.12 to 6.16 and annex A;
/// tags 05, 06, 0C, 0D, 18). Attributes and methods are 16-bit names: a base name for each object, and offsets.
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

/// Variable-Access-Specification.
enum class VariableAccessChoice : std::uint8_t {
    variable_name = 2,
    parameterized_access = 4,     ///< with a selection; also how a method that returns something is called
    block_number_access = 5,      ///< the next block of a long ReadResponse
    read_data_block_access = 6,   ///< a piece of a long ReadRequest
    write_data_block_access = 7,  ///< a piece of a long WriteRequest, which is the value
};

struct VariableAccess {
    VariableAccessChoice choice{VariableAccessChoice::variable_name};
    std::uint16_t name{0};
    Selection selection{};
    bool last{false};               ///< the two pieces
    std::uint16_t block_number{0};  ///< the three with blocks
    ByteView raw_data{};            ///< read_data_block_access

    [[nodiscard]] static constexpr VariableAccess of(std::uint16_t name) {
        return {VariableAccessChoice::variable_name, name, {}, false, 0, {}};
    }
    [[nodiscard]] static constexpr VariableAccess of(std::uint16_t name, Selection selection) {
        return {VariableAccessChoice::parameterized_access, name, selection, false, 0, {}};
    }
};

enum class ReadResultChoice : std::uint8_t { data = 0, data_access_error = 1, data_block = 2, block_number = 3 };

struct ReadResult {
    ReadResultChoice choice{ReadResultChoice::data};
    DataAccessResult result{DataAccessResult::success};  ///< data_access_error
    ByteView data{};                                     ///< data: one element
    DataBlock block{};                                   ///< data_block; `number` of block_number too
};

enum class WriteResultChoice : std::uint8_t { success = 0, data_access_error = 1, block_number = 2 };

struct WriteResult {
    WriteResultChoice choice{WriteResultChoice::success};
    DataAccessResult result{DataAccessResult::success};
    std::uint16_t block_number{0};
};

struct ReadRequest {
    ListView<VariableAccess> variables{};
};
struct ReadResponse {
    ListView<ReadResult> results{};
};
struct WriteRequest {
    ListView<VariableAccess> variables{};
    ListView<EncodedData> values{};  ///< as many
};
struct WriteResponse {
    ListView<WriteResult> results{};
};
struct InformationReport {
    std::optional<ByteView> time{};  ///< GeneralizedTime, text
    ListView<VariableAccess> variables{};
    ListView<EncodedData> values{};  ///< as many
};

void take(ApduReader& in, VariableAccess& item);
void take(ApduReader& in, ReadResult& item);
void take(ApduReader& in, WriteResult& item);
void put(ByteWriter& out, const VariableAccess& item);
void put(ByteWriter& out, const ReadResult& item);
void put(ByteWriter& out, const WriteResult& item);

/// Lists of different lengths are malformed.
[[nodiscard]] Result<ReadRequest, ApduError> decode_read_request(ByteView apdu);
[[nodiscard]] Result<ReadResponse, ApduError> decode_read_response(ByteView apdu);
[[nodiscard]] Result<WriteRequest, ApduError> decode_write_request(ByteView apdu);
[[nodiscard]] Result<WriteResponse, ApduError> decode_write_response(ByteView apdu);
[[nodiscard]] Result<InformationReport, ApduError> decode_information_report(ByteView apdu);
void encode(ByteWriter& out, const ReadRequest& request);
void encode(ByteWriter& out, const ReadResponse& response);
void encode(ByteWriter& out, const WriteRequest& request);
void encode(ByteWriter& out, const WriteResponse& response);
void encode(ByteWriter& out, const InformationReport& report);
/// From items in memory.
void encode_read_request(ByteWriter& out, std::span<const VariableAccess> variables);
void encode_write_request(ByteWriter& out, std::span<const VariableAccess> variables,
                          std::span<const EncodedData> values);

/// Base name of the current association, class 12 (IEC 62056-6-2, reserved base names).
inline constexpr std::uint16_t kAssociationShortName = 0xFA00;
/// reply_to_HLS_authentication, method 8 of class 12.
inline constexpr std::uint16_t kReplyToHlsShortName = kAssociationShortName + 0x58;

/// The short name of an attribute: eight apart, in order.
[[nodiscard]] constexpr std::uint16_t attribute_short_name(std::uint16_t base_name, int attribute) {
    return static_cast<std::uint16_t>(base_name + 8 * (attribute - 1));
}
/// The short name of a method: where its class puts the first one (IEC 62056-6-2, the classes' tables), then eight
/// apart. Nothing for a class without methods, or unknown here.
[[nodiscard]] std::optional<std::uint16_t> method_short_name(std::uint16_t base_name, std::uint16_t class_id,
                                                             int method);

}  // namespace ferraris::dlms
