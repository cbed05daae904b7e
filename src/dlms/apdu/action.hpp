/// ACTION: Action-Request and Action-Response (IEC 62056-5-3; tags C3 and C7).
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

enum class ActionRequestChoice : std::uint8_t {
    normal = 1,
    next_pblock = 2,
    with_list = 3,
    with_first_pblock = 4,
    with_list_and_first_pblock = 5,
    with_pblock = 6,
};

struct ActionRequest {
    ActionRequestChoice choice{ActionRequestChoice::normal};
    InvokeIdAndPriority invoke{};
    MethodDescriptor method{};             ///< normal, with first pblock
    ByteView parameters{};                 ///< normal: one element of `Data`, or empty when there are none
    std::uint32_t block_number{0};         ///< next pblock: the number of the block received last
    DataBlock block{};                     ///< the three with a pblock
    ListView<MethodDescriptor> methods{};  ///< the two with list
    ListView<EncodedData> arguments{};     ///< with list; as many as there are methods
};

enum class ActionResponseChoice : std::uint8_t { normal = 1, with_pblock = 2, with_list = 3, next_pblock = 4 };

struct ActionResponse {
    ActionResponseChoice choice{ActionResponseChoice::normal};
    InvokeIdAndPriority invoke{};
    ActionOutcome outcome{};             ///< normal
    DataBlock block{};                   ///< with pblock: a piece of an encoded outcome, or of the list of outcomes
    ListView<ActionOutcome> outcomes{};  ///< with list
    std::uint32_t block_number{0};       ///< next pblock: the block acknowledged
};

/// A list of arguments of another length than the list of methods is malformed.
[[nodiscard]] Result<ActionRequest, ApduError> decode_action_request(ByteView apdu);
[[nodiscard]] Result<ActionResponse, ApduError> decode_action_response(ByteView apdu);
void encode(ByteWriter& out, const ActionRequest& request);
void encode(ByteWriter& out, const ActionResponse& response);

}  // namespace ferraris::dlms
