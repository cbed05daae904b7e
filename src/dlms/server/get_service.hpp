/// GET on the server's side (IEC 62056-5-3, 6.6): normal, with list, and in blocks that are produced as they are asked
/// for, so that a long answer needs no memory of its own.
#pragma once

#include <array>

#include "dlms/apdu/get.hpp"
#include "dlms/server/service.hpp"

namespace ferraris::dlms {

class GetService {
public:
    void handle(const ServiceRequest& request, Answer& answer);
    /// Another request came in between, or the association ended.
    void abort() { active_ = false; }

private:
    /// Octets of descriptors and selections that one request may have.
    static constexpr std::size_t kMaxRequest = 2048;

    struct Produced {
        DataAccessResult result;
        bool complete;
    };

    void start(const ServiceRequest& request, const GetRequest& get, Answer& answer);
    void next(const ServiceRequest& request, const GetRequest& get, Answer& answer);
    [[nodiscard]] Produced produce(const ServiceRequest& request, ByteWriter& out);
    [[nodiscard]] Produced produce_item(const ServiceRequest& request, const AttributeRequest& item, ByteWriter& out);

    bool active_{false};
    bool with_list_{false};
    std::uint32_t block_number_{0};
    std::size_t item_{0};  ///< the list's item that comes next
    std::size_t item_count_{0};
    ReadCursor cursor_{};
    std::size_t descriptors_size_{0};
    std::array<std::uint8_t, kMaxRequest> descriptors_{};
};

}  // namespace ferraris::dlms
