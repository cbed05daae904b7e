/// A small meter whose one purpose is image transfer (class 18), to see the cases of that group pass and fail. An image
/// is right when its last four octets are the check sum (CRC-32) of those before.
#pragma once

#include <array>
#include <vector>

#include "base/crc.hpp"
#include "conform/bench.hpp"
#include "dlms/server/table_device.hpp"

namespace ferraris::conform::testing {

struct ImageState {
    static constexpr std::uint32_t kBlockSize = 32;
    static constexpr std::uint32_t kLargest = 4096;

    bool enabled{true};
    std::uint8_t status{0};
    Octets identifier{};
    Octets image{};
    std::vector<bool> received{};
    int polls_until_verified{0};  ///< so often image_verify answers temporary-failure

    [[nodiscard]] std::uint32_t first_missing() const {
        std::uint32_t index = 0;
        while (index < received.size() && received[index]) ++index;
        return index;
    }
    [[nodiscard]] bool whole() const { return !received.empty() && first_missing() == received.size(); }
    [[nodiscard]] bool is_right() const {
        if (!whole() || image.size() < 5) return false;
        ByteReader check(ByteView(image).last(4));
        return check.u32() == crc32(ByteView(image).first(image.size() - 4));
    }
};

namespace image_device {

constexpr dlms::LogicalName kName = dlms::obis(0, 0, 44, 0, 0);

inline void write_flags(const ImageState& state, dlms::DataWriter& out) {
    Octets octets((state.received.size() + 7) / 8);
    for (std::size_t i = 0; i < state.received.size(); ++i) {
        if (state.received[i]) octets[i / 8] = static_cast<std::uint8_t>(octets[i / 8] | (0x80U >> (i % 8)));
    }
    out.bit_string(octets, state.received.size());
}

inline void write_info(const ImageState& state, dlms::DataWriter& out) {
    const bool ready = state.status == 3;
    out.array(ready ? 1 : 0);
    if (!ready) return;
    out.structure(3);
    out.double_long_unsigned(static_cast<std::uint32_t>(state.image.size()));
    out.octet_string(state.identifier);
    out.octet_string(ByteView(state.image).last(4));
}

inline constexpr dlms::TableRow<ImageState> kTable[]{
    {18, 0, kName, 2,
     [](const ImageState&, dlms::DataWriter& out) { out.double_long_unsigned(ImageState::kBlockSize); }},
    {18, 0, kName, 3, write_flags},
    {18, 0, kName, 4,
     [](const ImageState& state, dlms::DataWriter& out) { out.double_long_unsigned(state.first_missing()); }},
    {18, 0, kName, 5, [](const ImageState& state, dlms::DataWriter& out) { out.boolean(state.enabled); }},
    {18, 0, kName, 6, [](const ImageState& state, dlms::DataWriter& out) { out.enum_(state.status); }},
    {18, 0, kName, 7, write_info},
};

inline dlms::ClientAccess public_client() {
    dlms::ClientAccess access;
    access.client_sap = 16;
    access.conformance = static_cast<dlms::Conformance>(dlms::kConformanceMask);
    return access;
}
inline const std::array<dlms::ClientAccess, 1> kClients{public_client()};
inline constexpr std::array<std::uint8_t, 8> kTitle{'T', 'S', 'T', 0, 0, 0, 0, 1};

}  // namespace image_device

class ImageDevice final : public dlms::TableDevice<ImageState> {
public:
    explicit ImageDevice(ImageState& state)
        : TableDevice(state, image_device::kTable, image_device::kClients, image_device::kTitle), state_(state) {}

    dlms::ActionResult invoke(const dlms::Caller&, const dlms::MethodDescriptor& method, ByteView parameters,
                              ByteWriter&) override {
        if (method.class_id != 18 || method.instance != image_device::kName) {
            return dlms::ActionResult::object_undefined;
        }
        dlms::DataReader in(parameters);
        switch (method.method) {
            case 1:
                return initiate(in);
            case 2:
                return transfer(in);
            case 3:
                return verify();
            case 4:
                return activate();
            default:
                return dlms::ActionResult::object_undefined;
        }
    }

private:
    dlms::ActionResult initiate(dlms::DataReader& in) {
        (void)in.structure();
        const ByteView identifier = in.octet_string();
        const std::uint32_t size = in.double_long_unsigned();
        if (!in.finished()) return dlms::ActionResult::type_unmatched;
        if (!state_.enabled || size == 0 || size > ImageState::kLargest) return dlms::ActionResult::other_reason;
        state_.identifier.assign(identifier.begin(), identifier.end());
        state_.image.assign(size, 0);
        state_.received.assign((size + ImageState::kBlockSize - 1) / ImageState::kBlockSize, false);
        state_.status = 1;
        return dlms::ActionResult::success;
    }
    dlms::ActionResult transfer(dlms::DataReader& in) {
        (void)in.structure();
        const std::uint32_t number = in.double_long_unsigned();
        const ByteView octets = in.octet_string();
        if (!in.finished()) return dlms::ActionResult::type_unmatched;
        if (state_.status != 1 || number >= state_.received.size()) return dlms::ActionResult::other_reason;
        const std::size_t from = std::size_t{number} * ImageState::kBlockSize;
        if (octets.size() != std::min<std::size_t>(ImageState::kBlockSize, state_.image.size() - from)) {
            return dlms::ActionResult::other_reason;
        }
        std::ranges::copy(octets, state_.image.begin() + static_cast<std::ptrdiff_t>(from));
        state_.received[number] = true;
        return dlms::ActionResult::success;
    }
    dlms::ActionResult verify() {
        if (!state_.whole()) return dlms::ActionResult::other_reason;
        if (state_.polls_until_verified > 0) {
            --state_.polls_until_verified;
            state_.status = 2;
            return dlms::ActionResult::temporary_failure;
        }
        state_.status = state_.is_right() ? 3 : 4;
        return state_.status == 3 ? dlms::ActionResult::success : dlms::ActionResult::other_reason;
    }
    dlms::ActionResult activate() {
        if (state_.status != 3) return dlms::ActionResult::other_reason;
        state_.status = 6;
        return dlms::ActionResult::success;
    }

    ImageState& state_;
};

}  // namespace ferraris::conform::testing
