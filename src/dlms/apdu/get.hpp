/// GET: Get-Request and Get-Response (IEC 62056-5-3, 7.3.3 and 8; tags C0 and C4).
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

enum class GetRequestChoice : std::uint8_t { normal = 1, next = 2, with_list = 3 };

struct GetRequest {
    GetRequestChoice choice{GetRequestChoice::normal};
    InvokeIdAndPriority invoke{};
    AttributeRequest attribute{};             ///< normal
    std::uint32_t block_number{0};            ///< next: the number of the block received last
    ListView<AttributeRequest> attributes{};  ///< with list
};

enum class GetResponseChoice : std::uint8_t { normal = 1, with_datablock = 2, with_list = 3 };

struct GetResponse {
    GetResponseChoice choice{GetResponseChoice::normal};
    InvokeIdAndPriority invoke{};
    GetDataResult result{};             ///< normal
    DataBlock block{};                  ///< with data block
    ListView<GetDataResult> results{};  ///< with list
};

[[nodiscard]] Result<GetRequest, ApduError> decode_get_request(ByteView apdu);
[[nodiscard]] Result<GetResponse, ApduError> decode_get_response(ByteView apdu);
void encode(ByteWriter& out, const GetRequest& request);
void encode(ByteWriter& out, const GetResponse& response);
/// A request with list from descriptors in memory.
void encode_get_with_list(ByteWriter& out, InvokeIdAndPriority invoke, std::span<const AttributeRequest> attributes);

/// For a server that writes the data itself after the head: `C4 01 invoke 00`, `C4 03 invoke count` and
/// `C4 02 invoke last number 00 length`.
void put_get_response_normal_head(ByteWriter& out, InvokeIdAndPriority invoke);
void put_get_response_list_head(ByteWriter& out, InvokeIdAndPriority invoke, std::size_t count);
void put_get_response_block_head(ByteWriter& out, InvokeIdAndPriority invoke, bool last, std::uint32_t number,
                                 std::size_t raw_length);

}  // namespace ferraris::dlms
