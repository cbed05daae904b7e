// The cases of symmetric security, suite 0.
#include "conform/cases.hpp"
#include "conform/dialogue.hpp"

namespace ferraris::conform {
namespace {

constexpr std::size_t kKeySize = 16;
constexpr std::size_t kWrapOctets = 8;
constexpr std::uint8_t kUnicastKeyId = 0;
constexpr std::uint8_t kAuthenticationKeyId = 2;

void basic_capability(Bench& bench) {
    SecureDialogue dialogue(bench);
    dialogue.associate();
    dialogue.expect_readable("authenticated and encrypted");
}

void replay_protection(Bench& bench) {
    SecureDialogue dialogue(bench);
    dialogue.associate();
    dialogue.expect_readable("with a fresh counter");
    const std::uint32_t spent = dialogue.last_counter();
    for (const std::uint32_t counter : {spent, spent - 1}) {
        expect(refuses(dialogue.ask(get_request(kAssociationName), {.counter = counter})),
               counter == spent ? "a counter that comes again is refused" : "a lower counter is refused");
    }
    // Some meters end the association with a replay, which the standard leaves to them.
    SecureDialogue again(bench);
    again.associate();
    again.expect_readable("after replays were refused");
}

void answers_count(Bench& bench) {
    SecureDialogue dialogue(bench);
    dialogue.associate();
    std::uint32_t last = dialogue.answer_counter();
    for (int i = 0; i < 3; ++i) {
        dialogue.expect_readable("again");
        expect(dialogue.answer_counter() > last, "each ciphered answer has a greater counter than the one before");
        last = dialogue.answer_counter();
    }
}

void bad_dedicated_key(Bench& bench) {
    SecureDialogue dialogue(bench);
    const Octets key(kKeySize - 1, 0x55);
    dlms::InitiateRequest initiate = usual_initiate();
    initiate.dedicated_key = key;
    const auto answer = dialogue.plain().exchange(dialogue.aarq(initiate));
    const auto aare = answer ? dlms::decode_aare(*answer) : dlms::decode_aare({});
    expect(!aare || aare->result != dlms::AssociationResult::accepted, "a dedicated key of 15 octets is refused");
}

Octets random_key(Bench& bench) {
    Octets key(kKeySize);
    if (!bench.crypto().random(key)) throw Finding{Verdict::inconclusive, "there are no random octets"};
    return key;
}

void data_exchange(Bench& bench) {
    SecureDialogue dialogue(bench);
    dialogue.associate(random_key(bench));
    dialogue.expect_readable("under the global key");
    dialogue.expect_readable("under the dedicated key", {.envelope = dlms::Envelope::service_specific_dedicated});
}

void wrong_ciphering(Bench& bench) {
    const auto refused = [&](const std::string& what, const auto& ask) {
        SecureDialogue dialogue(bench);
        dialogue.associate();
        expect(refuses(ask(dialogue)), what);
    };
    const Octets get = get_request(kAssociationName);
    refused("a request under another key is refused",
            [&](SecureDialogue& dialogue) { return dialogue.ask(get, {.key = Octets(kKeySize, 0x77)}); });
    refused("a request with a wrong tag is refused", [&](SecureDialogue& dialogue) {
        Octets request = dialogue.cipher(get);
        request.back() ^= 0x01U;
        return dialogue.plain().exchange(request);
    });
    refused("a request whose text was changed is refused", [&](SecureDialogue& dialogue) {
        Octets request = dialogue.cipher(get);
        request[request.size() - dlms::kMaxCipherTail - 1] ^= 0x01U;
        return dialogue.plain().exchange(request);
    });
    refused("a request under a dedicated key that was never agreed is refused", [&](SecureDialogue& dialogue) {
        return dialogue.ask(get, {.envelope = dlms::Envelope::service_specific_dedicated, .key = random_key(bench)});
    });
    basic_capability(bench);
}

void unprotected_release(Bench& bench) {
    SecureDialogue dialogue(bench);
    dialogue.associate();
    const Octets initiate = encode_initiate(usual_initiate());
    Octets request(initiate.size() + 64);
    ByteWriter out(request);
    encode(out, dlms::ReleaseRequest{dlms::ReleaseReason::normal, initiate});
    request.resize(out.size());
    const auto answer = dialogue.plain().exchange(request);
    expect(!answer || dlms::apdu_tag(*answer) != dlms::ApduTag::rlre,
           "RLRQ of a ciphered association is refused when it is not ciphered");
    dialogue.expect_readable("after a release was refused");
}

dlms::MethodDescriptor key_transfer_of(SecureDialogue& dialogue) {
    const Octets value = dialogue.read({15, kAssociationName.instance, 9});
    dlms::DataReader data(value);
    const dlms::LogicalName setup = data.logical_name();
    if (!data.finished()) throw Finding{Verdict::inconclusive, "the association names no security setup"};
    return {64, setup, 2};
}

const Credentials& with_master_key(Bench& bench) {
    const Credentials& credentials = bench.credentials();
    if (!bench.target().destructive) throw Finding{Verdict::not_applicable, "changes keys: only with --destructive"};
    if (credentials.master_key.empty()) throw Finding{Verdict::not_applicable, "no master key is given"};
    return credentials;
}

struct NewKey {
    std::uint8_t id{0};
    Octets key{};
};

/// array of structure{enum, octet-string}, wrapped under `master`.
Octets transfer_parameters(Bench& bench, const Octets& master, std::span<const NewKey> keys) {
    Octets octets(256);
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    data.array(keys.size());
    for (const NewKey& key : keys) {
        Octets wrapped(key.key.size() + kWrapOctets);
        if (!bench.crypto().wrap_key(master, key.key, wrapped)) {
            throw Finding{Verdict::inconclusive, "the master key that is given cannot be used"};
        }
        data.structure(2);
        data.enum_(key.id);
        data.octet_string(wrapped);
    }
    octets.resize(out.size());
    return octets;
}

Octets changed(Octets key) {
    key.back() ^= 0xFFU;
    return key;
}

/// Transfers keys whose last octet is inverted, uses them, and puts the old ones back.
void transfer_and_restore(Bench& bench, bool unicast, bool authentication) {
    const Credentials old_keys = with_master_key(bench);
    Credentials new_keys = old_keys;
    std::vector<NewKey> there;
    std::vector<NewKey> back;
    if (unicast) {
        new_keys.unicast_key = changed(old_keys.unicast_key);
        there.push_back({kUnicastKeyId, new_keys.unicast_key});
        back.push_back({kUnicastKeyId, old_keys.unicast_key});
    }
    if (authentication) {
        new_keys.authentication_key = changed(old_keys.authentication_key);
        there.push_back({kAuthenticationKeyId, new_keys.authentication_key});
        back.push_back({kAuthenticationKeyId, old_keys.authentication_key});
    }
    SecureDialogue dialogue(bench);
    dialogue.associate();
    const dlms::MethodDescriptor transfer = key_transfer_of(dialogue);
    const auto taken = dialogue.call(transfer, transfer_parameters(bench, old_keys.master_key, there));
    // A meter that answers under the new keys already has no answer that the old ones open; what follows is the proof.
    expect(!taken || *taken == dlms::ActionResult::success, "global_key_transfer takes keys that the master key wraps");
    SecureDialogue renewed(bench, new_keys);
    renewed.associate();
    renewed.expect_readable("under the new keys");
    const auto restored = renewed.call(transfer, transfer_parameters(bench, old_keys.master_key, back));
    expect(!restored || *restored == dlms::ActionResult::success, "global_key_transfer takes the old keys back");
    basic_capability(bench);
}

void transfer_unicast(Bench& bench) { transfer_and_restore(bench, true, false); }
void transfer_authentication(Bench& bench) { transfer_and_restore(bench, false, true); }
void transfer_both(Bench& bench) { transfer_and_restore(bench, true, true); }

void expect_transfer_refused(Bench& bench, const Octets& master, const NewKey& key, const std::string& what) {
    SecureDialogue dialogue(bench);
    dialogue.associate();
    const dlms::MethodDescriptor transfer = key_transfer_of(dialogue);
    expect(dialogue.call(transfer, transfer_parameters(bench, master, {{key}})) != dlms::ActionResult::success, what);
    basic_capability(bench);
}

void transfer_unknown_key(Bench& bench) {
    const Credentials& credentials = with_master_key(bench);
    expect_transfer_refused(bench, credentials.master_key, {200, changed(credentials.unicast_key)},
                            "a key with an unknown identifier is refused");
}

void transfer_wrongly_wrapped(Bench& bench) {
    const Credentials& credentials = with_master_key(bench);
    expect_transfer_refused(bench, changed(credentials.master_key), {kUnicastKeyId, changed(credentials.unicast_key)},
                            "a key that another master key wraps is refused");
}

/// The security setup of the association, for cases that raise its policy and cannot lower it again.
class Policy {
public:
    explicit Policy(Bench& bench) : bench_(bench) {
        (void)bench.credentials();
        if (!bench.target().irreversible) {
            throw Finding{Verdict::not_applicable, "a policy only goes upwards: only with --irreversible"};
        }
        SecureDialogue dialogue(bench);
        dialogue.associate();
        setup_ = key_transfer_of(dialogue).instance;
        // Version 0 counts 0 to 3; from version 1 on the policy is a set of bits, those of requests among them.
        const std::uint8_t version = version_of_setup(dialogue);
        none_ = 0;
        authenticated_ = version == 0 ? 1 : 0x04;
        encrypted_ = version == 0 ? 2 : 0x08;
        both_ = version == 0 ? 3 : 0x0C;
    }

    [[nodiscard]] std::uint8_t none() const { return none_; }
    [[nodiscard]] std::uint8_t authenticated() const { return authenticated_; }
    [[nodiscard]] std::uint8_t encrypted() const { return encrypted_; }
    [[nodiscard]] std::uint8_t both() const { return both_; }

    /// security_activate, in an association of its own.
    [[nodiscard]] bool activate(std::uint8_t policy) {
        SecureDialogue dialogue(bench_);
        dialogue.associate();
        return dialogue.call({64, setup_, 1}, {0x16, policy}) == dlms::ActionResult::success;
    }
    [[nodiscard]] std::uint8_t active() {
        SecureDialogue dialogue(bench_);
        dialogue.associate();
        const Octets value = dialogue.read({64, setup_, 2});
        dlms::DataReader in(value);
        const std::uint8_t policy = in.enum_();
        expect(in.finished(), "security_policy is an enumeration");
        return policy;
    }
    /// A request with that protection is served.
    [[nodiscard]] bool serves(const dlms::Protection& protection) {
        SecureDialogue dialogue(bench_);
        dialogue.associate();
        const Octets get = get_request(kAssociationName);
        if (!protection.ciphered()) return !refuses(dialogue.plain().exchange(get));
        return !refuses(dialogue.ask(get, {.protection = protection}));
    }

private:
    /// From the object list, where the setup stands as class 64, its version, and its name.
    std::uint8_t version_of_setup(SecureDialogue& dialogue) {
        const Octets list = dialogue.read_long({15, kAssociationName.instance, 2});
        dlms::DataReader in(list);
        const std::size_t count = in.array();
        for (std::size_t i = 0; i < count && in.ok(); ++i) {
            (void)in.structure();
            const std::uint16_t class_id = in.long_unsigned();
            const std::uint8_t version = in.unsigned_();
            const dlms::LogicalName name = in.logical_name();
            (void)in.any();
            if (in.ok() && class_id == 64 && name == setup_) return version;
        }
        throw Finding{Verdict::inconclusive, "the object list does not name the security setup"};
    }

    Bench& bench_;
    dlms::LogicalName setup_{};
    std::uint8_t none_{0};
    std::uint8_t authenticated_{0};
    std::uint8_t encrypted_{0};
    std::uint8_t both_{0};
};

void policy_authenticated(Bench& bench) {
    Policy policy(bench);
    if (policy.active() != policy.none()) {
        throw Finding{Verdict::not_applicable, "a policy is active already"};
    }
    expect(policy.activate(policy.authenticated()), "authenticated requests can be made the policy");
    expect(policy.active() == policy.authenticated(), "security_policy says what was activated");
    expect(policy.serves({true, false}), "authenticated requests are served");
    expect(!policy.serves({}), "a request in the clear is refused under a policy of authentication");
    expect(!policy.serves({false, true}), "a request that is encrypted only is refused under it");
}

void policy_both(Bench& bench) {
    Policy policy(bench);
    if ((policy.active() & policy.both()) != policy.both()) {
        expect(policy.activate(policy.both()), "authenticated and encrypted requests can be made the policy");
    }
    expect(policy.serves({true, true}), "authenticated and encrypted requests are served");
    expect(!policy.serves({}), "a request in the clear is refused");
    expect(!policy.serves({true, false}), "a request that is authenticated only is refused");
    expect(!policy.serves({false, true}), "a request that is encrypted only is refused");
}

void policy_only_upwards(Bench& bench) {
    Policy policy(bench);
    if ((policy.active() & policy.both()) != policy.both()) {
        expect(policy.activate(policy.both()), "authenticated and encrypted requests can be made the policy");
    }
    const std::uint8_t before = policy.active();
    for (const std::uint8_t weaker : {policy.none(), policy.authenticated(), policy.encrypted()}) {
        expect(!policy.activate(weaker), "a weaker policy than the active one is refused");
        expect(policy.active() == before, "the policy stays as it was");
    }
}

constexpr const char* kCiphering = "IEC 62056-5-3, 5.3.5";
constexpr const char* kTransferClause = "IEC 62056-6-2, class 64, method 2";

constexpr const char* kPolicyClause = "IEC 62056-6-2, class 64, method 1";

constexpr Case kCases[]{
    {"BasicCap_1", "A ciphered association, and one attribute", kCiphering, basic_capability},
    {"FraCount_1", "Replayed and lowered counters", kCiphering, replay_protection},
    {"FraCount_3", "The meter's own counter", kCiphering, answers_count},
    {"Key_Tx_P1", "Transfer of the unicast encryption key, and back", kTransferClause, transfer_unicast},
    {"Key_Tx_P2", "Transfer of the authentication key, and back", kTransferClause, transfer_authentication},
    {"Key_Tx_P3", "Transfer of both keys, and back", kTransferClause, transfer_both},
    {"Key_Tx_N1", "Transfer of a key that does not exist", kTransferClause, transfer_unknown_key},
    {"Key_Tx_N2", "Transfer of a key that is wrapped wrongly", kTransferClause, transfer_wrongly_wrapped},
    {"DedKey_N1", "A dedicated key of a wrong length", kCiphering, bad_dedicated_key},
    {"SecDataX_P1", "Reading under global and dedicated keys", kCiphering, data_exchange},
    {"SecDataX_N1", "Wrong ciphering", kCiphering, wrong_ciphering},
    {"SecPol_1", "A policy of authentication", kPolicyClause, policy_authenticated},
    {"SecPol_2", "A policy of authentication and encryption", kPolicyClause, policy_both},
    {"SecPol_3", "A policy that would be weaker", kPolicyClause, policy_only_upwards},
    {"SYMSEC_REL_N1", "A release that is not protected", "IEC 62056-5-3, 7.2.5", unprotected_release},
};

}  // namespace

std::span<const Case> security_cases() { return kCases; }

}  // namespace ferraris::conform
