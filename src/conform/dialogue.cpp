#include "conform/dialogue.hpp"

#include <algorithm>
#include <utility>

#include "dlms/apdu/action.hpp"
#include "dlms/apdu/get.hpp"
#include "dlms/security/hls.hpp"
#include "dlms/wrapper.hpp"

namespace ferraris::conform {
namespace {

using dlms::Conformance;
using dlms::hdlc::FrameType;

constexpr std::size_t kLlcOctets = 3;
constexpr std::size_t kMaxApdu = 65535;
constexpr std::uint8_t kSegmentBit = 0x08;

template <class Encode>
Octets encoded(Encode&& encode_into) {
    Octets octets(kMaxApdu);
    ByteWriter out(octets);
    encode_into(out);
    octets.resize(out.size());
    return octets;
}

}  // namespace

Octets with_llc(const Octets& apdu) {
    return encoded([&](ByteWriter& out) {
        out.unsigned_of(0xE6E600, kLlcOctets);
        out.put(apdu);
    });
}

dlms::InitiateRequest usual_initiate() {
    dlms::InitiateRequest initiate;
    initiate.proposed_conformance = Conformance::get | Conformance::set | Conformance::action |
                                    Conformance::selective_access | Conformance::block_transfer_with_get |
                                    Conformance::multiple_references;
    return initiate;
}

Octets encode_initiate(const dlms::InitiateRequest& initiate) {
    return encoded([&](ByteWriter& out) { encode(out, initiate); });
}

Octets encode_aarq(dlms::AssociateRequest request, const dlms::InitiateRequest& initiate) {
    const Octets user_information = encode_initiate(initiate);
    if (request.application_context_name.empty()) {
        request.application_context_name = dlms::application_context_oid(dlms::ApplicationContext::logical_names);
    }
    request.user_information = user_information;
    return encoded([&](ByteWriter& out) { encode(out, request); });
}

Octets public_aarq(const Bench&) { return encode_aarq({}, usual_initiate()); }

Octets get_request(const dlms::AttributeDescriptor& attribute) {
    dlms::GetRequest request;
    request.attribute.attribute = attribute;
    return encoded([&](ByteWriter& out) { encode(out, request); });
}

Dialogue::Dialogue(Bench& bench, std::uint16_t client_sap) : bench_(bench), client_sap_(client_sap) {
    if (bench.target().framing == Framing::wrapper) {
        bench.open();
        return;
    }
    station_.emplace(bench, client_sap);
    const Reply reply = station_->connect();
    if (const auto agreed = dlms::hdlc::parse_parameters(reply.information)) {
        field_ = std::min<std::size_t>(agreed->max_information_receive, 128);
    }
}

std::optional<Octets> Dialogue::exchange(const Octets& apdu) {
    return station_ ? exchange_frames(apdu) : exchange_wrapped(apdu);
}

std::optional<Octets> Dialogue::exchange_wrapped(const Octets& apdu) {
    const std::uint16_t server = bench_.target().server_sap;
    bench_.send(encoded([&](ByteWriter& out) { (void)dlms::write_wrapper({client_sap_, server, apdu}, out); }));
    unread_.clear();
    return next();
}

std::optional<Octets> Dialogue::next() {
    const std::uint16_t server = bench_.target().server_sap;
    Octets buffer(kMaxApdu);
    dlms::WrapperParser parser(buffer);
    while (true) {
        const Octets octets = std::exchange(unread_, {});
        ByteView in(octets);
        while (const auto pdu = parser.push(in)) {
            if (pdu->source != server || pdu->destination != client_sap_) continue;
            unread_.assign(in.begin(), in.end());
            return Octets(pdu->apdu.begin(), pdu->apdu.end());
        }
        if (parser.error() != dlms::WrapperError::none) {
            throw Finding{Verdict::inconclusive, "what the meter sent is no wrapper PDU"};
        }
        unread_ = bench_.receive(bench_.target().patience);
        if (unread_.empty()) return std::nullopt;
    }
}

std::optional<Octets> Dialogue::exchange_frames(const Octets& apdu) {
    const Octets request = with_llc(apdu);
    std::optional<Reply> reply;
    for (std::size_t sent = 0; sent < request.size(); sent += field_) {
        const auto from = request.begin() + static_cast<std::ptrdiff_t>(sent);
        const std::size_t size = std::min(field_, request.size() - sent);
        RawFrame frame = station_->frame(control::information(send_number_, receive_number_),
                                         Octets(from, from + static_cast<std::ptrdiff_t>(size)));
        if (sent + size < request.size()) frame.format |= kSegmentBit;
        reply = station_->ask(frame);
        if (!reply) return std::nullopt;
        send_number_ = (send_number_ + 1) % 8;
    }
    Octets answer;
    while (is(reply, FrameType::information)) {
        answer.insert(answer.end(), reply->information.begin(), reply->information.end());
        receive_number_ = (receive_number_ + 1) % 8;
        if (!reply->segmented) break;
        reply = station_->ask(control::receive_ready(receive_number_));
    }
    if (answer.size() < kLlcOctets) return std::nullopt;
    return Octets(answer.begin() + kLlcOctets, answer.end());
}

Octets Dialogue::associate(const Octets& aarq) {
    auto answer = exchange(aarq);
    expect(answer && dlms::decode_aare(*answer).has_value(), "an AARQ is answered by a well-formed AARE");
    return std::move(*answer);
}

void Dialogue::associate_publicly() {
    const Octets answer = associate(public_aarq(bench_));
    if (dlms::decode_aare(answer)->result != dlms::AssociationResult::accepted) {
        throw Finding{Verdict::inconclusive, "the public client may not associate"};
    }
}

bool Dialogue::disconnect() { return station_ && is(station_->ask(control::kDisc), FrameType::unnumbered_acknowledge); }

SecureDialogue::SecureDialogue(Bench& bench, const Credentials& credentials)
    : bench_(bench), credentials_(credentials), plain_(bench, credentials_.client_sap) {}

Octets SecureDialogue::aarq(const dlms::InitiateRequest& initiate, const std::optional<Octets>& system_title) {
    challenge_.resize(dlms::kMinChallengeSize * 2);
    if (!bench_.crypto().random(challenge_)) throw Finding{Verdict::inconclusive, "there are no random octets"};
    const Octets title = system_title.value_or(credentials_.system_title);
    const Octets user_information = cipher(encode_initiate(initiate));
    dlms::AssociateRequest request;
    request.application_context_name = dlms::application_context_oid(dlms::ApplicationContext::logical_names_ciphered);
    request.calling.ap_title = title;
    request.sender_acse_requirements = dlms::acse_bit_0();
    request.mechanism_name = dlms::mechanism_oid(dlms::AuthenticationMechanism::high_gmac);
    request.calling_authentication_value = dlms::AuthenticationValue{.octets = challenge_};
    request.user_information = user_information;
    return encoded([&](ByteWriter& out) { encode(out, request); });
}

void SecureDialogue::associate(const std::optional<Octets>& dedicated_key, dlms::InitiateRequest initiate) {
    if (dedicated_key) initiate.dedicated_key = *dedicated_key;
    const Octets answer = plain_.associate(aarq(initiate));
    const auto response = dlms::decode_aare(answer);
    expect(response->result == dlms::AssociationResult::accepted, "an association with the right keys is accepted");
    expect(response->responding.ap_title.has_value(), "the AARE has the meter's system title");
    server_title_ = Octets(response->responding.ap_title->begin(), response->responding.ap_title->end());
    dedicated_key_ = dedicated_key.value_or(Octets{});
    dedicated_counter_ = 0;
    expect(response->user_information.has_value(), "the AARE has a ciphered InitiateResponse");
    const auto plain = open(Octets(response->user_information->begin(), response->user_information->end()));
    const auto negotiated = plain ? dlms::decode_initiate_response(*plain) : dlms::decode_initiate_response({});
    expect(negotiated.has_value(), "the AARE has a ciphered InitiateResponse");
    conformance_ = negotiated->negotiated_conformance;
    expect(response->responding_authentication_value.has_value(), "the AARE has the meter's challenge");
    authenticate(response->responding_authentication_value->octets);
}

void SecureDialogue::authenticate(ByteView server_challenge) {
    last_counter_ = credentials_.next_counter();
    dlms::HlsInputs inputs;
    inputs.received_challenge = server_challenge;
    inputs.keys = {credentials_.system_title, credentials_.unicast_key, credentials_.authentication_key};
    inputs.invocation_counter = last_counter_;
    const auto token = dlms::hls_token(bench_.crypto(), inputs);
    if (!token) throw Finding{Verdict::inconclusive, "the keys that are given cannot be used"};
    const Octets parameters = encoded([&](ByteWriter& out) { dlms::DataWriter(out).octet_string(token->view()); });
    dlms::ActionRequest request;
    request.method = {15, dlms::obis(0, 0, 40, 0, 0), 1};
    request.parameters = parameters;
    const auto answer = ask(encoded([&](ByteWriter& out) { encode(out, request); }));
    const auto plain = answer ? open(*answer) : std::nullopt;
    const auto response = plain ? dlms::decode_action_response(*plain) : dlms::decode_action_response({});
    expect(response && response->outcome.result == dlms::ActionResult::success && response->outcome.returned,
           "pass 3 of the authentication is answered by pass 4");
    dlms::DataReader data(response->outcome.returned->data);
    const ByteView proof = data.octet_string();
    dlms::HlsInputs other;
    other.received_challenge = challenge_;
    other.keys = {server_title_, credentials_.unicast_key, credentials_.authentication_key};
    expect(data.finished() && dlms::check_hls_token(bench_.crypto(), other, proof).has_value(),
           "pass 4 proves that the meter knows the keys");
}

Octets SecureDialogue::cipher(const Octets& apdu, const Ciphering& how) {
    const bool dedicated = dlms::is_dedicated(how.envelope);
    dlms::ProtectParameters parameters;
    parameters.envelope = how.envelope;
    parameters.protection = how.protection;
    if (how.counter) {
        parameters.invocation_counter = *how.counter;
    } else {
        parameters.invocation_counter = dedicated ? ++dedicated_counter_ : credentials_.next_counter();
    }
    if (!dedicated) last_counter_ = parameters.invocation_counter;
    const Octets& key = how.key ? *how.key : (dedicated ? dedicated_key_ : credentials_.unicast_key);
    parameters.keys = {credentials_.system_title, key, credentials_.authentication_key};
    Octets buffer(dlms::kMaxCipherHead + apdu.size() + dlms::kMaxCipherTail);
    std::ranges::copy(apdu, buffer.begin() + dlms::kMaxCipherHead);
    const auto ciphered = dlms::protect(bench_.crypto(), parameters, buffer, dlms::kMaxCipherHead, apdu.size());
    if (!ciphered) throw Finding{Verdict::inconclusive, "the keys that are given cannot be used"};
    return Octets(ciphered->begin(), ciphered->end());
}

std::optional<Octets> SecureDialogue::open(Octets answer) {
    const auto header = dlms::read_ciphered_header(answer);
    if (!header) return std::nullopt;
    const bool dedicated = dlms::is_dedicated(header->apdu.envelope);
    const dlms::CipherKeys keys{server_title_, dedicated ? dedicated_key_ : credentials_.unicast_key,
                                credentials_.authentication_key};
    const auto plain = dlms::unprotect(bench_.crypto(), *header, keys, answer);
    if (!plain) return std::nullopt;
    answer_counter_ = header->invocation_counter;
    return Octets(plain->begin(), plain->end());
}

void SecureDialogue::expect_readable(const std::string& when, const Ciphering& how) {
    const auto answer = ask(get_request(kAssociationName), how);
    const auto plain = answer ? open(*answer) : std::nullopt;
    expect(plain && gives_data(*plain), "the association can be read " + when);
}

std::optional<dlms::ActionResult> SecureDialogue::call(const dlms::MethodDescriptor& method, const Octets& parameters) {
    dlms::ActionRequest request;
    request.method = method;
    request.parameters = parameters;
    const auto answer = ask(encoded([&](ByteWriter& out) { encode(out, request); }));
    const auto plain = answer ? open(*answer) : std::nullopt;
    if (!plain) return std::nullopt;
    const auto response = dlms::decode_action_response(*plain);
    if (!response) return std::nullopt;
    return response->outcome.result;
}

Octets SecureDialogue::read(const dlms::AttributeDescriptor& attribute) {
    const auto answer = ask(get_request(attribute));
    const auto plain = answer ? open(*answer) : std::nullopt;
    if (!plain || !gives_data(*plain)) {
        throw Finding{Verdict::inconclusive, "an attribute that the case needs cannot be read"};
    }
    const ByteView data = dlms::decode_get_response(*plain)->result.data;
    return Octets(data.begin(), data.end());
}

Octets SecureDialogue::read_long(const dlms::AttributeDescriptor& attribute) {
    Octets gathered;
    auto answer = ask(get_request(attribute));
    while (true) {
        const auto plain = answer ? open(*answer) : std::nullopt;
        const auto response = plain ? dlms::decode_get_response(*plain) : dlms::decode_get_response({});
        const bool whole = response && response->choice == dlms::GetResponseChoice::normal;
        if (!response || response->choice == dlms::GetResponseChoice::with_list ||
            (whole ? response->result.result : response->block.result) != dlms::DataAccessResult::success) {
            throw Finding{Verdict::inconclusive, "an attribute that the case needs cannot be read"};
        }
        const ByteView data = whole ? response->result.data : response->block.raw_data;
        gathered.insert(gathered.end(), data.begin(), data.end());
        if (whole || response->block.last) return gathered;
        dlms::GetRequest next;
        next.choice = dlms::GetRequestChoice::next;
        next.block_number = response->block.number;
        answer = ask(encoded([&](ByteWriter& out) { encode(out, next); }));
    }
}

bool gives_data(const Octets& get_response) {
    const auto response = dlms::decode_get_response(get_response);
    return response && response->choice == dlms::GetResponseChoice::normal &&
           response->result.result == dlms::DataAccessResult::success;
}

bool refuses(const std::optional<Octets>& answer) {
    if (!answer) return true;
    switch (dlms::apdu_tag(*answer).value_or(dlms::ApduTag::get_response)) {
        case dlms::ApduTag::exception_response:
        case dlms::ApduTag::confirmed_service_error:
            return true;
        case dlms::ApduTag::get_response: {
            const auto response = dlms::decode_get_response(*answer);
            return response && response->result.result != dlms::DataAccessResult::success;
        }
        default:
            return false;
    }
}

}  // namespace ferraris::conform
