/// Image transfer as the Blue Book tells it (class 18), for tests: it keeps blocks in a map and whole images in a list,
/// and knows nothing of flash, digests or boot records.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "meter/image/support.hpp"

namespace ferraris::meter::testing {

/// An image that the test has made, and what is right about it.
struct KnownImage {
    Image octets;
    FirmwareVersion version{};
    bool genuine{true};        ///< signed by whom the meter trusts, for this hardware
    bool right_payload{true};  ///< and not altered behind its header
};

class ReferenceTransfer {
public:
    explicit ReferenceTransfer(const std::vector<KnownImage>& known) : known_(known) {}

    bool enabled{true};
    ImageStatus status{ImageStatus::not_initiated};
    FirmwareVersion running{kFirmwareVersion};

    [[nodiscard]] std::uint32_t block_count() const { return (size_ + kBlock - 1) / kBlock; }
    [[nodiscard]] std::string transferred() const {
        std::string text(block_count(), '0');
        for (const auto& [number, octets] : blocks_) text[number] = '1';
        return text;
    }
    [[nodiscard]] std::uint32_t first_missing() const {
        std::uint32_t number = 0;
        while (blocks_.contains(number)) ++number;
        return number;
    }

    dlms::ActionResult initiate(std::uint32_t size) {
        if (!enabled) return dlms::ActionResult::object_unavailable;
        if (size <= kImageHeaderSize || size > kMaxImageSize) return dlms::ActionResult::other_reason;
        if (before_ || status == ImageStatus::activation_initiated) return dlms::ActionResult::temporary_failure;
        size_ = size;
        blocks_.clear();
        status = ImageStatus::initiated;
        return dlms::ActionResult::success;
    }
    dlms::ActionResult transfer(std::uint32_t number, const Image& octets) {
        if (!enabled) return dlms::ActionResult::object_unavailable;
        if (status == ImageStatus::verification_initiated) return dlms::ActionResult::temporary_failure;
        if (status != ImageStatus::initiated || number >= block_count()) return dlms::ActionResult::other_reason;
        const std::size_t wanted = number + 1 == block_count() ? size_ - number * kBlock : kBlock;
        if (octets.size() != wanted) return dlms::ActionResult::other_reason;
        if (blocks_.contains(number) && blocks_[number] != octets) return dlms::ActionResult::other_reason;
        blocks_[number] = octets;
        return dlms::ActionResult::success;
    }
    dlms::ActionResult verify() {
        if (!enabled) return dlms::ActionResult::object_unavailable;
        if (status == ImageStatus::initiated) return begin_verification();
        if (status == ImageStatus::verification_initiated) return dlms::ActionResult::temporary_failure;
        return status == ImageStatus::verification_successful ? dlms::ActionResult::success
                                                              : dlms::ActionResult::other_reason;
    }
    dlms::ActionResult activate() {
        if (!enabled) return dlms::ActionResult::object_unavailable;
        switch (status) {
            case ImageStatus::initiated:
                return begin_verification();
            case ImageStatus::verification_initiated:
            case ImageStatus::activation_initiated:
                return dlms::ActionResult::temporary_failure;
            case ImageStatus::activation_successful:
                return dlms::ActionResult::success;
            case ImageStatus::verification_successful:
                break;
            default:
                return dlms::ActionResult::other_reason;
        }
        status = ImageStatus::activation_initiated;
        next_ = image_->version;
        return dlms::ActionResult::temporary_failure;
    }
    void second() {
        if (status == ImageStatus::verification_initiated) {
            if (--verifying_s_ == 0) end_verification();
        } else if (next_) {
            power_up();
        } else if (before_ && ++metered_s_ == ImageTransfer::kTrialSeconds) {
            before_.reset();
            status = ImageStatus::activation_successful;
        } else if (!before_ && status == ImageStatus::activation_initiated) {
            status = ImageStatus::activation_failed;
        }
    }
    void power_up() {
        if (status == ImageStatus::verification_initiated) status = ImageStatus::initiated;
        metered_s_ = 0;
        if (next_) {
            before_ = running;
            running = *next_;
            next_.reset();
            starts_ = 0;
        }
        if (before_ && ++starts_ > BootLoader::kMostTrials) {
            running = *before_;
            before_.reset();
        }
    }

private:
    dlms::ActionResult begin_verification() {
        if (first_missing() != block_count()) return dlms::ActionResult::other_reason;
        status = ImageStatus::verification_initiated;
        Image whole;
        for (const auto& [number, octets] : blocks_) whole.insert(whole.end(), octets.begin(), octets.end());
        // Whose header it is, also where blocks behind it came altered.
        const auto head_of = [](const Image& image) { return ByteView(image).first(kImageHeaderSize); };
        image_ = nullptr;
        bool as_made = false;
        for (const KnownImage& image : known_) {
            if (image.octets.size() != whole.size() || !equal(head_of(image.octets), head_of(whole)) || as_made)
                continue;
            image_ = &image;
            as_made = image.octets == whole;
        }
        const bool head = image_ != nullptr && image_->genuine && image_->version > running;
        // A second for the head; no test's payload takes more than another one.
        verifying_s_ = head ? 2 : 1;
        good_ = head && as_made && image_->right_payload;
        return dlms::ActionResult::temporary_failure;
    }
    void end_verification() {
        status = good_ ? ImageStatus::verification_successful : ImageStatus::verification_failed;
    }

    const std::vector<KnownImage>& known_;
    std::uint32_t size_{0};
    std::map<std::uint32_t, Image> blocks_{};
    const KnownImage* image_{nullptr};
    bool good_{false};
    int verifying_s_{0};
    std::optional<FirmwareVersion> next_{};    ///< runs at the next start
    std::optional<FirmwareVersion> before_{};  ///< of the program that an unconfirmed one replaced
    int starts_{0};
    int metered_s_{0};
};

}  // namespace ferraris::meter::testing
