/// Ciphered APDUs under known keys, and a client session that takes the input as a meter's answers.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "crypto/openssl.hpp"
#include "dlms/client/session.hpp"

namespace {

using namespace ferraris;
using namespace ferraris::dlms;
using Octets = std::vector<std::uint8_t>;

constexpr std::array<std::uint8_t, 16> kEncryptionKey{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr std::array<std::uint8_t, 16> kAuthenticationKey{0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7,
                                                          0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF};
constexpr std::array<std::uint8_t, 8> kTitle{0x4D, 0x4D, 0x4D, 0x00, 0x00, 0xBC, 0x61, 0x4E};
constexpr std::array<std::uint8_t, 8> kSecret{'1', '2', '3', '4', '5', '6', '7', '8'};

class Counters final : public InvocationCounters {
public:
    std::optional<std::uint32_t> reserve() override { return ++last_; }

private:
    std::uint32_t last_{0};
};

void unprotect_and_protect(Crypto& crypto, ByteView octets) {
    Octets copy(octets.begin(), octets.end());
    const auto header = read_ciphered_header(copy);
    if (!header) return;
    const CipherKeys keys{kTitle, kEncryptionKey, kAuthenticationKey};
    const auto plain = unprotect(crypto, *header, keys, copy);
    if (!plain) return;
    ProtectParameters parameters;
    parameters.envelope = header->apdu.envelope;
    parameters.protection = header->protection;
    parameters.suite = header->suite;
    parameters.broadcast = header->key_set == KeySet::global_broadcast;
    parameters.invocation_counter = header->invocation_counter;
    parameters.keys = keys;
    Octets buffer(kMaxCipherHead + plain->size() + kMaxCipherTail);
    std::ranges::copy(*plain, buffer.begin() + kMaxCipherHead);
    const auto again = protect(crypto, parameters, buffer, kMaxCipherHead, plain->size());
    if (!again) return;  // an envelope that holds a refusal, which has none of its own
    Octets sealed(again->begin(), again->end());
    const auto second = read_ciphered_header(sealed);
    if (!second || !unprotect(crypto, *second, keys, sealed)) std::abort();
}

/// The input in pieces of up to 255 octets, each behind its length.
void drive_client(Crypto& crypto, ByteView octets, bool ciphered) {
    ByteReader in(octets);
    ClientConfiguration configuration;
    configuration.invoke_id_rotates = false;
    if (ciphered) {
        configuration.context = ApplicationContext::logical_names_ciphered;
        configuration.mechanism = AuthenticationMechanism::high_sha256;
        configuration.secret = kSecret;
        configuration.system_title = kTitle;
        configuration.server_system_title = kTitle;
        configuration.encryption_key = kEncryptionKey;
        configuration.authentication_key = kAuthenticationKey;
        configuration.answer_protection = {};
        configuration.request_protection = {};
    }
    Counters counters;
    Octets send_buffer(128);
    Octets memory(512);
    ClientSession session(configuration, crypto, counters, send_buffer);
    const Octets value(200, 0x00);
    const std::array<AttributeRequest, 2> attributes{};
    const std::array<EncodedData, 2> values{EncodedData{value}, EncodedData{value}};
    std::uint8_t request = 0;
    SpanSink sink(memory);
    Progress progress = session.associate();
    while (!in.at_end()) {
        if (progress.step == Step::done || progress.step == Step::failed) {
            SpanSink fresh(memory);
            sink = fresh;
            switch (request++ % 6) {
                case 0:
                    progress = session.get(attributes[0], sink);
                    break;
                case 1:
                    progress = session.get_list(attributes, sink);
                    break;
                case 2:
                    progress = session.set(attributes[0], value);
                    break;
                case 3:
                    progress = session.set_list(attributes, values);
                    break;
                case 4:
                    progress = session.action({}, value, sink);
                    break;
                default:
                    progress = session.association().open ? session.release() : session.associate();
                    break;
            }
        }
        const ByteView piece = in.take(std::min<std::size_t>(in.u8(), in.remaining()));
        Octets answer(piece.begin(), piece.end());
        progress = session.receive(answer);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto crypto = make_openssl_crypto();
    const ByteView octets(data, size);
    unprotect_and_protect(*crypto, octets);
    drive_client(*crypto, octets, false);
    drive_client(*crypto, octets, true);
    return 0;
}
