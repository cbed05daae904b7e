// The cases of the application layer with logical names. Refusals of an AARQ may come in ACSE's own words or, where
// the xDLMS proposal is refused, with a confirmed service error in the user-information.
#include "conform/cases.hpp"
#include "conform/dialogue.hpp"
#include "dlms/apdu/confirmed_service_error.hpp"
#include "dlms/apdu/exception.hpp"
#include "dlms/apdu/get.hpp"
#include "dlms/apdu/set.hpp"

namespace ferraris::conform {
namespace {

using dlms::AcseProviderDiagnostic;
using dlms::AcseUserDiagnostic;
using dlms::AssociateDiagnostic;
using dlms::AssociateRequest;
using dlms::AssociationResult;
using dlms::InitiateError;

/// What an AARE says.
struct Answer {
    AssociationResult result{};
    AssociateDiagnostic diagnostic{};
    std::optional<dlms::InitiateResponse> initiate{};
    std::optional<InitiateError> initiate_error{};
};

Answer propose(Bench& bench, AssociateRequest request, const dlms::InitiateRequest& initiate) {
    Dialogue dialogue(bench, bench.target().public_sap);
    const Octets octets = dialogue.associate(encode_aarq(request, initiate));
    const auto aare = dlms::decode_aare(octets);
    Answer answer{aare->result, aare->diagnostic, {}, {}};
    if (aare->user_information) {
        if (const auto error = dlms::decode_confirmed_service_error(*aare->user_information)) {
            answer.initiate_error = static_cast<InitiateError>(error->code);
        } else if (const auto response = dlms::decode_initiate_response(*aare->user_information)) {
            answer.initiate = *response;
        }
    }
    return answer;
}

Answer propose(Bench& bench, const AssociateRequest& request) { return propose(bench, request, usual_initiate()); }

void expect_accepted(const Answer& answer, const std::string& what) {
    expect(answer.result == AssociationResult::accepted, what + " is accepted");
}

void expect_refused(const Answer& answer, InitiateError error, const std::string& what) {
    expect(answer.result != AssociationResult::accepted, what + " is refused");
    expect(!answer.initiate_error || *answer.initiate_error == error,
           what + " is refused with the right service error");
}

void exchange_without_association(Bench& bench) {
    Dialogue dialogue(bench, bench.target().public_sap);
    const auto answer = dialogue.exchange(get_request(kAssociationName));
    expect(refuses(answer) && (!answer || dlms::apdu_tag(*answer) != dlms::ApduTag::get_response),
           "GET without an association is answered by an exception, a service error, or silence");
}

void establish(Bench& bench) {
    Dialogue dialogue(bench, bench.target().public_sap);
    dialogue.associate_publicly();
    const auto answer = dialogue.exchange(get_request(kAssociationName));
    expect(answer && gives_data(*answer), "the logical name of the current association can be read");
    dlms::DataReader data(dlms::decode_get_response(*answer)->result.data);
    const dlms::LogicalName name = data.logical_name();
    expect(data.finished() && name == kAssociationName.instance, "its value is 0-0:40.0.0*255");
}

void user_identification(Bench& bench) {
    const Octets user{0x01};
    AssociateRequest request;
    request.calling.ae_invocation_id = user;
    if (propose(bench, request).result != AssociationResult::accepted) {
        throw Finding{Verdict::inconclusive,
                      "the public client may not name a user; the meter may have a list of them"};
    }
}

void high_level_passes(Bench& bench) {
    SecureDialogue dialogue(bench);
    dialogue.associate();
}

void protocol_version(Bench& bench) {
    AssociateRequest request;
    request.protocol_version = dlms::acse_bit_0();
    expect_accepted(propose(bench, request), "protocol-version 1");
    const Octets other{0x02, 0x04};
    request.protocol_version = other;
    const Answer answer = propose(bench, request);
    expect(answer.result != AssociationResult::accepted &&
               answer.diagnostic == AssociateDiagnostic::of(AcseProviderDiagnostic::no_common_acse_version),
           "a protocol-version without version 1 is refused: no-common-acse-version");
}

void application_context(Bench& bench) {
    const Octets unknown{0x60, 0x85, 0x74, 0x05, 0x08, 0x01, 0x09};
    AssociateRequest request;
    request.application_context_name = unknown;
    const Answer answer = propose(bench, request);
    expect(answer.result != AssociationResult::accepted &&
               answer.diagnostic == AssociateDiagnostic::of(AcseUserDiagnostic::application_context_name_not_supported),
           "an unknown application context is refused: application-context-name-not-supported");
}

void unused_fields(Bench& bench) {
    const Octets dummy{'D', 'U', 'M', 'M', 'Y', '0', '0', '1'};
    const Octets number{0x01};
    AssociateRequest request;
    request.called = {dummy, dummy, number, number};
    request.calling.ap_title = dummy;
    request.calling.ae_qualifier = dummy;
    request.calling.ap_invocation_id = number;
    expect_accepted(propose(bench, request), "an AARQ with fields that nobody uses");
    if (!bench.target().credentials) return;
    for (const std::size_t size : {7U, 9U}) {
        SecureDialogue dialogue(bench);
        Octets title = bench.credentials().system_title;
        title.resize(size);
        const auto answer = dialogue.plain().exchange(dialogue.aarq(usual_initiate(), title));
        const auto aare = answer ? dlms::decode_aare(*answer) : dlms::decode_aare({});
        expect(!aare || aare->result != AssociationResult::accepted,
               "a calling-AP-title of 7 or 9 octets is refused where ciphering needs it");
    }
}

void authentication_unit(Bench& bench) {
    const Octets value{'1', '2', '3', '4', '5', '6', '7', '8'};
    AssociateRequest request;
    request.calling_authentication_value = dlms::AuthenticationValue{.octets = value};
    expect_accepted(propose(bench, request), "a value of authentication that nobody asked for");
    const Octets unknown{0x60, 0x85, 0x74, 0x05, 0x08, 0x02, 0x2A};
    request.sender_acse_requirements = dlms::acse_bit_0();
    request.mechanism_name = unknown;
    const Answer answer = propose(bench, request);
    const auto is_one_of = [&](AcseUserDiagnostic a, AcseUserDiagnostic b) {
        return answer.diagnostic == AssociateDiagnostic::of(a) || answer.diagnostic == AssociateDiagnostic::of(b);
    };
    expect(answer.result != AssociationResult::accepted &&
               (is_one_of(AcseUserDiagnostic::authentication_mechanism_name_not_recognised,
                          AcseUserDiagnostic::authentication_mechanism_name_required) ||
                is_one_of(AcseUserDiagnostic::authentication_failure, AcseUserDiagnostic::authentication_required)),
           "an unknown mechanism of authentication is refused with one of the diagnostics 11 to 14");
}

void dedicated_key_without_ciphering(Bench& bench) {
    const Octets key(16, 0x55);
    dlms::InitiateRequest initiate = usual_initiate();
    initiate.dedicated_key = key;
    // Refused or ignored: `propose` has made sure that it was answered.
    (void)propose(bench, {}, initiate);
}

void quality_of_service(Bench& bench) {
    for (const std::uint8_t quality : Octets{0x00, 0x7F, 0xFF}) {
        dlms::InitiateRequest initiate = usual_initiate();
        initiate.proposed_quality_of_service = quality;
        expect_accepted(propose(bench, {}, initiate), "any quality of service");
    }
}

void dlms_version(Bench& bench) {
    dlms::InitiateRequest initiate = usual_initiate();
    initiate.proposed_dlms_version = 5;
    expect_refused(propose(bench, {}, initiate), InitiateError::dlms_version_too_low, "DLMS version 5");
    initiate.proposed_dlms_version = 7;
    const Answer answer = propose(bench, {}, initiate);
    expect_accepted(answer, "DLMS version 7");
    expect(answer.initiate && answer.initiate->negotiated_dlms_version == dlms::kDlmsVersion,
           "DLMS version 7 is answered with 6");
}

void conformance_block(Bench& bench) {
    dlms::InitiateRequest initiate = usual_initiate();
    const Answer whole = propose(bench, {}, initiate);
    expect_accepted(whole, "a usual conformance block");
    expect(whole.initiate && (whole.initiate->negotiated_conformance & initiate.proposed_conformance) ==
                                 whole.initiate->negotiated_conformance,
           "nothing is negotiated that was not proposed");
    initiate.proposed_conformance = dlms::Conformance::none;
    expect_refused(propose(bench, {}, initiate), InitiateError::incompatible_conformance,
                   "a conformance block without a bit");
}

void receive_size(Bench& bench) {
    dlms::InitiateRequest initiate = usual_initiate();
    initiate.client_max_receive_pdu_size = dlms::kMinPduSize - 1;
    expect_refused(propose(bench, {}, initiate), InitiateError::pdu_size_too_short,
                   "a client-max-receive-pdu-size of 11");
}

/// A value that is given for none of these requests, and an association that stands after each.
void expect_errors(Bench& bench, std::span<const Octets> requests, const std::string& what) {
    Dialogue dialogue(bench, bench.target().public_sap);
    dialogue.associate_publicly();
    for (const Octets& request : requests) {
        const auto answer = dialogue.exchange(request);
        expect(refuses(answer), what);
        if (!answer) dialogue.associate_publicly();
    }
    const auto name = dialogue.exchange(get_request(kAssociationName));
    expect(name && gives_data(*name), "the association stands after requests with errors");
}

void get_with_errors(Bench& bench) {
    const Octets requests[]{
        {0xC0, 0x09, 0xC1, 0x00, 0x0F, 0x00, 0x00, 0x28, 0x00, 0x00, 0xFF, 0x01, 0x00},  // no such type of GET
        {0xC0, 0x01, 0xC1},                                                              // nothing behind the invoke id
        {0xC0, 0x01, 0xC1, 0x00, 0x0F, 0x00, 0x00, 0x28},                                // half a descriptor
        get_request({1, dlms::obis(200, 201, 202, 203, 204, 205), 2}),                   // no such object
        get_request({15, dlms::obis(0, 0, 40, 0, 0), 100}),                              // no such attribute
    };
    expect_errors(bench, requests, "GET with an error gives no data");
}

void set_with_errors(Bench& bench) {
    Dialogue dialogue(bench, bench.target().public_sap);
    dialogue.associate_publicly();
    const Octets requests[]{
        {0xC1, 0x09, 0xC1, 0x00, 0x0F, 0x00, 0x00, 0x28, 0x00, 0x00, 0xFF, 0x01, 0x00, 0x00},
        {0xC1, 0x01, 0xC1},
        {0xC1, 0x01, 0xC1, 0x00, 0x01, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0x02, 0x00, 0x11, 0x01},
        {0xC1, 0x01, 0xC1, 0x00, 0x0F, 0x00, 0x00, 0x28, 0x00, 0x00, 0xFF, 0x01, 0x00, 0x09, 0x06, 1, 2, 3, 4, 5, 6},
    };
    for (const Octets& request : requests) {
        const auto answer = dialogue.exchange(request);
        const auto response = answer ? dlms::decode_set_response(*answer) : dlms::decode_set_response({});
        expect(!response || response->result != dlms::DataAccessResult::success, "SET with an error sets nothing");
        if (!answer) dialogue.associate_publicly();
    }
    const auto name = dialogue.exchange(get_request(kAssociationName));
    expect(name && gives_data(*name), "the association stands after requests with errors");
}

void unsupported_service(Bench& bench) {
    Dialogue dialogue(bench, bench.target().public_sap);
    dialogue.associate_publicly();
    // A read request by short name, which no association with logical names has.
    const auto answer = dialogue.exchange({0x05, 0x01, 0x02, 0xFA, 0x00});
    expect(answer && refuses(answer) && dlms::apdu_tag(*answer) != dlms::ApduTag::get_response,
           "a service that was not negotiated is answered by an exception");
}

/// What a client of short names gets to hear: where the meter takes the context, `service` with a wrong name or variant
/// must be refused in it; where it does not, the context is refused with its diagnostic, and the service too in an
/// association with logical names.
void short_names(Bench& bench, const Octets& service, const std::string& what) {
    const Octets context = [] {
        const ByteView oid = dlms::application_context_oid(dlms::ApplicationContext::short_names);
        return Octets(oid.begin(), oid.end());
    }();
    dlms::InitiateRequest initiate = usual_initiate();
    initiate.proposed_conformance = dlms::Conformance::read | dlms::Conformance::write;
    AssociateRequest request;
    request.application_context_name = context;
    Dialogue dialogue(bench, bench.target().public_sap);
    const Octets octets = dialogue.associate(encode_aarq(request, initiate));
    const auto aare = dlms::decode_aare(octets);
    if (aare->result != AssociationResult::accepted) {
        expect(aare->diagnostic == AssociateDiagnostic::of(AcseUserDiagnostic::application_context_name_not_supported),
               "a meter without short names refuses their context: application-context-name-not-supported");
        dialogue.associate_publicly();
    }
    const auto answer = dialogue.exchange(service);
    // ReadResponse and WriteResponse: count, and for each variable 01 and a reason.
    const bool error =
        answer && answer->size() > 2 && ((*answer)[0] == 0x0C || (*answer)[0] == 0x0D) && (*answer)[2] == 0x01;
    expect(error || refuses(answer), what);
}

void short_name_read(Bench& bench) {
    // variable-name FFF9h: no object begins there
    short_names(bench, {0x05, 0x01, 0x02, 0xFF, 0xF9}, "Read of a short name that does not exist is refused");
}
void short_name_write(Bench& bench) {
    short_names(bench, {0x06, 0x01, 0x02, 0xFF, 0xF9, 0x01, 0x11, 0x01},
                "Write of a short name that does not exist is refused");
}
void short_name_unsupported(Bench& bench) {
    // a Read whose variable access has a choice that the standard does not know
    short_names(bench, {0x05, 0x01, 0x2A, 0xFF, 0xF9}, "a variant of Read that does not exist is refused");
}

void release(Bench& bench) {
    Dialogue dialogue(bench, bench.target().public_sap);
    dialogue.associate_publicly();
    if (bench.target().framing == Framing::hdlc) {
        expect(dialogue.disconnect(), "DISC is answered by UA");
        return;
    }
    const auto answer = dialogue.exchange({0x62, 0x03, 0x80, 0x01, 0x00});
    expect(answer && dlms::decode_rlre(*answer).has_value(), "RLRQ is answered by RLRE");
    expect(refuses(dialogue.exchange(get_request(kAssociationName))), "nothing can be read after the release");
}

constexpr const char* kAcse = "IEC 62056-5-3, 7.2";
constexpr const char* kInitiate = "IEC 62056-5-3, 7.2.4";
constexpr const char* kServices = "IEC 62056-5-3, 7.3";

constexpr Case kCases[]{
    {"APPL_IDLE_N1", "Data exchange without an association", kServices, exchange_without_association},
    {"APPL_OPEN_1", "An association with the declared parameters", kAcse, establish},
    {"APPL_OPEN_2", "Identification of the user", kAcse, user_identification},
    {"APPL_OPEN_3", "Passes 3 and 4 of high level security", "IEC 62056-5-3, 5.3.4", high_level_passes},
    {"APPL_OPEN_4", "protocol-version", kAcse, protocol_version},
    {"APPL_OPEN_5", "application-context-name", kAcse, application_context},
    {"APPL_OPEN_6", "Titles, qualifiers and invocation identifiers", kAcse, unused_fields},
    {"APPL_OPEN_7", "The functional unit of authentication", kAcse, authentication_unit},
    {"APPL_OPEN_9", "A dedicated key without ciphering", kInitiate, dedicated_key_without_ciphering},
    {"APPL_OPEN_11", "Quality of service", kInitiate, quality_of_service},
    {"APPL_OPEN_12", "DLMS version", kInitiate, dlms_version},
    {"APPL_OPEN_13", "Conformance block", kInitiate, conformance_block},
    {"APPL_OPEN_14", "client-max-receive-pdu-size", kInitiate, receive_size},
    {"APPL_DATA_LN_N1", "GET with errors", kServices, get_with_errors},
    {"APPL_DATA_LN_N3", "SET with errors", kServices, set_with_errors},
    {"APPL_DATA_LN_N4", "A service that is not supported", kServices, unsupported_service},
    {"APPL_DATA_SN_N1", "Read by short names", kServices, short_name_read},
    {"APPL_DATA_SN_N2", "Write by short names", kServices, short_name_write},
    {"APPL_DATA_SN_N3", "Variants of short names that are not supported", kServices, short_name_unsupported},
    {"APPL_REL_P1", "Release", kAcse, release},
};

}  // namespace

std::span<const Case> application_cases() { return kCases; }

}  // namespace ferraris::conform
