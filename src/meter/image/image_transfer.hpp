/// Firmware image transfer (IEC 62056-6-2, class 18, version 0): a new program arrives in blocks, in any order and with
/// pauses as long as one likes, is verified a little each second, and is activated through the boot loader. The image
/// goes to the area of which nothing runs; what runs is never touched.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fixed_vector.hpp"
#include "board/boot.hpp"
#include "board/flash.hpp"
#include "crypto/crypto.hpp"
#include "dlms/enumerations.hpp"
#include "meter/event/input_monitor.hpp"
#include "meter/image/image_area.hpp"
#include "meter/image/image_header.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// image_transfer_status.
enum class ImageStatus : std::uint8_t {
    not_initiated = 0,
    initiated = 1,
    verification_initiated = 2,
    verification_successful = 3,
    verification_failed = 4,
    activation_initiated = 5,
    activation_successful = 6,
    activation_failed = 7,
};

using ImageIdentifier = FixedVector<std::uint8_t, 48>;

class ImageTransfer {
public:
    /// Octets that are verified in one second, so that the meter keeps measuring.
    static constexpr std::uint32_t kVerifiedPerTick = 32 * kImagePiece;
    /// A new program confirms itself when it has metered so many seconds, and all is well.
    static constexpr std::uint8_t kTrialSeconds = 10;

    ImageTransfer(board::Flash& flash, Crypto& crypto, const ImageRules& rules)
        : area_(flash), crypto_(crypto), rules_(rules) {}

    /// The boot loader, which outlives the meter. Without one images can be transferred and verified.
    void attach(board::Boot& boot) { boot_ = &boot; }
    void recover(const ParameterStore& store);

    // Attributes.
    [[nodiscard]] bool enabled() const { return enabled_; }
    /// Durable when true.
    [[nodiscard]] bool enable(ParameterStore& store, bool enabled);
    [[nodiscard]] ImageStatus status() const { return state_.status; }
    /// Of the image that is transferred; 0: none is.
    [[nodiscard]] std::uint32_t size() const { return state_.size; }
    [[nodiscard]] std::uint32_t block_count() const { return ImageArea::blocks(state_.size); }
    [[nodiscard]] ImageArea::Marks marks() const { return area_.marks(); }
    [[nodiscard]] std::uint32_t first_missing() const { return area_.first_missing(block_count()); }
    /// Nothing where no image waits for activation.
    [[nodiscard]] std::optional<ImageHeader> to_activate() const;
    [[nodiscard]] static ImageIdentifier identifier(const ParameterStore& store);
    /// Activation would begin: an image is verified, and there is a boot loader.
    [[nodiscard]] bool can_activate() const {
        return enabled_ && boot_ != nullptr && state_.status == ImageStatus::verification_successful;
    }
    /// Check sum of the legally relevant part of the image that waits for activation.
    [[nodiscard]] std::uint32_t check_sum() const { return state_.check_sum; }

    // Methods. What they answer is durable.
    /// other-reason: an impossible size or identifier; object-unavailable: not enabled; temporary-failure: an
    /// activation is under way. The transfer before is then as it was.
    [[nodiscard]] dlms::ActionResult initiate(ParameterStore& store, ByteView identifier, std::uint32_t size,
                                              Occurrences& due);
    /// other-reason: no transfer is initiated, a block beyond the end or of a wrong length, or one that came before
    /// with other octets; temporary-failure: the image is being verified.
    [[nodiscard]] dlms::ActionResult transfer(std::uint32_t number, ByteView octets);
    /// temporary-failure: it began, or is not done yet; other-reason: blocks are missing, or it failed.
    [[nodiscard]] dlms::ActionResult verify();
    /// temporary-failure: the new program starts, or the image is verified first; success: the new program runs and has
    /// confirmed itself.
    [[nodiscard]] dlms::ActionResult activate(ParameterStore& store);

    /// Once a second. `well`: the meter is up and its memory answers. False: the flash refused.
    [[nodiscard]] bool tick(ParameterStore& store, bool well, Occurrences& due);

private:
    struct State {
        ImageStatus status{ImageStatus::not_initiated};
        board::Slot slot{board::Slot::first};  ///< of the image
        std::uint32_t size{0};
        std::uint32_t check_sum{0};
        std::uint32_t version{0};
    };
    /// How far verification is; nothing of it is kept over a loss of power.
    struct Verification {
        ImageDigest digest{};
        std::uint32_t payload_size{0};  ///< 0: the header comes first
        std::uint32_t legal_size{0};
        std::uint32_t version{0};
        std::uint32_t offset{0};  ///< in the payload
        std::uint32_t check_sum{0};
    };

    [[nodiscard]] bool change(ParameterStore& store, const State& state, ByteView identifier);
    [[nodiscard]] bool change(ParameterStore& store, ImageStatus status);
    [[nodiscard]] dlms::ActionResult begin_verification();
    [[nodiscard]] bool read_header(ImageHeader& header, ImageFault& fault) const;
    [[nodiscard]] ImageFault judge_header();
    [[nodiscard]] std::optional<ImageFault> verify_some();
    [[nodiscard]] bool end_verification(ParameterStore& store, ImageFault fault, Occurrences& due);
    [[nodiscard]] bool follow_activation(ParameterStore& store, bool well, Occurrences& due);

    ImageArea area_;
    Crypto& crypto_;
    ImageRules rules_;
    board::Boot* boot_{nullptr};
    State state_{};
    Verification verification_{};
    bool enabled_{false};
    bool verifying_{false};
    bool restart_due_{false};
    std::uint8_t metered_s_{0};  ///< since this program started
};

}  // namespace ferraris::meter
