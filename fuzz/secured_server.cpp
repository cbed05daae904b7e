/// A server session in suites 0, 1 and 2: hand-shakes of every mechanism that go wrong in the middle, and APDUs sealed
/// with the right keys in every envelope, with and without signatures, so that hostile octets get past tag and
/// signature. Nobody associates without the right proof; what came once, or without protection, changes nothing.
///
///     input := suite(1) mechanism(1) { operation(1) length(2) octets(length) }
///     operation 0: the octets as they are; 1: associate properly; 2: associate with the octets in place of the proof;
///               3: sealed, how says the first octet; 4: what was sealed last comes again; 5: the link is lost
#include <vector>

#include "dlms/client/session.hpp"
#include "dlms/security/layers.hpp"
#include "dlms/server/fake_device.hpp"
#include "require.hpp"

namespace {

using namespace ferraris;
using namespace ferraris::dlms;
using Octets = std::vector<std::uint8_t>;

using fuzz::require;

constexpr std::uint16_t kUtility = 1;
constexpr AuthenticationMechanism kMechanisms[] = {
    AuthenticationMechanism::high_md5,    AuthenticationMechanism::high_sha1,  AuthenticationMechanism::high_gmac,
    AuthenticationMechanism::high_sha256, AuthenticationMechanism::high_ecdsa,
};

/// A client's keys, and the server that knows them.
struct Setup {
    FakeServer server{1000};
    Octets title = bytes("4652530000000001");
    Octets signing{}, agreement{}, server_signing{}, server_agreement{};
    ClientConfiguration configuration{};

    Setup(std::uint8_t suite, AuthenticationMechanism mechanism) {
        FakeDevice& device = server.device;
        const std::size_t size = key_size_of_suite(suite);
        device.suite = suite;
        device.high_mechanism = mechanism;
        device.legacy_digests = true;
        device.unicast = Octets(size, 1);
        device.broadcast = Octets(size, 2);
        device.authentication = Octets(size, 3);
        device.master = Octets(size, 4);
        device.conformance = device.conformance | Conformance::general_protection | Conformance::access;
        device.certified_title = title;
        device.policy = device.answer_policy = {true, true};
        if (const auto curve = curve_of_suite(suite)) {
            pair(*curve, 1, signing, device.client_keys[KeyUse::digital_signature]);
            pair(*curve, 2, agreement, device.client_keys[KeyUse::key_agreement]);
            pair(*curve, 3, device.private_keys[KeyUse::digital_signature], server_signing);
            pair(*curve, 4, device.private_keys[KeyUse::key_agreement], server_agreement);
        }
        configuration.context = ApplicationContext::logical_names_ciphered;
        configuration.mechanism = mechanism;
        configuration.secret = device.password;
        configuration.allow_legacy_digests = true;
        configuration.challenge_size = 32;
        configuration.suite = suite;
        configuration.system_title = title;
        configuration.encryption_key = device.unicast;
        configuration.authentication_key = device.authentication;
        configuration.signing_private_key = signing;
        configuration.server_signing_key = server_signing;
    }

    void pair(Curve curve, std::uint8_t number, Octets& private_key, Octets& public_key) {
        private_key.assign(private_key_size(curve), number);
        public_key.resize(public_key_size(curve));
        require(server.crypto->public_key_of(curve, private_key, public_key));
    }

    [[nodiscard]] GeneralKeys keys() {
        const FakeDevice& device = server.device;
        return {title,   device.title, device.unicast, device.broadcast, {}, device.authentication, device.master,
                signing, agreement,    server_signing, server_agreement};
    }
};

class Counters final : public InvocationCounters {
public:
    std::uint32_t last{0};
    std::optional<std::uint32_t> reserve() override { return ++last; }
};

class Attacker {
public:
    Attacker(std::uint8_t suite, AuthenticationMechanism mechanism)
        : setup_(suite, mechanism), suite_(suite), session_(setup_.server.session), device_(setup_.server.device) {}

    void in_the_clear(ByteView octets) {
        const int changed = device_.writes + device_.calls;
        answered(session_.handle(kUtility, Octets(octets.begin(), octets.end())));
        require(changed == device_.writes + device_.calls);
        if (!associated()) proved_ = false;
    }
    /// `proof`: in place of the client's; null: the client's own.
    void associate(const ByteView* proof) {
        ClientSession client(setup_.configuration, *setup_.server.crypto, counters_, send_buffer_);
        Progress progress = client.associate();
        for (int pass = 0; progress.step == Step::send && pass < 2; ++pass) {
            Octets request(progress.apdu.begin(), progress.apdu.end());
            if (proof != nullptr && pass == 1) request = sealed(false, 0, reply(*proof));
            const ByteView answer = session_.handle(kUtility, request);
            received_.assign(answer.begin(), answer.end());
            progress = client.receive(received_);
        }
        proved_ = proof == nullptr;
        require(associated() == proved_);
        require(!proved_ || progress.step == Step::done);
    }
    void sealed_octets(ByteView octets) {
        if (octets.empty()) return;
        last_sealed_ = sealed((octets[0] & 0x80U) != 0, octets[0] & 0x7FU, octets.subspan(1));
        if (!last_sealed_.empty()) answered(session_.handle(kUtility, last_sealed_));
        if (!associated()) proved_ = false;
    }
    void again() {
        if (last_sealed_.empty()) return;
        const int changed = device_.writes + device_.calls;
        answered(session_.handle(kUtility, last_sealed_));
        require(changed == device_.writes + device_.calls);
    }
    void lose_link() {
        session_.link_lost();
        proved_ = false;
    }

private:
    [[nodiscard]] bool associated() const { return session_.association().status == AssociationStatus::associated; }
    void answered(ByteView answer) {
        require(answer.size() <= 1000 + kMaxCipherHead + kMaxCipherTail);
        // Octets may be an AARQ of the public sort: it has no place here, since client 1 has a secret.
        require(!associated() || proved_);
    }

    static Octets reply(ByteView proof) {
        Octets apdu(32 + proof.size());
        ByteWriter out(apdu);
        const auto head = bytes("C301C1000F0000280000FF0101");
        out.put(head);
        DataWriter(out).octet_string(proof);
        apdu.resize(out.size());
        return apdu;
    }

    Octets sealed(bool is_signed, std::uint8_t how, ByteView plain) {
        constexpr std::size_t kBefore = 700;
        Octets buffer(kBefore + plain.size() + 300);
        std::copy(plain.begin(), plain.end(), buffer.begin() + kBefore);
        const GeneralKeys keys = setup_.keys();
        ProtectionLayer cipher;
        cipher.protection = {how % 16 != 1, how % 16 != 2};
        cipher.envelope = Envelope::general_global;
        if (how % 8 != 0) {
            cipher.kind = ProtectionLayer::Kind::general_ciphering;
            cipher.key = static_cast<KeyChoice>(how % 8 % 6);
        }
        std::size_t offset = kBefore;
        std::size_t length = plain.size();
        const auto put = [&](const ProtectionLayer& layer, std::uint32_t counter) {
            const auto apdu = seal_layer(*setup_.server.crypto, suite_, layer, counter, keys, buffer, offset, length);
            if (!apdu) return false;
            offset = static_cast<std::size_t>(apdu->data() - buffer.data());
            length = apdu->size();
            return true;
        };
        ProtectionLayer signature;
        signature.kind = ProtectionLayer::Kind::general_signing;
        (void)signature.transaction_id.assign(bytes("0000000000000001"));
        cipher.transaction_id = signature.transaction_id;
        const bool outside = (how & 0x40U) != 0;
        if (is_signed && !outside && !put(signature, 0)) return {};
        if (!put(cipher, ++counters_.last)) return {};
        if (is_signed && outside && !put(signature, 0)) return {};
        const auto begin = buffer.begin() + static_cast<std::ptrdiff_t>(offset);
        return {begin, begin + static_cast<std::ptrdiff_t>(length)};
    }

    Setup setup_;
    std::uint8_t suite_;
    ServerSession& session_;
    FakeDevice& device_;
    Counters counters_{};
    Octets send_buffer_ = Octets(1024);
    Octets received_{};
    Octets last_sealed_{};
    bool proved_{false};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::uint8_t suite = data[0] % 3;
    // Suite 0 has no curve to sign on.
    const auto mechanism = kMechanisms[data[1] % (suite == 0 ? 4U : 5U)];
    Attacker attacker(suite, mechanism);
    ByteReader in(ByteView(data + 2, size - 2));
    for (int operations = 0; in.remaining() >= 3 && operations < 40; ++operations) {
        const std::uint8_t operation = in.u8() % 6;
        const ByteView octets = in.take(std::min<std::size_t>(in.u16(), in.remaining()));
        switch (operation) {
            case 0:
                attacker.in_the_clear(octets);
                break;
            case 1:
                attacker.associate(nullptr);
                break;
            case 2:
                attacker.associate(&octets);
                break;
            case 3:
                attacker.sealed_octets(octets);
                break;
            case 4:
                attacker.again();
                break;
            default:
                attacker.lose_link();
                break;
        }
    }
    return 0;
}
