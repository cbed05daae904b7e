// Image transfer (class 18) as the Blue Book describes it. The image is made up, unless one is given that the meter
// takes: then nothing but a refusal can be expected of verification, and that is what most of the cases are about.
#include <algorithm>

#include "conform/association.hpp"
#include "conform/cases.hpp"

namespace ferraris::conform {
namespace {

using dlms::ActionResult;

constexpr std::int8_t kBlockSize = 2;
constexpr std::int8_t kTransferredBlocks = 3;
constexpr std::int8_t kFirstNotTransferred = 4;
constexpr std::int8_t kEnabled = 5;
constexpr std::int8_t kStatus = 6;

enum class Status : std::uint8_t {
    not_initiated = 0,
    initiated = 1,
    verification_initiated = 2,
    verification_successful = 3,
    verification_failed = 4,
    activation_initiated = 5,
    activation_successful = 6,
    activation_failed = 7,
};

/// A meter may say "temporary-failure" while it verifies or activates; so often it is asked again.
constexpr int kMostPolls = 60;

class ImageTransfer {
public:
    explicit ImageTransfer(Bench& bench) : bench_(bench), association_(bench) {
        const auto objects = association_.objects();
        const auto found = std::ranges::find(objects, std::uint16_t{18}, &ListedObject::class_id);
        if (found == objects.end()) {
            throw Finding{Verdict::not_applicable, "the meter has no image transfer object for this client"};
        }
        name_ = found->name;
    }
    /// Also ends the case where an image that waits in the meter must not be lost.
    void need_destructive() const {
        if (!bench_.target().destructive) {
            throw Finding{Verdict::not_applicable, "takes the place of an image in the meter: only with --destructive"};
        }
    }

    [[nodiscard]] Octets read(std::int8_t attribute) {
        const auto value = association_.get({18, name_, attribute});
        expect(value.given(), "attribute " + std::to_string(attribute) + " of image transfer can be read");
        return value.data;
    }
    [[nodiscard]] std::uint32_t number(std::int8_t attribute) {
        const Octets value = read(attribute);
        dlms::DataReader in(value);
        const std::uint32_t read = in.double_long_unsigned();
        expect(in.finished(), "attribute " + std::to_string(attribute) + " is a double-long-unsigned");
        return read;
    }
    [[nodiscard]] Status status() {
        const Octets value = read(kStatus);
        dlms::DataReader in(value);
        const std::uint8_t read = in.enum_();
        expect(in.finished() && read <= 7, "image_transfer_status is an enumeration of 0 to 7");
        return static_cast<Status>(read);
    }
    [[nodiscard]] bool enabled() {
        const Octets value = read(kEnabled);
        dlms::DataReader in(value);
        const bool read = in.boolean();
        expect(in.finished(), "image_transfer_enabled is a boolean");
        return read;
    }
    /// Bit 0, the first, says of block 0 whether it was transferred.
    [[nodiscard]] std::vector<bool> transferred() {
        const Octets value = read(kTransferredBlocks);
        dlms::DataReader in(value);
        const auto bits = in.any();
        expect(bits && in.finished() && bits->tag == dlms::DataTag::bit_string,
               "image_transferred_blocks_status is a bit-string");
        std::vector<bool> flags;
        for (std::size_t i = 0; i < bits->count; ++i) {
            flags.push_back(((static_cast<unsigned>(bits->content[i / 8]) >> (7 - i % 8)) & 1U) != 0);
        }
        return flags;
    }
    void enable() {
        if (enabled()) return;
        expect(association_.set({18, name_, kEnabled}, {0x03, 0xFF}) == dlms::DataAccessResult::success,
               "image_transfer_enabled can be set");
    }

    [[nodiscard]] ActionResult call(std::int8_t method, const Octets& parameters) {
        const auto outcome = association_.call({18, name_, method}, parameters);
        return outcome ? outcome->result : ActionResult::other_reason;
    }
    [[nodiscard]] ActionResult initiate(const Octets& identifier, std::uint32_t size) {
        return call(1, built([&](dlms::DataWriter& data) {
                        data.structure(2);
                        data.octet_string(identifier);
                        data.double_long_unsigned(size);
                    }));
    }
    [[nodiscard]] ActionResult transfer(std::uint32_t block, ByteView octets) {
        return call(2, built([&](dlms::DataWriter& data) {
                        data.structure(2);
                        data.double_long_unsigned(block);
                        data.octet_string(octets);
                    }));
    }
    /// Asks again as long as the meter is at it. Verification (3) and activation (4) take integer 0.
    [[nodiscard]] ActionResult run(std::int8_t method) {
        ActionResult result = call(method, {0x0F, 0x00});
        for (int polls = 0; result == ActionResult::temporary_failure && polls < kMostPolls; ++polls) {
            (void)bench_.stays_silent(bench_.target().patience);
            result = call(method, {0x0F, 0x00});
        }
        return result;
    }

    /// Starts a transfer of an image of `blocks` blocks, the last a little shorter.
    void begin(std::uint32_t blocks) {
        need_destructive();
        enable();
        block_size_ = number(kBlockSize);
        expect(block_size_ != 0, "image_block_size is above 0");
        image_.resize(blocks * block_size_ - 1);
        for (std::size_t i = 0; i < image_.size(); ++i) image_[i] = static_cast<std::uint8_t>(i * 7 + 1);
        identifier_ = {'C', 'O', 'N', 'F', 'O', 'R', 'M'};
        start();
    }
    /// Starts a transfer of the image that is given.
    void begin_given() {
        need_destructive();
        if (!bench_.target().irreversible) {
            throw Finding{Verdict::not_applicable, "activates an image: only with --irreversible"};
        }
        if (!bench_.target().image) throw Finding{Verdict::not_applicable, "no image is given that the meter takes"};
        enable();
        block_size_ = number(kBlockSize);
        identifier_ = bench_.target().image->identifier;
        image_ = bench_.target().image->octets;
        start();
    }
    [[nodiscard]] ByteView block(std::uint32_t index) const {
        const std::size_t from = std::size_t{index} * block_size_;
        return ByteView(image_).subspan(from, std::min<std::size_t>(block_size_, image_.size() - from));
    }
    [[nodiscard]] std::uint32_t block_count() const {
        return static_cast<std::uint32_t>((image_.size() + block_size_ - 1) / block_size_);
    }
    [[nodiscard]] std::uint32_t block_size() const { return block_size_; }
    void transfer_all() {
        for (std::uint32_t i = 0; i < block_count(); ++i) {
            expect(transfer(i, block(i)) == ActionResult::success, "the blocks of the image are taken in order");
        }
    }
    void expect_first_missing(std::uint32_t index, const std::string& when) {
        expect(number(kFirstNotTransferred) == index,
               "image_first_not_transferred_block_number is " + std::to_string(index) + " " + when);
    }

private:
    void start() {
        expect(initiate(identifier_, static_cast<std::uint32_t>(image_.size())) == ActionResult::success,
               "image_transfer_initiate takes an identifier and a size");
    }
    template <class Write>
    static Octets built(Write&& write) {
        Octets octets(65535);
        ByteWriter out(octets);
        dlms::DataWriter data(out);
        write(data);
        octets.resize(out.size());
        return octets;
    }

    Bench& bench_;
    Association association_;
    dlms::LogicalName name_{};
    Octets identifier_{};
    Octets image_{};
    std::uint32_t block_size_{1};
};

void attributes(Bench& bench) {
    ImageTransfer image(bench);
    expect(image.number(kBlockSize) != 0, "image_block_size is above 0");
    (void)image.transferred();
    (void)image.number(kFirstNotTransferred);
    (void)image.enabled();
    (void)image.status();
    const Octets info = image.read(7);
    dlms::DataReader in(info);
    const std::size_t count = in.array();
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        (void)in.structure();
        (void)in.double_long_unsigned();
        (void)in.octet_string();
        (void)in.octet_string();
    }
    expect(in.finished(), "image_to_activate_info is an array of size, identification and signature");
}

void initiate(Bench& bench) {
    ImageTransfer image(bench);
    image.begin(3);
    expect(image.status() == Status::initiated, "the status is 1, initiated, behind image_transfer_initiate");
    image.expect_first_missing(0, "before the first block");
    const auto flags = image.transferred();
    expect(std::ranges::none_of(flags, [](bool flag) { return flag; }), "no block is marked before the first one came");
    expect(image.transfer(0, image.block(0)) == ActionResult::success, "block 0 is taken");
    image.begin(3);
    image.expect_first_missing(0, "when a transfer is initiated anew");
}

void not_enabled(Bench& bench) {
    ImageTransfer image(bench);
    if (image.enabled()) throw Finding{Verdict::not_applicable, "image transfer is enabled"};
    expect(image.initiate({'X'}, 100) != ActionResult::success, "no transfer is initiated while it is not enabled");
}

void block_size(Bench& bench) {
    ImageTransfer image(bench);
    image.begin(3);
    Octets longer(image.block_size() + 1, 0x55);
    expect(image.transfer(0, longer) != ActionResult::success,
           "a block that is longer than image_block_size is refused");
    expect(image.transfer(0, ByteView(longer).first(image.block_size() - 1)) != ActionResult::success,
           "a block that is shorter and not the last is refused");
    image.expect_first_missing(0, "when blocks were refused");
    expect(image.transfer(2, image.block(2)) == ActionResult::success, "the last block may be shorter");
}

void first_not_transferred(Bench& bench) {
    ImageTransfer image(bench);
    image.begin(3);
    for (std::uint32_t i = 0; i < 3; ++i) {
        image.expect_first_missing(i, "behind as many blocks");
        expect(image.transfer(i, image.block(i)) == ActionResult::success,
               "the blocks of the image are taken in order");
        // Twice the same block changes nothing: what confirms it may have been lost.
        (void)image.transfer(i, image.block(i));
    }
    expect(image.number(kFirstNotTransferred) >= 3, "behind the last block no missing one is named");
}

void out_of_order(Bench& bench) {
    ImageTransfer image(bench);
    image.begin(4);
    for (const std::uint32_t i : {2U, 0U}) {
        expect(image.transfer(i, image.block(i)) == ActionResult::success, "blocks are taken in any order");
    }
    image.expect_first_missing(1, "when blocks 0 and 2 came");
    const auto flags = image.transferred();
    expect(flags.size() >= 3 && flags[0] && !flags[1] && flags[2], "image_transferred_blocks_status marks 0 and 2");
    for (const std::uint32_t i : {3U, 1U}) {
        expect(image.transfer(i, image.block(i)) == ActionResult::success, "blocks are taken in any order");
    }
    expect(image.number(kFirstNotTransferred) >= 4, "behind the last missing block no other is named");
}

void beyond_the_end(Bench& bench) {
    ImageTransfer image(bench);
    image.begin(2);
    const Octets block(image.block_size(), 0x55);
    for (const std::uint32_t i : {2U, 3U, 0xFFFFFFFFU}) {
        expect(image.transfer(i, block) != ActionResult::success, "a block beyond the end of the image is refused");
    }
    expect(image.transfer(1, block) != ActionResult::success, "a last block that reaches beyond the end is refused");
    image.expect_first_missing(0, "when blocks beyond the end were refused");
}

void verify_incomplete(Bench& bench) {
    ImageTransfer image(bench);
    image.begin(3);
    expect(image.transfer(0, image.block(0)) == ActionResult::success, "block 0 is taken");
    expect(image.run(3) != ActionResult::success, "an image that is not whole is not verified");
    expect(image.status() != Status::verification_successful, "an image that is not whole is not verified");
}

void verify(Bench& bench) {
    ImageTransfer image(bench);
    image.begin(3);
    image.transfer_all();
    const ActionResult result = image.run(3);
    const Status status = image.status();
    expect(result == ActionResult::success ? status == Status::verification_successful
                                           : status == Status::verification_failed,
           "the status behind image_verify is 3 or 4, as its result says");
}

void activate_unverified(Bench& bench) {
    ImageTransfer image(bench);
    image.begin(3);
    expect(image.run(4) != ActionResult::success, "an image that is not whole is not activated");
    expect(image.status() != Status::activation_successful, "an image that is not whole is not activated");
    image.transfer_all();
    // Many meters verify by themselves what they are told to activate; this image is none, and so they refuse it.
    if (image.run(4) == ActionResult::success) {
        throw Finding{Verdict::inconclusive, "the meter activates octets that are no image"};
    }
    expect(image.status() != Status::activation_successful, "what is no image is not activated");
}

void verify_and_activate(Bench& bench) {
    ImageTransfer image(bench);
    image.begin_given();
    image.transfer_all();
    expect(image.run(3) == ActionResult::success && image.status() == Status::verification_successful,
           "the given image is verified: status 3");
    expect(image.run(4) == ActionResult::success, "the given image is activated");
    const Status status = image.status();
    expect(status == Status::activation_successful || status == Status::not_initiated,
           "the status behind image_activate is 6, or 0 where the meter has started anew");
}

constexpr const char* kClass = "IEC 62056-6-2, class 18";

constexpr Case kCases[]{
    {"IMGT_Attributes", "Types and ranges", kClass, attributes},
    {"IMGT_Initiate", "A transfer begins, and begins anew", kClass, initiate},
    {"IMGT_NotEnabled", "A transfer while it is not enabled", kClass, not_enabled},
    {"IMGT_BlockSize", "Blocks of a wrong length", kClass, block_size},
    {"IMGT_FirstNotTransferred", "The first block that is missing", kClass, first_not_transferred},
    {"IMGT_OutOfOrder", "Blocks out of order", kClass, out_of_order},
    {"IMGT_BeyondTheEnd", "Blocks beyond the end", kClass, beyond_the_end},
    {"IMGT_VerifyIncomplete", "Verification of an image that is not whole", kClass, verify_incomplete},
    {"IMGT_Verify", "Verification, and its status", kClass, verify},
    {"IMGT_ActivateUnverified", "Activation of what was not verified", kClass, activate_unverified},
    {"IMGT_Activate", "Verification and activation of a given image", kClass, verify_and_activate},
};

}  // namespace

std::span<const Case> image_cases() { return kCases; }

}  // namespace ferraris::conform
