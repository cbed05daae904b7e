#include "dlms/apdu/short_names.hpp"

#include <array>

namespace ferraris::dlms {
namespace {

template <class Apdu>
Result<Apdu, ApduError> unequal_or(ApduReader& in, const Apdu& apdu) {
    if (apdu.variables.count != apdu.values.count) in.refuse(ApduError::malformed);
    return in.result(apdu);
}

void put_tag(ByteWriter& out, ApduTag tag) { out.u8(static_cast<std::uint8_t>(tag)); }

struct MethodOffset {
    std::uint16_t class_id;
    std::uint8_t offset;
};

// IEC 62056-6-2: the short name of method 1 in each class's table.
constexpr std::array<MethodOffset, 16> kMethodOffsets = {{
    {3, 0x28},   // Register
    {4, 0x38},   // Extended register
    {5, 0x48},   // Demand register
    {6, 0x30},   // Register activation
    {7, 0x58},   // Profile generic
    {8, 0x60},   // Clock
    {9, 0x20},   // Script table
    {11, 0x10},  // Special days table
    {12, 0x20},  // Association SN
    {15, 0x60},  // Association LN
    {18, 0x40},  // Image transfer
    {20, 0x50},  // Activity calendar
    {40, 0x38},  // Push setup
    {42, 0x60},  // IPv4 setup
    {64, 0x30},  // Security setup
    {70, 0x20},  // Disconnect control
}};

}  // namespace

void take(ApduReader& in, VariableAccess& item) {
    item = {};
    item.choice = static_cast<VariableAccessChoice>(in.u8());
    switch (item.choice) {
        case VariableAccessChoice::variable_name:
            item.name = in.u16();
            break;
        case VariableAccessChoice::parameterized_access:
            item.name = in.u16();
            item.selection.selector = in.u8();
            item.selection.parameters = in.data();
            break;
        case VariableAccessChoice::block_number_access:
            item.block_number = in.u16();
            break;
        case VariableAccessChoice::read_data_block_access:
            item.last = in.boolean();
            item.block_number = in.u16();
            item.raw_data = in.octet_string();
            break;
        case VariableAccessChoice::write_data_block_access:
            item.last = in.boolean();
            item.block_number = in.u16();
            break;
        default:
            in.refuse(ApduError::unknown_choice);
    }
}

void put(ByteWriter& out, const VariableAccess& item) {
    out.u8(static_cast<std::uint8_t>(item.choice));
    switch (item.choice) {
        case VariableAccessChoice::variable_name:
            out.u16(item.name);
            break;
        case VariableAccessChoice::parameterized_access:
            out.u16(item.name);
            out.u8(item.selection.selector);
            out.put(item.selection.parameters);
            break;
        case VariableAccessChoice::block_number_access:
            out.u16(item.block_number);
            break;
        case VariableAccessChoice::read_data_block_access:
            out.u8(item.last ? 1 : 0);
            out.u16(item.block_number);
            put_length(out, item.raw_data.size());
            out.put(item.raw_data);
            break;
        case VariableAccessChoice::write_data_block_access:
            out.u8(item.last ? 1 : 0);
            out.u16(item.block_number);
            break;
    }
}

void take(ApduReader& in, ReadResult& item) {
    item = {};
    item.choice = static_cast<ReadResultChoice>(in.u8());
    switch (item.choice) {
        case ReadResultChoice::data:
            item.data = in.data();
            break;
        case ReadResultChoice::data_access_error:
            take(in, item.result);
            break;
        case ReadResultChoice::data_block:
            item.block.last = in.boolean();
            item.block.number = in.u16();
            item.block.raw_data = in.octet_string();
            break;
        case ReadResultChoice::block_number:
            item.block.number = in.u16();
            break;
        default:
            in.refuse(ApduError::unknown_choice);
    }
}

void put(ByteWriter& out, const ReadResult& item) {
    out.u8(static_cast<std::uint8_t>(item.choice));
    switch (item.choice) {
        case ReadResultChoice::data:
            out.put(item.data);
            break;
        case ReadResultChoice::data_access_error:
            put(out, item.result);
            break;
        case ReadResultChoice::data_block:
            out.u8(item.block.last ? 1 : 0);
            out.u16(static_cast<std::uint16_t>(item.block.number));
            put_length(out, item.block.raw_data.size());
            out.put(item.block.raw_data);
            break;
        case ReadResultChoice::block_number:
            out.u16(static_cast<std::uint16_t>(item.block.number));
            break;
    }
}

void take(ApduReader& in, WriteResult& item) {
    item = {};
    item.choice = static_cast<WriteResultChoice>(in.u8());
    switch (item.choice) {
        case WriteResultChoice::success:
            break;
        case WriteResultChoice::data_access_error:
            take(in, item.result);
            break;
        case WriteResultChoice::block_number:
            item.block_number = in.u16();
            break;
        default:
            in.refuse(ApduError::unknown_choice);
    }
}

void put(ByteWriter& out, const WriteResult& item) {
    out.u8(static_cast<std::uint8_t>(item.choice));
    if (item.choice == WriteResultChoice::data_access_error) put(out, item.result);
    if (item.choice == WriteResultChoice::block_number) out.u16(item.block_number);
}

Result<ReadRequest, ApduError> decode_read_request(ByteView apdu) {
    ApduReader in(apdu);
    ReadRequest request;
    in.tag(ApduTag::read_request);
    take(in, request.variables);
    return in.result(request);
}

Result<ReadResponse, ApduError> decode_read_response(ByteView apdu) {
    ApduReader in(apdu);
    ReadResponse response;
    in.tag(ApduTag::read_response);
    take(in, response.results);
    return in.result(response);
}

Result<WriteRequest, ApduError> decode_write_request(ByteView apdu) {
    ApduReader in(apdu);
    WriteRequest request;
    in.tag(ApduTag::write_request);
    take(in, request.variables);
    take(in, request.values);
    return unequal_or(in, request);
}

Result<WriteResponse, ApduError> decode_write_response(ByteView apdu) {
    ApduReader in(apdu);
    WriteResponse response;
    in.tag(ApduTag::write_response);
    take(in, response.results);
    return in.result(response);
}

Result<InformationReport, ApduError> decode_information_report(ByteView apdu) {
    ApduReader in(apdu);
    InformationReport report;
    in.tag(ApduTag::information_report);
    if (in.present()) report.time = in.octet_string();
    take(in, report.variables);
    take(in, report.values);
    return unequal_or(in, report);
}

void encode(ByteWriter& out, const ReadRequest& request) {
    put_tag(out, ApduTag::read_request);
    put(out, request.variables);
}

void encode(ByteWriter& out, const ReadResponse& response) {
    put_tag(out, ApduTag::read_response);
    put(out, response.results);
}

void encode(ByteWriter& out, const WriteRequest& request) {
    put_tag(out, ApduTag::write_request);
    put(out, request.variables);
    put(out, request.values);
}

void encode(ByteWriter& out, const WriteResponse& response) {
    put_tag(out, ApduTag::write_response);
    put(out, response.results);
}

void encode(ByteWriter& out, const InformationReport& report) {
    put_tag(out, ApduTag::information_report);
    out.u8(report.time ? 1 : 0);
    if (report.time) {
        put_length(out, report.time->size());
        out.put(*report.time);
    }
    put(out, report.variables);
    put(out, report.values);
}

void encode_read_request(ByteWriter& out, std::span<const VariableAccess> variables) {
    put_tag(out, ApduTag::read_request);
    put_list(out, variables);
}

void encode_write_request(ByteWriter& out, std::span<const VariableAccess> variables,
                          std::span<const EncodedData> values) {
    put_tag(out, ApduTag::write_request);
    put_list(out, variables);
    put_list(out, values);
}

std::optional<std::uint16_t> method_short_name(std::uint16_t base_name, std::uint16_t class_id, int method) {
    for (const MethodOffset& row : kMethodOffsets) {
        if (row.class_id == class_id) return static_cast<std::uint16_t>(base_name + row.offset + 8 * (method - 1));
    }
    return std::nullopt;
}

}  // namespace ferraris::dlms
