// The HDLC cases. Where the plan leaves a choice (silence, or FRMR), both pass.
#include "conform/cases.hpp"
#include "conform/dialogue.hpp"
#include "conform/station.hpp"

namespace ferraris::conform {
namespace {

using dlms::hdlc::FrameType;

constexpr auto kAcknowledge = FrameType::unnumbered_acknowledge;
constexpr auto kDisconnected = FrameType::disconnected_mode;

Station station_of(Bench& bench) { return {bench, bench.target().public_sap}; }

void expect_disconnected(Station& station) {
    expect(is(station.ask(control::kDisc), kDisconnected), "DISC is then answered by DM: there is no link");
}

void expect_silence(Bench& bench, Station& station, const RawFrame& frame, const std::string& what) {
    expect(!station.ask(frame), what + " gets no answer");
    // What a receiver took for the beginning of a frame ends with the silence.
    bench.settle(bench.target().inter_frame);
}

void expect_silence_or_reject(Station& station, const RawFrame& frame, const std::string& what) {
    const auto reply = station.ask(frame);
    expect(!reply || is(reply, FrameType::frame_reject), what + " gets no answer, or FRMR");
}

Octets associate_information(const Bench& bench) { return with_llc(public_aarq(bench)); }

void connect_and_disconnect(Bench& bench) {
    Station station = station_of(bench);
    const auto first = station.ask(control::kDisc);
    expect(is(first, kDisconnected) || is(first, kAcknowledge), "DISC is answered by DM or UA");
    (void)station.connect();
    const auto ready = station.ask(control::receive_ready(0));
    expect(is(ready, FrameType::receive_ready) && ready->control.receive_number == 0 && ready->control.poll_final,
           "RR is answered by RR with N(R) 0 and F");
    expect(is(station.ask(control::kDisc), kAcknowledge), "DISC is answered by UA");
    expect_disconnected(station);
}

void inter_frame_timeout(Bench& bench) {
    Station station = station_of(bench);
    (void)station.connect();
    Octets cut = station.frame(control::receive_ready(0)).octets();
    cut.resize(cut.size() / 2);
    bench.send(cut);
    expect(bench.stays_silent(bench.target().inter_frame), "half a frame gets no answer");
    expect(is(station.ask(control::receive_ready(0)), FrameType::receive_ready),
           "the link stands after a frame that was cut short");
}

void inactivity_timeout(Bench& bench) {
    Station station = station_of(bench);
    if (!bench.target().inactivity) {
        throw Finding{Verdict::not_applicable, "no inactivity timeout is given that could be waited for"};
    }
    (void)station.connect();
    expect(bench.stays_silent(*bench.target().inactivity + bench.target().patience), "a link that ends says nothing");
    expect_disconnected(station);
}

void flags_missing(Bench& bench) {
    struct Row {
        bool opening;
        bool closing;
        const char* what;
    };
    for (const Row& row : {Row{false, true, "SNRM without an opening flag"},
                           Row{true, false, "SNRM without a closing flag"}, Row{false, false, "SNRM without flags"}}) {
        Station station = station_of(bench);
        (void)station.ask(control::kDisc);
        // An opening flag that is missing may be the closing one of the frame before: on a fresh line there is none,
        // and on a serial one, which is never fresh, it is forgotten after the timeout.
        if (!row.opening) bench.open();
        bench.settle(bench.target().inter_frame);
        RawFrame frame = station.frame(control::kSnrm);
        frame.opening_flag = row.opening;
        frame.closing_flag = row.closing;
        expect_silence(bench, station, frame, row.what);
        expect_disconnected(station);
    }
}

void frame_too_short(Bench& bench) {
    Station station = station_of(bench);
    const Octets too_short{0x7E, 0xA0, 0x03, 0x7E};
    bench.send(too_short);
    expect(bench.stays_silent(bench.target().patience), "a frame of three octets gets no answer");
    (void)station.connect();
}

void format_type(Bench& bench) {
    for (const std::uint8_t format : Octets{0x00, 0x90, 0xB0, 0xF0}) {
        Station station = station_of(bench);
        (void)station.ask(control::kDisc);
        RawFrame frame = station.frame(control::kSnrm);
        frame.format = format;
        expect_silence(bench, station, frame, "SNRM of another format type");
        expect_disconnected(station);
    }
}

void frame_length(Bench& bench) {
    for (const int error : {-1, 1, 16}) {
        Station station = station_of(bench);
        (void)station.ask(control::kDisc);
        RawFrame frame = station.frame(control::kSnrm);
        frame.length_error = error;
        expect_silence(bench, station, frame, "SNRM with a wrong length");
        expect_disconnected(station);
    }
}

void control_field(Bench& bench) {
    Station station = station_of(bench);
    (void)station.connect();
    expect_silence_or_reject(station, station.frame(0xFF), "a control field that does not exist");
    const auto reply = station.ask(control::kDisc);
    expect(is(reply, kAcknowledge) || is(reply, kDisconnected), "the meter then answers DISC");
}

void header_check(Bench& bench) {
    Station station = station_of(bench);
    (void)station.connect();
    RawFrame frame = station.frame(control::information(0, 0), associate_information(bench));
    frame.header_check_error = 0x0100;
    expect_silence(bench, station, frame, "a frame with a wrong HCS");
    const auto ready = station.ask(control::receive_ready(0));
    expect(is(ready, FrameType::receive_ready) && ready->control.receive_number == 0,
           "the frame with a wrong HCS was not counted");
}

void frame_check(Bench& bench) {
    Station station = station_of(bench);
    (void)station.ask(control::kDisc);
    RawFrame frame = station.frame(control::kSnrm);
    frame.frame_check_error = 0x0001;
    expect_silence(bench, station, frame, "a frame with a wrong FCS");
    expect_disconnected(station);
}

void correct_addresses(Bench& bench) {
    Station station = station_of(bench);
    const Reply reply = station.connect();
    expect(reply.source == bench.target().hdlc_server, "the answer comes from the address that was called");
    expect(reply.destination == dlms::hdlc::Address::client(static_cast<std::uint8_t>(bench.target().public_sap)),
           "the answer goes to the client that called");
}

void two_octet_source(Bench& bench) {
    Station station = station_of(bench);
    RawFrame frame = station.frame(control::kSnrm);
    frame.source = {0x00, frame.source[0]};
    expect_silence_or_reject(station, frame, "SNRM with a client address of two octets");
}

void unknown_destination(Bench& bench) {
    dlms::hdlc::Address upper = bench.target().hdlc_server;
    upper.upper = upper.upper == 0x6A ? 0x6B : 0x6A;
    Station station = station_of(bench);
    RawFrame frame = station.frame(control::kSnrm);
    frame.destination = address_octets(upper);
    expect_silence_or_reject(station, frame, "SNRM to an unknown logical device");
    if (upper.width == 1) return;
    dlms::hdlc::Address lower = bench.target().hdlc_server;
    lower.lower = lower.lower == 0x6A ? 0x6B : 0x6A;
    frame.destination = address_octets(lower);
    expect_silence_or_reject(station, frame, "SNRM to an unknown physical device");
}

void short_destination(Bench& bench) {
    const dlms::hdlc::Address& server = bench.target().hdlc_server;
    Station station = station_of(bench);
    if (server.width == 1) throw Finding{Verdict::not_applicable, "the meter's address has one octet"};
    RawFrame frame = station.frame(control::kSnrm);
    frame.destination = address_octets({server.upper, 0, 1});
    const auto reply = station.ask(frame);
    if (is(reply, kAcknowledge) && reply->source.width == 1) {
        throw Finding{Verdict::not_applicable, "the meter serves addresses of one octet as well"};
    }
    expect(!reply || is(reply, FrameType::frame_reject), "an address of one octet gets no answer, or FRMR");
}

void odd_destination(Bench& bench) {
    for (const Octets& destination : {Octets{0x02, 0x00, 0x23}, Octets{0x00, 0x02, 0x00, 0x00, 0x23}}) {
        Station station = station_of(bench);
        RawFrame frame = station.frame(control::kSnrm);
        frame.destination = destination;
        expect_silence_or_reject(station, frame, "SNRM to an address of three or five octets");
    }
}

dlms::hdlc::LinkParameters negotiated(Station& station, const dlms::hdlc::LinkParameters& proposal) {
    Octets field(dlms::hdlc::kMaxParameterField);
    ByteWriter out(field);
    write_parameters(proposal, dlms::hdlc::LengthWidth::two_octets, out);
    field.resize(out.size());
    const Reply reply = station.connect(field);
    if (reply.information.empty()) return {};
    const auto parameters = dlms::hdlc::parse_parameters(reply.information);
    expect(parameters.has_value(), "the parameters of UA are well formed");
    return *parameters;
}

void information_field_length(Bench& bench) {
    for (const std::uint16_t proposed : {dlms::hdlc::kMaxInformationField, std::uint16_t{128}}) {
        Station station = station_of(bench);
        const auto agreed = negotiated(station, {proposed, proposed, 1, 1});
        expect(agreed.max_information_transmit >= dlms::hdlc::kMinInformationField &&
                   agreed.max_information_transmit <= proposed,
               "the meter sends no longer information fields than the client takes");
        expect(agreed.max_information_receive >= dlms::hdlc::kMinInformationField &&
                   agreed.max_information_receive <= dlms::hdlc::kMaxInformationField,
               "the meter takes information fields of 32 to 2030 octets");
    }
}

void window_size(Bench& bench) {
    constexpr std::uint8_t kProposed = 4;
    Station station = station_of(bench);
    const auto agreed = negotiated(station, {128, 128, kProposed, kProposed});
    expect(agreed.window_transmit >= 1 && agreed.window_transmit <= kProposed,
           "the meter sends no more frames in a row than the client takes");
    expect(agreed.window_receive >= 1 && agreed.window_receive <= dlms::hdlc::kMaxWindow,
           "the meter takes 1 to 7 frames in a row");
}

void information_exchange(Bench& bench) {
    Station station = station_of(bench);
    (void)station.connect();
    const Octets request = associate_information(bench);
    const auto answer = station.ask(station.frame(control::information(0, 0), request));
    expect(is(answer, FrameType::information) && answer->control.receive_number == 1,
           "an AARQ in an I frame is answered by an I frame that confirms it");
    (void)station.connect();
    const auto middle = request.begin() + static_cast<std::ptrdiff_t>(request.size() / 2);
    RawFrame first = station.frame(control::information(0, 0), Octets(request.begin(), middle));
    first.format |= 0x08U;
    const auto ready = station.ask(first);
    expect(is(ready, FrameType::receive_ready) && ready->control.receive_number == 1,
           "the first segment is answered by RR that confirms it");
    const auto whole = station.ask(station.frame(control::information(1, 0), Octets(middle, request.end())));
    expect(is(whole, FrameType::information) && whole->control.receive_number == 2,
           "an AARQ in two segments is answered by an I frame");
}

void too_long_field(Bench& bench) {
    Station station = station_of(bench);
    const auto agreed = negotiated(station, {128, 128, 1, 1});
    Octets field = associate_information(bench);
    field.resize(std::size_t{agreed.max_information_receive} + 1, 0);
    const auto reply = station.ask(station.frame(control::information(0, 0), field));
    expect(!is(reply, FrameType::information), "an information field that is too long is not answered as a request");
    (void)station.connect();
}

void wrong_receive_number(Bench& bench) {
    Station station = station_of(bench);
    (void)station.connect();
    const auto reply = station.ask(station.frame(control::information(0, 5), associate_information(bench)));
    expect(is(reply, FrameType::frame_reject), "an N(R) that confirms what was never sent is answered by FRMR");
}

void wrong_send_number(Bench& bench) {
    Station station = station_of(bench);
    (void)station.connect();
    const auto reply = station.ask(station.frame(control::information(3, 0), associate_information(bench)));
    const bool asks_again = is(reply, FrameType::receive_ready) || is(reply, FrameType::reject);
    expect((asks_again && reply->control.receive_number == 0) || is(reply, FrameType::frame_reject),
           "an N(S) out of turn is answered by RR with the expected number, or FRMR");
}

void information_without_link(Bench& bench) {
    Station station = station_of(bench);
    (void)station.ask(control::kDisc);
    const auto reply = station.ask(station.frame(control::information(0, 0), associate_information(bench)));
    expect(!reply || is(reply, kDisconnected), "an I frame without a link gets no answer, or DM");
}

constexpr const char* kFrames = "IEC 62056-46, 6.4.1";
constexpr const char* kAddresses = "IEC 62056-46, 6.4.2";
constexpr const char* kNegotiation = "IEC 62056-46, 6.4.4.4.3.2";
constexpr const char* kTransfer = "IEC 62056-46, 6.4.4.4.4";

constexpr Case kCases[]{
    {"HDLC_FRAME_P1", "Set up a link, use it, end it", "IEC 62056-46, 6.4.4.4", connect_and_disconnect},
    {"HDLC_FRAME_P2", "Inter-frame timeout", "IEC 62056-46, 6.4.4.3.3", inter_frame_timeout},
    {"HDLC_FRAME_P3", "Inactivity timeout", "IEC 62056-46, 6.4.4.3.3", inactivity_timeout},
    {"HDLC_FRAME_N1", "Flags that are missing", kFrames, flags_missing},
    {"HDLC_FRAME_N2", "A frame that is too short", kFrames, frame_too_short},
    {"HDLC_FRAME_N3", "Format type", kFrames, format_type},
    {"HDLC_FRAME_N4", "Frame length", kFrames, frame_length},
    {"HDLC_FRAME_N5", "Control field", "IEC 62056-46, 6.4.3", control_field},
    {"HDLC_FRAME_N7", "Header check sequence", kFrames, header_check},
    {"HDLC_FRAME_N8", "Frame check sequence", kFrames, frame_check},
    {"HDLC_ADDRESS_P1", "Addresses as declared", kAddresses, correct_addresses},
    {"HDLC_ADDRESS_N1", "Client address of two octets", kAddresses, two_octet_source},
    {"HDLC_ADDRESS_N4", "Unknown server addresses", kAddresses, unknown_destination},
    {"HDLC_ADDRESS_N6", "Server address of one octet where more are declared", kAddresses, short_destination},
    {"HDLC_ADDRESS_N7", "Server addresses of three and five octets", kAddresses, odd_destination},
    {"HDLC_NDM2NRM_P1", "Negotiation of the information field's length", kNegotiation, information_field_length},
    {"HDLC_NDM2NRM_P2", "Negotiation of the window", kNegotiation, window_size},
    {"HDLC_INFO_P1", "Exchange of I frames, whole and in segments", kTransfer, information_exchange},
    {"HDLC_INFO_N1", "An information field that is too long", kTransfer, too_long_field},
    {"HDLC_INFO_N2", "A wrong N(R)", kTransfer, wrong_receive_number},
    {"HDLC_INFO_N3", "A wrong N(S)", kTransfer, wrong_send_number},
    {"HDLC_NDMOP_N1", "An I frame without a link", "IEC 62056-46, 6.4.4.4.2", information_without_link},
};

}  // namespace

std::span<const Case> hdlc_cases() { return kCases; }

}  // namespace ferraris::conform
