/// Images that a test makes, and a meter that they are for.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "meter/event/event_logs.hpp"
#include "meter/fixture.hpp"
#include "meter/image/image_header.hpp"

namespace ferraris::meter::testing {

using Image = std::vector<std::uint8_t>;

/// Signs images; a test's meter trusts it.
class Signer {
public:
    explicit Signer(Crypto& crypto) : crypto_(crypto), private_key_(32) {
        EXPECT_TRUE(crypto.generate_key_pair(Curve::p256, private_key_, key));
    }

    /// An image as a maker would pack it. `change` is done to the header before it is signed.
    template <class Change>
    Image image(const Image& payload, FirmwareVersion version, Change&& change) const {
        ImageHeader header;
        EXPECT_TRUE(set_hardware(header, kHardwareType));
        header.version = version;
        header.payload_size = header.legal_size = static_cast<std::uint32_t>(payload.size());
        for (std::size_t at = 0; at < payload.size(); at += kImagePiece) {
            const ByteView piece = ByteView(payload).subspan(at, std::min(kImagePiece, payload.size() - at));
            EXPECT_TRUE(add_to_digest(crypto_, piece, header.digest));
        }
        change(header);
        Image octets(kImageHeaderSize);
        encode_image_header(header, octets);
        const std::array<ByteView, 1> message{ByteView(octets).first(kImageSignedSize)};
        EXPECT_TRUE(crypto_.sign(Curve::p256, private_key_, message, header.signature));
        encode_image_header(header, octets);
        octets.insert(octets.end(), payload.begin(), payload.end());
        return octets;
    }
    Image image(const Image& payload, FirmwareVersion version) const {
        return image(payload, version, [](ImageHeader&) {});
    }

    FirmwareKey key{};

private:
    Crypto& crypto_;
    std::vector<std::uint8_t> private_key_;
};

inline Image payload_of(std::size_t size, std::uint8_t seed = 1) {
    Image payload(size);
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::uint8_t>(i * 7 + i / 256 * 13 + seed);
    return payload;
}

inline constexpr dlms::LogicalName kImageName = dlms::obis(0, 0, 44, 0, 0);
inline constexpr std::uint32_t kBlock = ImageArea::kBlockSize;

/// A meter that trusts `signer`, and its image transfer object.
class ImageBench : public Bench {
public:
    ImageBench() {
        factory.firmware_key = signer.key;
        power_up();
        EXPECT_EQ(write(kUtilitySap, {18, kImageName, 5}, octets("03 01")), dlms::DataAccessResult::success);
    }

    template <class Write>
    static std::vector<std::uint8_t> encoded(Write&& write) {
        std::vector<std::uint8_t> memory(2048);
        ByteWriter out(memory);
        dlms::DataWriter data(out);
        write(data);
        EXPECT_FALSE(out.overflowed());
        memory.resize(out.size());
        return memory;
    }
    dlms::ActionResult initiate(std::uint32_t size, const std::string& identifier = "image") {
        return invoke(kUtilitySap, {18, kImageName, 1}, encoded([&](dlms::DataWriter& data) {
                          data.structure(2);
                          data.octet_string(octets_of(identifier));
                          data.double_long_unsigned(size);
                      }));
    }
    dlms::ActionResult transfer(std::uint32_t number, ByteView block) {
        return invoke(kUtilitySap, {18, kImageName, 2}, encoded([&](dlms::DataWriter& data) {
                          data.structure(2);
                          data.double_long_unsigned(number);
                          data.octet_string(block);
                      }));
    }
    static ByteView block(const Image& image, std::uint32_t number) {
        const std::size_t from = std::size_t{number} * kBlock;
        return ByteView(image).subspan(from, std::min<std::size_t>(kBlock, image.size() - from));
    }
    dlms::ActionResult transfer(const Image& image, std::uint32_t number) {
        return transfer(number, block(image, number));
    }
    static std::uint32_t blocks(const Image& image) {
        return static_cast<std::uint32_t>((image.size() + kBlock - 1) / kBlock);
    }
    void transfer_all(const Image& image) {
        ASSERT_EQ(initiate(static_cast<std::uint32_t>(image.size())), dlms::ActionResult::success);
        for (std::uint32_t i = 0; i < blocks(image); ++i) {
            ASSERT_EQ(transfer(image, i), dlms::ActionResult::success) << i;
        }
    }
    dlms::ActionResult call(std::int8_t method) {
        return invoke(kUtilitySap, {18, kImageName, method}, octets("0F 00"));
    }
    /// Asks again, a second later, as long as the meter is at it.
    dlms::ActionResult run_method(std::int8_t method, int seconds = 60) {
        dlms::ActionResult outcome = call(method);
        for (int i = 0; outcome == dlms::ActionResult::temporary_failure && i < seconds; ++i) {
            run(1, 500);
            outcome = call(method);
        }
        return outcome;
    }
    /// As `run`; a start that power is missing for fails.
    void run_while_powered(int seconds) {
        for (int i = 0; i < seconds && !flash.powerless(); ++i) {
            now = plus_seconds(now, 1);
            meter->tick(at_watts(500), now);
            if (boot.take_restart()) power_up_whatever_comes();
        }
    }
    void power_up_whatever_comes() {
        MeterIdentity identity = MeterIdentity::from_serial_number(4711);
        const Program program = boot.start({});
        identity.firmware_version = program.version;
        identity.firmware_signature = program.check_sum;
        meter = std::make_unique<Meter>(flash, *crypto, identity, factory);
        meter->attach_boot(boot);
        (void)meter->start(now);
    }
    dlms::ActionResult verify() { return run_method(3); }
    dlms::ActionResult activate() { return run_method(4); }

    ImageStatus status() {
        const auto value = read(kUtilitySap, {18, kImageName, 6});
        return static_cast<ImageStatus>(dlms::DataReader(value).enum_());
    }
    std::uint32_t number(std::int8_t attribute) {
        const auto value = read(kUtilitySap, {18, kImageName, attribute});
        return dlms::DataReader(value).double_long_unsigned();
    }
    /// "110": blocks 0 and 1 of three.
    std::string transferred() {
        const auto value = read(kUtilitySap, {18, kImageName, 3});
        dlms::DataReader in(value);
        const auto bits = in.any();
        EXPECT_TRUE(bits && in.finished() && bits->tag == dlms::DataTag::bit_string);
        std::string text;
        for (std::size_t i = 0; i < bits->count; ++i) {
            text += (bits->content[i / 8] >> (7 - i % 8) & 1) != 0 ? '1' : '0';
        }
        return text;
    }
    std::string version() {
        const auto value = read(kReaderSap, {1, dlms::obis(1, 0, 0, 2, 0), 2});
        dlms::DataReader in(value);
        const ByteView text = in.octet_string();
        return {text.begin(), text.end()};
    }
    std::uint32_t check_sum() {
        const auto value = read(kReaderSap, {1, dlms::obis(1, 0, 0, 2, 8), 2});
        dlms::DataReader in(value);
        return ByteReader(in.octet_string()).u32();
    }
    std::uint32_t count(Event event) const { return meter->instrument().event_logs.count(event); }
    std::int32_t last_value() const { return meter->instrument().event_logs.last(EventLog::standard).value; }

    Signer signer{*crypto};
};

}  // namespace ferraris::meter::testing
