/// A client session with all that the plain one of client_session.cpp leaves out: suites 1 and 2 with general-ciphering
/// and signatures, ACCESS, short names, general blocks, hand-shakes. The meter answers what it likes, also sealed with
/// the right keys. Nothing is taken for an answer that was not protected, and no meter proves itself by octets of the
/// input.
///
///     input := setup(1) { operation(1) length(2) octets(length) }
///     setup: bits 0, 1 the suite (3: no ciphering), bit 2 general blocks, bit 3 short names, bit 4 signatures, bit 5
///     HLS operation 0: the octets come in the clear; 1: sealed; 2: sealed, in a general block; 3: an AARE that
///     accepts;
///               4 to 10: associate, GET, ACCESS, Read, Write, release, retry
#include <array>
#include <vector>

#include "crypto/openssl.hpp"
#include "dlms/client/session.hpp"
#include "require.hpp"

namespace {

using namespace ferraris;
using namespace ferraris::dlms;
using Octets = std::vector<std::uint8_t>;

using fuzz::require;

constexpr std::size_t kSinkSize = 512;
constexpr std::size_t kBlockMemory = 512;
const Octets kClientTitle{'F', 'R', 'S', 0, 0, 0, 0, 9};
const Octets kMeterTitle{'F', 'R', 'S', 0, 0, 0, 0, 1};

class Counters final : public InvocationCounters {
public:
    std::optional<std::uint32_t> reserve() override { return ++last_; }

private:
    std::uint32_t last_{0};
};

struct Setup {
    explicit Setup(std::uint8_t bits, Crypto& crypto)
        : ciphered(bits % 4 != 3),
          suite(ciphered ? bits % 4 : std::uint8_t{0}),
          blocks((bits & 4U) != 0),
          short_names((bits & 8U) != 0),
          with_signatures((bits & 16U) != 0 && ciphered && suite != 0 && !short_names),
          hls((bits & 32U) != 0 && ciphered && !short_names),
          unicast(key_size_of_suite(suite), 1),
          authentication(key_size_of_suite(suite), 2) {
        if (const auto curve = curve_of_suite(suite)) {
            pair(crypto, *curve, 1, client_signing, client_public);
            pair(crypto, *curve, 2, meter_signing, meter_public);
        }
    }
    static void pair(Crypto& crypto, Curve curve, std::uint8_t number, Octets& private_key, Octets& public_key) {
        private_key.assign(private_key_size(curve), number);
        public_key.resize(public_key_size(curve));
        require(crypto.public_key_of(curve, private_key, public_key));
    }

    [[nodiscard]] ClientConfiguration configuration(Octets& block_memory) const {
        ClientConfiguration c;
        if (short_names) {
            c.context = ciphered ? ApplicationContext::short_names_ciphered : ApplicationContext::short_names;
            c.conformance = kShortNameClientConformance;
        } else {
            c.context = ciphered ? ApplicationContext::logical_names_ciphered : ApplicationContext::logical_names;
        }
        if (blocks) c.block_memory = block_memory;
        c.blocks_always = blocks;
        c.invoke_id_rotates = false;  // so that an input need not follow it
        if (!ciphered) return c;
        c.suite = suite;
        c.system_title = kClientTitle;
        c.encryption_key = unicast;
        c.authentication_key = authentication;
        c.use_general_envelopes = true;
        c.request_protection = c.answer_protection = {true, true, with_signatures};
        if (hls) c.mechanism = suite == 0 ? AuthenticationMechanism::high_gmac : AuthenticationMechanism::high_ecdsa;
        c.challenge_size = 32;
        c.signing_private_key = client_signing;
        c.server_signing_key = meter_public;
        return c;
    }

    bool ciphered;
    std::uint8_t suite;
    bool blocks;
    bool short_names;
    bool with_signatures;
    bool hls;
    Octets unicast;
    Octets authentication;
    Octets client_signing{}, client_public{}, meter_signing{}, meter_public{};
};

class Meter {
public:
    Meter(Crypto& crypto, const Setup& setup) : crypto_(crypto), setup_(setup) {}

    Octets seal(ByteView plain, bool is_signed) {
        if (!setup_.ciphered || plain.empty()) return {plain.begin(), plain.end()};
        GeneralKeys keys;
        keys.own_system_title = kMeterTitle;
        keys.peer_system_title = kClientTitle;
        keys.unicast_encryption = setup_.unicast;
        keys.authentication = setup_.authentication;
        keys.own_signing_private = setup_.meter_signing;
        constexpr std::size_t kBefore = 500;
        Octets buffer(kBefore + plain.size() + 200);
        std::copy(plain.begin(), plain.end(), buffer.begin() + kBefore);
        std::size_t offset = kBefore;
        std::size_t length = plain.size();
        const auto put = [&](const ProtectionLayer& layer, std::uint32_t counter) {
            const auto apdu = seal_layer(crypto_, setup_.suite, layer, counter, keys, buffer, offset, length);
            require(apdu.has_value());
            offset = static_cast<std::size_t>(apdu->data() - buffer.data());
            length = apdu->size();
        };
        ProtectionLayer signature;
        signature.kind = ProtectionLayer::Kind::general_signing;
        if (is_signed) put(signature, 0);
        ProtectionLayer envelope;
        envelope.envelope = Envelope::general_global;
        envelope.protection = {true, true};
        put(envelope, ++counter_);
        const auto begin = buffer.begin() + static_cast<std::ptrdiff_t>(offset);
        return {begin, begin + static_cast<std::ptrdiff_t>(length)};
    }

    Octets accept(const ClientConfiguration& client) {
        InitiateResponse initiate;
        initiate.negotiated_conformance =
            client.conformance | (setup_.blocks ? Conformance::general_block_transfer : Conformance::none);
        initiate.server_max_receive_pdu_size = 256;
        Octets plain(32);
        ByteWriter inner(plain);
        encode(inner, initiate);
        Octets information(inner.written().begin(), inner.written().end());
        if (setup_.ciphered) information = glo_initiate(information);
        const Octets challenge(32, 0x77);
        AssociateResponse aare;
        aare.application_context_name = application_context_oid(client.context);
        aare.diagnostic = AssociateDiagnostic::of(setup_.hls ? AcseUserDiagnostic::authentication_required
                                                             : AcseUserDiagnostic::null);
        aare.responding.ap_title = kMeterTitle;
        if (setup_.hls)
            aare.responding_authentication_value =
                AuthenticationValue{AuthenticationValue::Choice::char_string, challenge};
        aare.user_information = information;
        Octets apdu(300);
        ByteWriter out(apdu);
        encode(out, aare);
        apdu.resize(out.size());
        return apdu;
    }

private:
    Octets glo_initiate(ByteView plain) {
        Octets buffer(plain.size() + kMaxCipherHead + kMaxCipherTail);
        std::copy(plain.begin(), plain.end(), buffer.begin() + kMaxCipherHead);
        ProtectParameters how;
        how.suite = setup_.suite;
        how.invocation_counter = ++counter_;
        how.keys = {kMeterTitle, setup_.unicast, setup_.authentication};
        const auto sealed = protect(crypto_, how, buffer, kMaxCipherHead, plain.size());
        require(sealed.has_value());
        return {sealed->begin(), sealed->end()};
    }

    Crypto& crypto_;
    const Setup& setup_;
    std::uint32_t counter_{0};
};

Octets in_block(ByteView data, std::uint16_t number) {
    Octets block(data.size() + kGeneralBlockOverhead);
    ByteWriter out(block);
    encode(out, GeneralBlock{true, false, 1, number, 1, data});
    block.resize(out.size());
    return block;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto crypto = make_openssl_crypto();
    if (size == 0) return 0;
    const Setup setup(data[0], *crypto);
    Meter meter(*crypto, setup);
    Counters counters;
    Octets send_buffer(1024);
    Octets block_memory(kBlockMemory);
    const ClientConfiguration how = setup.configuration(block_memory);
    ClientSession session(how, *crypto, counters, send_buffer);
    std::array<std::uint8_t, kSinkSize> sink_memory{};
    SpanSink sink(sink_memory);
    const Octets value = [] {
        Octets octet_string{0x09, 0x82, 0x02, 0x00};
        octet_string.resize(octet_string.size() + 0x200, 0x5A);
        return octet_string;
    }();
    const AttributeDescriptor attribute{3, obis(1, 0, 1, 8, 0), 2};
    const std::array<AccessSpecification, 2> items{AccessSpecification::get(attribute),
                                                   AccessSpecification::set(attribute)};
    const Octets null_data{0};
    const std::array<EncodedData, 2> access_values{EncodedData{null_data}, EncodedData{null_data}};
    const std::array<VariableAccess, 2> variables{VariableAccess::of(0xFA00), VariableAccess::of(0xFA08)};
    const std::array<EncodedData, 2> write_values{EncodedData{value}, EncodedData{null_data}};

    bool service_open = false;   // asked for, and not answered
    bool proved_itself = false;  // an AARE of ours that needs no proof
    ByteReader in(ByteView(data + 1, size - 1));
    for (int operations = 0; in.remaining() >= 3 && operations < 60; ++operations) {
        const std::uint8_t operation = in.u8() % 11;
        const ByteView octets = in.take(std::min<std::size_t>(in.u16(), in.remaining()));
        Octets arriving(octets.begin(), octets.end());
        Progress progress;
        if (operation <= 3) {
            if (operation == 1) arriving = meter.seal(octets, setup.with_signatures);
            if (operation == 2) arriving = in_block(meter.seal(octets, setup.with_signatures), 1);
            if (operation == 3) {
                arriving = meter.accept(how);
                proved_itself = !setup.hls;
            }
            progress = session.receive(arriving);
            if (operation == 0 && setup.ciphered && progress.step == Step::done) require(!service_open);
            require(!session.association().open || proved_itself || !setup.hls);
        } else {
            sink = SpanSink(sink_memory);
            switch (operation) {
                case 4:
                    progress = session.associate();
                    break;
                case 5:
                    progress = session.get({attribute, {}}, sink);
                    break;
                case 6:
                    progress = session.access(items, access_values);
                    break;
                case 7:
                    progress = session.read(variables, sink);
                    break;
                case 8:
                    progress = session.write(variables, write_values);
                    break;
                case 9:
                    progress = session.release();
                    break;
                default:
                    progress = session.retry();
                    break;
            }
            if (operation >= 5 && operation <= 8 && progress.step == Step::send) service_open = true;
        }
        if (progress.step == Step::send) {
            require(!progress.apdu.empty() && progress.apdu.size() <= send_buffer.size());
            for (int i = 0; i < 70 && !session.next().empty(); ++i) {
            }
        }
        const bool over = progress.step == Step::done || progress.step == Step::failed;
        if (over && operation != 10) service_open = false;
        require(sink.octets().size() <= kSinkSize);
    }
    return 0;
}
