/// Read and Write of a client session, by short names, whole and in blocks.
#include <algorithm>

#include "dlms/client/session.hpp"

namespace ferraris::dlms {
namespace {

/// How a list of one result begins that is data: some meters put the list into the blocks of a long value, others the
/// value alone. No value of more than two octets begins so.
constexpr std::array<std::uint8_t, 2> kOneResult = {0x01, 0x00};
/// Tag, one variable, choice, last, number, one value, octet-string, its length.
constexpr std::size_t kWriteBlockHead = 1 + 1 + 1 + 1 + 2 + 1 + 1 + 3;

}  // namespace

Result<ListView<ReadResult>, ApduError> decode_read_results(ByteView octets) {
    ApduReader in(octets);
    ListView<ReadResult> results;
    take(in, results);
    return in.result(results);
}

bool ClientSession::by_short_names() const {
    return configuration_.context == ApplicationContext::short_names ||
           configuration_.context == ApplicationContext::short_names_ciphered;
}

Progress ClientSession::read(std::span<const VariableAccess> variables, ResponseSink& sink) {
    if (const auto error = may_start(true)) return refuse(*error);
    if (!by_short_names() || variables.empty()) return refuse(ClientError::invalid_configuration);
    item_count_ = variables.size();
    sink_ = &sink;
    block_number_ = 0;
    operation_ = Operation::read;
    ByteWriter out = start_request();
    encode_read_request(out, variables);
    return send_request(out);
}

Progress ClientSession::take_read_response(ByteView apdu) {
    const auto response = decode_read_response(apdu);
    if (!response) {
        return response.error() == ApduError::unknown_tag ? fail(ClientError::unexpected_answer)
                                                          : fail_malformed(response.error());
    }
    if (response->results.empty()) return fail(ClientError::unexpected_answer);
    const ReadResult first = *response->results.begin();
    if (first.choice == ReadResultChoice::data_block && response->results.count == 1)
        return take_read_block(first.block);
    Progress done;
    // In the middle of blocks, or for one variable, an error stands for all.
    if (first.choice == ReadResultChoice::data_access_error && (block_number_ != 0 || item_count_ == 1)) {
        done.access_result = first.result;
        return finish(done);
    }
    if (block_number_ != 0 || response->results.count != item_count_) return fail(ClientError::unexpected_answer);
    if (item_count_ == 1) {
        if (first.choice != ReadResultChoice::data) return fail(ClientError::unexpected_answer);
        if (!sink_->append(first.data)) return fail(ClientError::sink_full);
        return finish(done);
    }
    std::array<std::uint8_t, 5> memory{};
    ByteWriter count(memory);
    put_length(count, response->results.count);
    if (!sink_->append(count.written()) || !sink_->append(response->results.octets))
        return fail(ClientError::sink_full);
    return finish(done);
}

Progress ClientSession::take_read_block(const DataBlock& block) {
    if (block.number != block_number_ + 1) return fail(ClientError::wrong_block_number);
    const bool first = block_number_ == 0;
    block_number_ = block.number;
    if (block.raw_data.empty() && !block.last) return fail(ClientError::unexpected_answer);
    ByteView data = block.raw_data;
    if (first && item_count_ == 1 && data.size() > kOneResult.size() &&
        equal(data.first(kOneResult.size()), kOneResult))
        data = data.subspan(kOneResult.size());
    if (!sink_->append(data)) return fail(ClientError::sink_full);
    if (block.last) return finish(Progress{});
    VariableAccess next;
    next.choice = VariableAccessChoice::block_number_access;
    next.block_number = static_cast<std::uint16_t>(block.number);
    ByteWriter out = start_request();
    encode_read_request(out, std::span(&next, 1));
    return send_request(out);
}

/// What the blocks of a long WriteRequest carry: it is produced again for each, through a window.
void ClientSession::put_variables_and_values(ByteWriter& out) const {
    put_list(out, variables_);
    put_list(out, values_);
}

Progress ClientSession::write(std::span<const VariableAccess> variables, std::span<const EncodedData> values) {
    if (const auto error = may_start(true)) return refuse(*error);
    if (!by_short_names() || variables.empty() || variables.size() != values.size())
        return refuse(ClientError::invalid_configuration);
    variables_ = variables;
    values_ = values;
    item_count_ = variables.size();
    payload_sent_ = 0;
    block_number_ = 0;
    operation_ = Operation::write;
    ByteWriter measure{ByteSpan{}};
    encode_write_request(measure, variables, values);
    if (!in_one_piece(measure.produced(), Conformance::block_transfer_with_set)) return send_write_block();
    ByteWriter out = start_request();
    encode_write_request(out, variables, values);
    return send_request(out);
}

Progress ClientSession::send_write_block() {
    ByteWriter measure{ByteSpan{}};
    put_variables_and_values(measure);
    const std::size_t limit = request_limit();
    if (limit <= kWriteBlockHead) return fail(ClientError::request_too_long);
    const std::size_t left = measure.produced() - payload_sent_;
    const std::size_t count = std::min<std::size_t>({left, limit - kWriteBlockHead, 0xFFFF});
    VariableAccess piece;
    piece.choice = VariableAccessChoice::write_data_block_access;
    piece.last = count == left;
    piece.block_number = static_cast<std::uint16_t>(++block_number_);
    ByteWriter out = start_request();
    out.u8(static_cast<std::uint8_t>(ApduTag::write_request));
    put_list(out, std::span<const VariableAccess>(&piece, 1));
    put_length(out, 1);
    out.u8(static_cast<std::uint8_t>(DataTag::octet_string));
    put_length(out, count);
    if (out.overflowed() || out.room() < count) return fail(ClientError::request_too_long);
    ByteWriter window(out.unused().first(count), payload_sent_);
    put_variables_and_values(window);
    out.advance(window.size());
    payload_sent_ += count;
    return send_request(out);
}

Progress ClientSession::take_write_response(ByteView apdu) {
    const auto response = decode_write_response(apdu);
    if (!response) {
        return response.error() == ApduError::unknown_tag ? fail(ClientError::unexpected_answer)
                                                          : fail_malformed(response.error());
    }
    if (response->results.empty()) return fail(ClientError::unexpected_answer);
    const WriteResult first = *response->results.begin();
    ByteWriter measure{ByteSpan{}};
    put_variables_and_values(measure);
    const bool all_sent = block_number_ == 0 || payload_sent_ == measure.produced();
    if (first.choice == WriteResultChoice::block_number) {
        if (block_number_ == 0 || first.block_number != block_number_) return fail(ClientError::wrong_block_number);
        if (all_sent) return fail(ClientError::unexpected_answer);
        return send_write_block();
    }
    Progress done;
    // A refusal in the middle of blocks stands for all.
    if (!all_sent && first.choice == WriteResultChoice::success) return fail(ClientError::unexpected_answer);
    if (all_sent && response->results.count != item_count_) return fail(ClientError::unexpected_answer);
    done.access_result = item_count_ == 1 || !all_sent ? first.result : DataAccessResult::success;
    done.write_results = response->results;
    return finish(done);
}

}  // namespace ferraris::dlms
