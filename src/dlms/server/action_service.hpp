/// ACTION on the server's side (IEC 62056-5-3, 6.8): normal, with list, and in blocks in both directions.
#pragma once

#include "dlms/apdu/action.hpp"
#include "dlms/server/service.hpp"

namespace ferraris::dlms {

class ActionService {
public:
    void handle(const ServiceRequest& request, MethodTarget& target, Answer& answer);
    void abort() { state_ = State::idle; }

private:
    enum class State : std::uint8_t { idle, receiving, sending };
    static constexpr std::size_t kMaxRequest = 256;

    void first_block(const ServiceRequest& request, MethodTarget& target, const ActionRequest& action, Answer& answer);
    void take_block(const ServiceRequest& request, MethodTarget& target, const ActionRequest& action, Answer& answer);
    void finish_blocks(const ServiceRequest& request, MethodTarget& target, const ActionRequest& action,
                       Answer& answer);
    void perform(const ServiceRequest& request, MethodTarget& target, const ActionRequest& action,
                 const ListView<MethodDescriptor>& methods, const ListView<EncodedData>& arguments, bool list,
                 Answer& answer);
    void send_block(const ServiceRequest& request, const ActionRequest& action, Answer& answer);

    State state_{State::idle};
    bool with_list_{false};
    std::uint32_t block_number_{0};
    std::size_t gathered_{0};  ///< octets in the caller's memory
    std::size_t sent_{0};
    std::size_t method_count_{0};
    std::size_t methods_size_{0};
    std::array<std::uint8_t, kMaxRequest> methods_{};
};

}  // namespace ferraris::dlms
