/// SET: Set-Request and Set-Response (IEC 62056-5-3; tags C1 and C5).
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

enum class SetRequestChoice : std::uint8_t {
    normal = 1,
    with_first_datablock = 2,
    with_datablock = 3,
    with_list = 4,
    with_list_and_first_datablock = 5,
};

struct SetRequest {
    SetRequestChoice choice{SetRequestChoice::normal};
    InvokeIdAndPriority invoke{};
    AttributeRequest attribute{};             ///< normal, with first data block
    ByteView value{};                         ///< normal: one element of `Data`
    DataBlock block{};                        ///< the three with a data block
    ListView<AttributeRequest> attributes{};  ///< the two with list
    ListView<EncodedData> values{};           ///< with list; as many as there are attributes
};

enum class SetResponseChoice : std::uint8_t {
    normal = 1,
    datablock = 2,
    last_datablock = 3,
    last_datablock_with_list = 4,
    with_list = 5,
};

struct SetResponse {
    SetResponseChoice choice{SetResponseChoice::normal};
    InvokeIdAndPriority invoke{};
    DataAccessResult result{DataAccessResult::success};  ///< normal, last data block
    std::uint32_t block_number{0};                       ///< the three for data blocks: the one acknowledged
    ListView<DataAccessResult> results{};                ///< the two with list
};

/// A list of values of another length than the list of attributes is malformed.
[[nodiscard]] Result<SetRequest, ApduError> decode_set_request(ByteView apdu);
[[nodiscard]] Result<SetResponse, ApduError> decode_set_response(ByteView apdu);
void encode(ByteWriter& out, const SetRequest& request);
void encode(ByteWriter& out, const SetResponse& response);

}  // namespace ferraris::dlms
