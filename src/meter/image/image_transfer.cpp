#include "meter/image/image_transfer.hpp"

#include <algorithm>
#include <array>

#include "base/crc.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;

constexpr std::size_t kStateOctets = 14;
using StoredImage = std::array<std::uint8_t, kStateOctets + ImageIdentifier::capacity()>;

std::int32_t as_value(std::uint32_t number) { return static_cast<std::int32_t>(number); }

}  // namespace

void ImageTransfer::recover(const ParameterStore& store) {
    std::array<std::uint8_t, 1> flag{};
    if (store.read(key_number(ParameterKey::image_enabled), flag)) enabled_ = flag[0] != 0;
    StoredImage octets{};
    const auto length = store.read(key_number(ParameterKey::image_transfer), octets);
    if (!length || *length < kStateOctets) return;
    ByteReader in(octets);
    state_.status = static_cast<ImageStatus>(in.u8());
    state_.slot = static_cast<board::Slot>(in.u8());
    state_.size = in.u32();
    state_.check_sum = in.u32();
    state_.version = in.u32();
}

bool ImageTransfer::enable(ParameterStore& store, bool enabled) {
    const std::array<std::uint8_t, 1> flag{static_cast<std::uint8_t>(enabled ? 1 : 0)};
    if (!store.write(key_number(ParameterKey::image_enabled), flag)) return false;
    enabled_ = enabled;
    return true;
}

std::optional<ImageHeader> ImageTransfer::to_activate() const {
    if (state_.status != ImageStatus::verification_successful) return std::nullopt;
    ImageHeader header;
    ImageFault fault = ImageFault::none;
    if (!read_header(header, fault) || fault != ImageFault::none) return std::nullopt;
    return header;
}

ImageIdentifier ImageTransfer::identifier(const ParameterStore& store) {
    StoredImage octets{};
    ImageIdentifier identifier;
    const auto length = store.read(key_number(ParameterKey::image_transfer), octets);
    if (length && *length >= kStateOctets) {
        (void)identifier.assign(ByteView(octets).first(*length).subspan(kStateOctets));
    }
    return identifier;
}

ActionResult ImageTransfer::initiate(ParameterStore& store, ByteView identifier, std::uint32_t size, Occurrences& due) {
    if (!enabled_) return ActionResult::object_unavailable;
    if (identifier.size() > ImageIdentifier::capacity() || size <= kImageHeaderSize || size > kMaxImageSize) {
        return ActionResult::other_reason;
    }
    const board::BootState boot = boot_ != nullptr ? boot_->state() : board::BootState{};
    // The area that is not in use holds the program that runs again, or soon.
    if (boot.trial || state_.status == ImageStatus::activation_initiated) return ActionResult::temporary_failure;
    verifying_ = false;
    // Marks never belong to another image than the state says.
    if (state_.size != 0 && !change(store, State{}, {})) return ActionResult::hardware_fault;
    State state;
    state.status = ImageStatus::initiated;
    state.slot = boot.running == board::Slot::first ? board::Slot::second : board::Slot::first;
    state.size = size;
    if (!area_.clear() || !change(store, state, identifier)) return ActionResult::hardware_fault;
    (void)due.push_back({Event::image_transfer_initiated, as_value(size), 0, 0});
    return ActionResult::success;
}

ActionResult ImageTransfer::transfer(std::uint32_t number, ByteView octets) {
    if (!enabled_) return ActionResult::object_unavailable;
    if (verifying_) return ActionResult::temporary_failure;
    if (state_.status != ImageStatus::initiated || number >= block_count() ||
        octets.size() != ImageArea::block_size(number, state_.size)) {
        return ActionResult::other_reason;
    }
    switch (area_.store(state_.slot, number, octets)) {
        case ImageArea::Stored::yes:
            return ActionResult::success;
        case ImageArea::Stored::another:
            return ActionResult::other_reason;
        case ImageArea::Stored::fault:
            break;
    }
    return ActionResult::hardware_fault;
}

ActionResult ImageTransfer::verify() {
    if (!enabled_) return ActionResult::object_unavailable;
    switch (state_.status) {
        case ImageStatus::initiated:
            return begin_verification();
        case ImageStatus::verification_initiated:
            return ActionResult::temporary_failure;
        case ImageStatus::verification_successful:
            return ActionResult::success;
        default:
            return ActionResult::other_reason;
    }
}

ActionResult ImageTransfer::activate(ParameterStore& store) {
    if (!enabled_) return ActionResult::object_unavailable;
    switch (state_.status) {
        // What was not verified is verified first (IEC 62056-6-2, image_activate); then the client asks again.
        case ImageStatus::initiated:
            return begin_verification();
        case ImageStatus::verification_initiated:
        case ImageStatus::activation_initiated:
            return ActionResult::temporary_failure;
        case ImageStatus::activation_successful:
            return ActionResult::success;
        case ImageStatus::verification_successful:
            break;
        default:
            return ActionResult::other_reason;
    }
    if (boot_ == nullptr) return ActionResult::hardware_fault;
    // It runs already, on trial: power went behind the boot record.
    if (boot_->state().running == state_.slot) return ActionResult::temporary_failure;
    if (!boot_->try_slot(state_.slot)) return ActionResult::hardware_fault;
    // From here on the new program comes, whatever the state says.
    if (!change(store, ImageStatus::activation_initiated)) state_.status = ImageStatus::activation_initiated;
    restart_due_ = true;
    return ActionResult::temporary_failure;
}

bool ImageTransfer::tick(ParameterStore& store, bool well, Occurrences& due) {
    if (verifying_) {
        const auto fault = verify_some();
        return !fault || end_verification(store, *fault, due);
    }
    if (restart_due_) {
        restart_due_ = false;
        boot_->restart();
        return true;
    }
    return boot_ == nullptr || follow_activation(store, well, due);
}

ActionResult ImageTransfer::begin_verification() {
    if (first_missing() != block_count()) return ActionResult::other_reason;
    verification_ = {};
    verifying_ = true;
    state_.status = ImageStatus::verification_initiated;
    return ActionResult::temporary_failure;
}

/// False: the flash does not answer.
bool ImageTransfer::read_header(ImageHeader& header, ImageFault& fault) const {
    std::array<std::uint8_t, kImageHeaderSize> octets{};
    if (!area_.read(state_.slot, 0, octets)) return false;
    fault = decode_image_header(octets, header);
    return true;
}

ImageFault ImageTransfer::judge_header() {
    ImageHeader header;
    ImageFault fault = ImageFault::none;
    if (!read_header(header, fault)) return ImageFault::flash_fault;
    if (fault == ImageFault::none) fault = judge(rules_, crypto_, header, state_.size);
    if (fault != ImageFault::none) return fault;
    verification_.payload_size = header.payload_size;
    verification_.legal_size = header.legal_size;
    verification_.version = header.version.number();
    return ImageFault::none;
}

/// A bounded part of the work; what came out, when it is done.
std::optional<ImageFault> ImageTransfer::verify_some() {
    Verification& work = verification_;
    if (work.payload_size == 0) {
        const ImageFault fault = judge_header();
        return fault == ImageFault::none ? std::nullopt : std::optional(fault);
    }
    std::array<std::uint8_t, kImagePiece> piece{};
    const std::uint32_t end = std::min(work.payload_size, work.offset + kVerifiedPerTick);
    while (work.offset < end) {
        const ByteSpan part = ByteSpan(piece).first(std::min<std::size_t>(kImagePiece, end - work.offset));
        if (!area_.read(state_.slot, kImageHeaderSize + work.offset, part) ||
            !add_to_digest(crypto_, part, work.digest)) {
            return ImageFault::flash_fault;
        }
        const std::uint32_t legal = work.legal_size > work.offset ? work.legal_size - work.offset : 0;
        work.check_sum = crc32(part.first(std::min<std::size_t>(part.size(), legal)), work.check_sum);
        work.offset += static_cast<std::uint32_t>(part.size());
    }
    if (work.offset < work.payload_size) return std::nullopt;
    ImageHeader header;
    ImageFault fault = ImageFault::none;
    if (!read_header(header, fault)) return ImageFault::flash_fault;
    return fault == ImageFault::none && work.digest == header.digest ? ImageFault::none : ImageFault::wrong_digest;
}

bool ImageTransfer::end_verification(ParameterStore& store, ImageFault fault, Occurrences& due) {
    verifying_ = false;
    State state = state_;
    state.version = verification_.version;
    state.check_sum = verification_.check_sum;
    const bool good = fault == ImageFault::none;
    state.status = good ? ImageStatus::verification_successful : ImageStatus::verification_failed;
    (void)due.push_back(good ? Occurrence{Event::firmware_ready, as_value(state.version), 0, 0}
                             : Occurrence{Event::firmware_verification_failed, static_cast<std::int32_t>(fault), 0, 0});
    if (change(store, state, identifier(store).view())) return true;
    // Tried again at the next call: nobody may rely on what is not durable.
    state_.status = ImageStatus::initiated;
    return false;
}

/// Behind a start: the new program confirms itself, and the state says how it went.
bool ImageTransfer::follow_activation(ParameterStore& store, bool well, Occurrences& due) {
    const board::BootState boot = boot_->state();
    if (boot.trial) {
        if (++metered_s_ < kTrialSeconds) return true;
        metered_s_ = 0;
        if (!well) {
            boot_->restart();
            return true;
        }
        if (!boot_->confirm()) return false;
    }
    const bool initiated = state_.status == ImageStatus::activation_initiated;
    const bool runs =
        boot.running == state_.slot && (initiated || state_.status == ImageStatus::verification_successful);
    if (!initiated && !runs) return true;
    if (!change(store, runs ? ImageStatus::activation_successful : ImageStatus::activation_failed)) return false;
    (void)due.push_back(
        {runs ? Event::firmware_activated : Event::firmware_activation_failed, as_value(state_.version), 0, 0});
    return true;
}

bool ImageTransfer::change(ParameterStore& store, const State& state, ByteView identifier) {
    StoredImage octets{};
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(state.status));
    out.u8(static_cast<std::uint8_t>(state.slot));
    out.u32(state.size);
    out.u32(state.check_sum);
    out.u32(state.version);
    out.put(identifier);
    if (out.overflowed() || !store.write(key_number(ParameterKey::image_transfer), out.written())) return false;
    state_ = state;
    return true;
}

bool ImageTransfer::change(ParameterStore& store, ImageStatus status) {
    State state = state_;
    state.status = status;
    return change(store, state, identifier(store).view());
}

}  // namespace ferraris::meter
