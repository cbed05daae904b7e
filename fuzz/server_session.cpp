/// A whole server session over a whole meter: any APDUs in any order, in the clear, sealed with the right keys, or
/// inside wrong envelopes. No crash, no answer beyond its bounds, and no register that moves.
///
///     input := { operation(1) length(2) octets(length) }
///     operation 0: the octets as an APDU of client 16; 1, 2, 3: of that client
///               4: sealed for client 1 under the global key; 5: likewise under the dedicated key
///               6: associate client 1 properly; 7: the link is lost
#include <vector>

#include "crypto/openssl.hpp"
#include "dlms/security/hls.hpp"
#include "dlms/server/session.hpp"
#include "meter/meter.hpp"
#include "require.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace {

using namespace ferraris;

using fuzz::require;

constexpr std::size_t kPdu = 1024;

struct Client {
    Crypto& crypto;
    meter::FactorySettings factory = twin::test_factory_settings();
    std::array<std::uint8_t, 8> title{'F', 'R', 'S', 0, 0, 0, 0, 9};
    std::array<std::uint8_t, 16> dedicated{1, 2, 3};
    std::uint32_t counter{0};

    dlms::ProtectParameters parameters(bool use_dedicated) {
        const auto& keys = factory.security[meter::kUtilityIndex];
        dlms::ProtectParameters how;
        how.envelope =
            use_dedicated ? dlms::Envelope::service_specific_dedicated : dlms::Envelope::service_specific_global;
        how.invocation_counter = ++counter;
        how.keys = {title, use_dedicated ? ByteView(dedicated) : ByteView(keys.unicast_encryption).first(16),
                    ByteView(keys.authentication).first(16)};
        return how;
    }

    std::vector<std::uint8_t> seal(ByteView plain, bool use_dedicated) {
        std::vector<std::uint8_t> buffer(plain.size() + dlms::kMaxCipherHead + dlms::kMaxCipherTail);
        std::copy(plain.begin(), plain.end(), buffer.begin() + dlms::kMaxCipherHead);
        dlms::ProtectParameters how = parameters(use_dedicated);
        if (!plain.empty() && !dlms::ciphered_tag(static_cast<dlms::ApduTag>(plain[0]), how.envelope)) {
            how.envelope = use_dedicated ? dlms::Envelope::general_dedicated : dlms::Envelope::general_global;
        }
        const auto sealed = dlms::protect(crypto, how, buffer, dlms::kMaxCipherHead, plain.size());
        return sealed ? std::vector<std::uint8_t>(sealed->begin(), sealed->end()) : std::vector<std::uint8_t>{};
    }

    void associate(dlms::ServerSession& session) {
        dlms::InitiateRequest initiate;
        initiate.dedicated_key = dedicated;
        initiate.proposed_conformance = static_cast<dlms::Conformance>(dlms::kConformanceMask);
        std::array<std::uint8_t, 64> plain{};
        ByteWriter inner(plain);
        encode(inner, initiate);
        const auto sealed = seal(inner.written(), false);
        const std::array<std::uint8_t, 8> challenge{8, 7, 6, 5, 4, 3, 2, 1};
        dlms::AssociateRequest aarq;
        aarq.application_context_name = dlms::application_context_oid(dlms::ApplicationContext::logical_names_ciphered);
        aarq.calling.ap_title = title;
        aarq.sender_acse_requirements = dlms::acse_bit_0();
        aarq.mechanism_name = dlms::mechanism_oid(dlms::AuthenticationMechanism::high_gmac);
        aarq.calling_authentication_value = {dlms::AuthenticationValue::Choice::char_string, challenge};
        aarq.user_information = sealed;
        std::array<std::uint8_t, 256> apdu{};
        ByteWriter out(apdu);
        encode(out, aarq);
        const auto aare = dlms::decode_aare(session.handle(1, out.written()));
        if (!aare || !aare->responding_authentication_value) return;
        dlms::HlsInputs inputs;
        inputs.received_challenge = aare->responding_authentication_value->octets;
        inputs.keys = parameters(false).keys;
        inputs.invocation_counter = counter;
        const auto token = dlms::hls_token(crypto, inputs);
        require(token.has_value());
        std::array<std::uint8_t, 64> request{};
        ByteWriter action(request);
        const std::array<std::uint8_t, 13> head{0xC3, 1, 0xC1, 0, 15, 0, 0, 40, 0, 0, 255, 1, 1};
        action.put(head);
        dlms::DataWriter(action).octet_string(token->view());
        (void)session.handle(1, seal(action.written(), false));
        require(session.association().status == dlms::AssociationStatus::associated);
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto crypto = make_openssl_crypto();
    twin::FlashMemory flash(meter::kFlashSize / meter::kSectorSize, meter::kSectorSize);
    meter::Meter device(flash, *crypto, meter::MeterIdentity::from_serial_number(1), twin::test_factory_settings());
    UtcTime now = UtcTime::from_seconds(1'780'000'000);
    require(device.start(now));
    metrology::Measurement second;
    second.energy[metrology::Energy::active_import] = 1'000'000'000;
    device.tick(second, now);
    const auto registers = device.instrument().registers;

    std::vector<std::uint8_t> deciphering(kPdu);
    std::vector<std::uint8_t> answer(kPdu + dlms::kAnswerHeadroom + dlms::kMaxCipherTail);
    std::vector<std::uint8_t> long_values(2048);
    std::vector<std::uint8_t> blocks(4096);
    dlms::ServerSession session(device, *crypto, {deciphering, answer, long_values, blocks});
    Client client{*crypto};

    ByteReader in(ByteView(data, size));
    while (in.remaining() >= 3) {
        const std::uint8_t operation = in.u8() % 8;
        const ByteView octets = in.take(std::min<std::size_t>(in.u16(), in.remaining()));
        ByteView response;
        if (operation == 0) {
            response = session.handle(16, octets);
        } else if (operation <= 3) {
            response = session.handle(operation, octets);
        } else if (operation <= 5) {
            response = session.handle(1, client.seal(octets, operation == 5));
        } else if (operation == 6) {
            client.associate(session);
        } else {
            session.link_lost();
        }
        // ACSE's own APDUs are not bound by the size that they are about to agree on.
        const std::uint16_t limit = session.association().max_receive_pdu_size;
        const bool acse = !response.empty() && response[0] < 0x80;
        require(acse || limit == 0 || response.size() <= limit);
        for (std::size_t streamed = 0; !response.empty(); ++streamed) {
            require(streamed <= dlms::kMaxBlockWindow);
            response = session.next();
            require(limit == 0 || response.size() <= limit);
        }
    }
    const auto& after = device.instrument().registers;
    for (meter::Rate rate = 1; rate <= meter::kRateCount; ++rate) require(after.counts(rate) == registers.counts(rate));
    require(after.remainders() == registers.remainders());
    return 0;
}
