/// SET on the server's side (IEC 62056-5-3, 6.7): normal, with list, and in blocks.
#pragma once

#include "dlms/apdu/set.hpp"
#include "dlms/server/service.hpp"

namespace ferraris::dlms {

class SetService {
public:
    void handle(const ServiceRequest& request, Answer& answer);
    void abort() { active_ = false; }

private:
    /// Octets of descriptors that a request in blocks may have.
    static constexpr std::size_t kMaxRequest = 512;

    void write_one(const ServiceRequest& request, const SetRequest& set, Answer& answer);
    void write_list(const ServiceRequest& request, const SetRequest& set, Answer& answer);
    void first_block(const ServiceRequest& request, const SetRequest& set, Answer& answer);
    void later_block(const ServiceRequest& request, const SetRequest& set, Answer& answer);
    void take_block(const ServiceRequest& request, const SetRequest& set, Answer& answer);
    void finish(const ServiceRequest& request, const SetRequest& set, Answer& answer);

    bool active_{false};
    bool with_list_{false};
    std::uint32_t block_number_{0};
    std::size_t value_size_{0};  ///< octets gathered in the caller's memory
    std::size_t item_count_{0};
    std::size_t descriptors_size_{0};
    std::array<std::uint8_t, kMaxRequest> descriptors_{};
};

}  // namespace ferraris::dlms
