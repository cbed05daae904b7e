#include "meter/image/boot_loader.hpp"

#include <algorithm>
#include <array>

#include "base/crc.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter {
namespace {

constexpr std::uint16_t kBootMagic = 0x4254;

}  // namespace

BootLoader::BootLoader(board::Flash& flash, Crypto& crypto)
    : area_(flash), crypto_(crypto), value_(flash, kBootRegion.first_sector, kBootMagic) {}

Program BootLoader::start(const Program& factory) {
    record_ = {};
    restart_ = false;
    std::array<std::uint8_t, 3> octets{};
    if (value_.recover() && value_.read(octets) == octets.size()) {
        record_ = {static_cast<board::Slot>(octets[0]), static_cast<board::Slot>(octets[1]), octets[2]};
    }
    if (record_.trials == 1) {
        fall_back();
    } else if (record_.trials != 0) {
        --record_.trials;
        (void)store(record_);
    }
    // At most twice: the program of the factory is always there.
    Program program = factory;
    while (record_.running != board::Slot::factory && !load(program)) {
        if (record_.trials == 0) record_.before = board::Slot::factory;
        fall_back();
        program = factory;
    }
    next_ = record_;
    return program;
}

bool BootLoader::take_restart() {
    const bool asked = restart_;
    restart_ = false;
    return asked;
}

bool BootLoader::read_program(ByteSpan out) const {
    std::array<std::uint8_t, kImageHeaderSize> octets{};
    ImageHeader header;
    return record_.running != board::Slot::factory && area_.read(record_.running, 0, octets) &&
           decode_image_header(octets, header) == ImageFault::none && out.size() <= header.payload_size &&
           area_.read(record_.running, kImageHeaderSize, out);
}

bool BootLoader::try_slot(board::Slot slot) { return store({slot, record_.running, kMostTrials + 1}); }

bool BootLoader::confirm() {
    if (!store({record_.running, record_.running, 0})) return false;
    record_ = next_;
    return true;
}

bool BootLoader::store(const Record& record) {
    const std::array<std::uint8_t, 3> octets{static_cast<std::uint8_t>(record.running),
                                             static_cast<std::uint8_t>(record.before), record.trials};
    if (!value_.write(octets)) return false;
    next_ = record;
    return true;
}

void BootLoader::fall_back() {
    record_ = {record_.before, record_.before, 0};
    (void)store(record_);
}

/// Reads all of the image: an octet that the flash lost must not run.
bool BootLoader::load(Program& program) {
    std::array<std::uint8_t, kImagePiece> piece{};
    ImageHeader header;
    if (!area_.read(record_.running, 0, ByteSpan(piece).first(kImageHeaderSize)) ||
        decode_image_header(piece, header) != ImageFault::none) {
        return false;
    }
    ImageDigest digest{};
    std::uint32_t check_sum = 0;
    for (std::uint32_t offset = 0; offset < header.payload_size;) {
        const ByteSpan part = ByteSpan(piece).first(std::min<std::size_t>(kImagePiece, header.payload_size - offset));
        if (!area_.read(record_.running, kImageHeaderSize + offset, part) || !add_to_digest(crypto_, part, digest)) {
            return false;
        }
        const std::uint32_t legal = header.legal_size > offset ? header.legal_size - offset : 0;
        check_sum = crc32(part.first(std::min<std::size_t>(part.size(), legal)), check_sum);
        offset += static_cast<std::uint32_t>(part.size());
    }
    program = {header.version, check_sum};
    return digest == header.digest;
}

}  // namespace ferraris::meter
